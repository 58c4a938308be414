-- Calls: _raise_lease_lost.
-- Locks: the task.
--
-- Whether the run has passed this point is told by what is recorded: a step with this number or, as steps
-- that run side by side may be recorded out of order, a later one. Only another run can have recorded those:
-- the first one is always new.
create or replace function patch(
  workflow_key bigint,
  token bigint,
  step int,
  name text
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
  v_step_name text := 'perdure.patch-' || patch.name;
  v_recorded text;
  v_resumed boolean;
begin
  perform _check_text('patch name', patch.name);
  select t.resumed into v_resumed
  from tasks t
  where t.key = workflow_key and t.token = patch.token
  for no key update;
  if not found then
    perform _raise_lease_lost(workflow_key);
  end if;

  select s.name into v_recorded from steps s where s.key = workflow_key and s.step = patch.step;
  if found then
    return v_recorded = v_step_name;
  end if;
  if v_resumed and exists (select from steps s where s.key = workflow_key and s.step > patch.step) then
    return false;
  end if;
  insert into steps (key, step, name, output, started_at, completed_at)
  values (workflow_key, patch.step, v_step_name, 'true', _now(), _now());
  return true;
end
$$;

comment on function patch(bigint, bigint, int, text) is
  'For a change of workflow code: whether this run takes the new way. True for a run that comes to this point for the
first time: then it is recorded as a step. False for a run that had passed this point before it had the patch: then
the next step has the same number. The same call gives the same answer on every replay.
workflow_key, token: from claim or start.
step: the number of the next step.
name: of the patch, 1 to 512 bytes; the step is named perdure.patch-<name>.
Raises PD001 (bad name), PD004 (lease lost).
When no run without the patch is left, deprecate_patch takes its place.';
