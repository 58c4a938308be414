-- Calls: _notify_finished. For the caller that holds the tasks.
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
begin
  with ended as (
    delete from tasks t
    where t.key = any (workflow_keys)
    returning t.key, t.attempts, t.executor_id, t.started_at, t.watched
  ),
  released as (
    delete from deduplications d
    where d.key = any (workflow_keys)
  ),
  written as (
    insert into outcomes (key, status, error, attempts, executor_id, started_at, completed_at)
    select e.key, _end_tasks.status, _end_tasks.error, e.attempts, e.executor_id, e.started_at, v_now
    from ended e
  )
  select array_agg(e.key) filter (where e.watched) into v_watched
  from ended e;

  if v_watched is not null then
    perform _notify_finished(v_watched);
  end if;
end
$$;

comment on function _end_tasks(bigint[], workflow_status, json) is
  'Ends workflows that no worker ends: expired, cancelled, dead-lettered. The caller holds their tasks.';
