-- Calls: update_queue.
create or replace function resume_queue(
  queue text
)
returns void
language sql
volatile
security definer
set search_path from current
as $$
  select update_queue(resume_queue.queue, '{"paused": false}')
$$;

comment on function resume_queue(text) is
  'Lets workflows of a paused queue start again. Raises PD001 (the internal queue, or a transaction that is
not read committed), PD007 (no such queue).';
