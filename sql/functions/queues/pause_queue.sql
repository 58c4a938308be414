-- Calls: update_queue.
create or replace function pause_queue(
  queue text
)
returns void
language sql
volatile
security definer
set search_path from current
as $$
  select update_queue(pause_queue.queue, '{"paused": true}')
$$;

comment on function pause_queue(text) is
  'Lets no more workflows of a queue start. What runs goes on; what is enqueued waits. When this returns
no claim is under way any more. Raises PD001 (the internal queue, or a transaction
that is not read committed), PD007 (no such queue).';
