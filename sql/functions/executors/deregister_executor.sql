-- Calls: _check_isolation, _version_back, _tell_returned.
-- Locks: the executor, then its tasks by key.
create or replace function deregister_executor(
  executor_id bigint
)
returns int
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_handed_back int;
begin
  perform _check_isolation('deregister_executor');
  perform from executors e
  where e.executor_id = deregister_executor.executor_id
  for update;

  with held as (
    select t.key
    from tasks t
    where t.executor_id = deregister_executor.executor_id
    order by t.key
    for update
  ),
  handed_back as (
    update tasks t
    set status = 'ENQUEUED', executor_id = null, token = null, resumed = true,
        attempts = t.attempts - 1, placed = false,
        app_version = case
          when t.app_version = '' then '' else _version_back(t.key, t.attempts, t.app_version)
        end
    from held h
    where t.key = h.key
    returning t.queue_id
  ),
  told as (
    select _tell_returned(b.queue_id)
    from (select distinct queue_id from handed_back) as b
  )
  select (select count(*) from handed_back) + 0 * (select count(*) from told) into v_handed_back;

  delete from executors e
  where e.executor_id = deregister_executor.executor_id;
  return v_handed_back;
end
$$;

comment on function deregister_executor(bigint) is
  'Ends an executor in good order: what it still runs goes back to its queues at once, without
counting as an attempt. Returns how many workflows went back. An unknown executor is no error.
Raises PD001 in a transaction that is not read committed.';
