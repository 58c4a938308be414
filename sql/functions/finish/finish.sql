-- Calls: _notify_finished, finish_many.
-- Locks: the task, as finish_many does.
--
-- The usual case is done here without arrays. What failed, holds a deduplication id or does not end is left to
-- finish_many.
create or replace function finish(
  workflow_key bigint,
  token bigint,
  output json default null,
  error json default null
)
returns boolean
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_task record;
  v_outcome text;
begin
  delete from tasks t
  where t.key = workflow_key and t.token = finish.token and not t.deduplicated and finish.error is null
  returning t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deadline, t.app_version
  into v_task;
  if found then
    insert into outcomes (
      key, status, output, attempts, failures, executor_id, token, started_at, completed_at, deadline, app_version
    )
    values (
      workflow_key, 'SUCCESS', finish.output, v_task.attempts, v_task.failures, v_task.executor_id, finish.token,
      v_task.started_at, v_now, v_task.deadline, nullif(v_task.app_version, '')
    );
    if v_task.watched then
      perform _notify_finished(array[workflow_key]);
    end if;
    return true;
  end if;

  select f.outcome into v_outcome
  from finish_many(array[workflow_key], array[finish.token], array[finish.output], array[finish.error]) as f;

  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  end if;
  return v_outcome is null;
end
$$;

comment on function finish(bigint, bigint, json, json) is
  'Ends one workflow that the caller owns: SUCCESS with the output, or ERROR if there is an error.
Returns true if it ended now; false if it failed and will be retried, or if the caller had ended it under
this token before.
Raises PD004 if another executor owns it, or somebody else has ended it.';
