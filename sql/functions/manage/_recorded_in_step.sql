-- For the caller that holds the task, or has found none.
create or replace function _recorded_in_step(
  workflow_key bigint,
  token bigint,
  step int,
  name text
)
returns json
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_name text;
  v_output json;
begin
  perform from tasks t
  where t.key = workflow_key and t.token = _recorded_in_step.token
  for no key update;
  if not found then
    perform _raise_lease_lost(workflow_key);
  end if;

  select s.name, s.output into v_name, v_output
  from steps s
  where s.key = workflow_key and s.step = _recorded_in_step.step;
  if v_name <> _recorded_in_step.name then
    perform _raise_unexpected_step(_recorded_in_step.step, v_name, _recorded_in_step.name);
  end if;
  return v_output;
end
$$;

comment on function _recorded_in_step(bigint, bigint, int, text) is
  'What is recorded of a step of a workflow that the caller owns; null if nothing is. Raises PD004 if the caller does
not own it, PD005 if another step is recorded there.';
