-- Calls: _recorded_in_step.
-- Looks before anything else is looked up or locked: what the step was about may be gone by now.
create or replace function _recorded_before(
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
begin
  if exists (
    select from steps s where s.key = workflow_key and s.step = _recorded_before.step
  ) then
    return _recorded_in_step(workflow_key, _recorded_before.token, _recorded_before.step, _recorded_before.name);
  end if;
  return null;
end
$$;

comment on function _recorded_before(bigint, bigint, int, text) is
  'As _recorded_in_step, but locks nothing if nothing is recorded.';
