create or replace function list_steps(
  workflow_id text
)
returns table (
  step int,
  name text,
  output json,
  error json,
  child_id text,
  attempts int,
  started_at timestamptz,
  completed_at timestamptz,
  retry_at timestamptz
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key
  from workflows w
  where w.workflow_id = list_steps.workflow_id;
  if not found then
    perform _raise_workflow_not_found(list_steps.workflow_id);
  end if;

  return query
  select
    s.step, s.name, s.output, s.error, s.child_id, s.attempts,
    s.started_at, s.completed_at, s.retry_at
  from steps s
  where s.key = v_key
  order by s.step;
end
$$;

comment on function list_steps(text) is
  'The recorded steps of a workflow, in order. child_id is set where the step started a child. While a
failed step waits for its next attempt, completed_at is null, retry_at is that moment, and error is the
list of its errors so far.
Raises PD002 if the workflow does not exist.';
