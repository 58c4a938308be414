-- Calls: _check_isolation, _hold_executor, _version_back, _tell_returned.
-- Locks: the executor, then its tasks by key.
--
-- Without this a claim whose answer was lost on the way would be held for ever by an executor
-- that is alive and knows nothing of it.
create or replace function reconcile(
  executor_id bigint,
  workflow_keys bigint[]
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
  perform _check_isolation('reconcile');
  perform _hold_executor(reconcile.executor_id);

  with unknown as (
    select t.key
    from tasks t
    where t.executor_id = reconcile.executor_id
      and t.key <> all (coalesce(reconcile.workflow_keys, '{}'))
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
    from unknown u
    where t.key = u.key
    returning t.queue_id
  ),
  told as (
    select _tell_returned(b.queue_id)
    from (select distinct queue_id from handed_back) as b
  )
  select (select count(*) from handed_back) + 0 * (select count(*) from told) into v_handed_back;
  return v_handed_back;
end
$$;

comment on function reconcile(bigint, bigint[]) is
  'For a worker that has lost the answer to claim or start: whatever the executor owns besides the
workflows it names goes back to its queue, without counting as an attempt.
executor_id: from register_executor.
workflow_keys: all that the worker knows it is running.
Returns how many workflows went back.
Raises PD001 (a transaction that is not read committed), PD006 (executor without lease).';
