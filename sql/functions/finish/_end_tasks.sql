-- Calls: _notify_finished, _notify_cancelled. For the caller that holds the tasks.
create or replace function _end_tasks(
  workflow_keys bigint[],
  status workflow_status,
  error json
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_watched bigint[];
  v_running bigint[];
begin
  with ended as (
    delete from tasks t
    where t.key = any (workflow_keys)
    returning t.key, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deadline,
      t.app_version
  ),
  released as (
    delete from deduplications d
    where d.key = any (workflow_keys)
  ),
  written as (
    insert into outcomes (
      key, status, error, attempts, failures, executor_id, started_at, completed_at, deadline, app_version
    )
    select
      e.key, _end_tasks.status, _end_tasks.error, e.attempts, e.failures, e.executor_id, e.started_at, v_now,
      e.deadline, nullif(e.app_version, '')
    from ended e
  )
  select
    array_agg(e.key) filter (where e.watched),
    array_agg(e.key) filter (where e.executor_id is not null)
  into v_watched, v_running
  from ended e;

  if v_watched is not null then
    perform _notify_finished(v_watched);
  end if;
  if v_running is not null then
    perform _notify_cancelled(v_running);
  end if;
end
$$;

comment on function _end_tasks(bigint[], workflow_status, json) is
  'Ends workflows that no worker ends: expired, timed out, cancelled, dead-lettered; the executor that runs one
is told. The caller holds their tasks.';
