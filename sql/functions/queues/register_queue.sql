create or replace function register_queue(
  queue text
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  perform _check_text('queue', register_queue.queue);
  insert into queues (name)
  values (register_queue.queue)
  on conflict (name) do nothing;
  return found;
end
$$;

comment on function register_queue(text) is
  'Makes a queue. A queue is a row: any number of them may exist, and every worker serves a new
one from its next claim on.
queue: its name, 1 to 512 bytes.
Returns true if it is new, false if it was there already.
Raises PD001 for an empty or overlong name.';
