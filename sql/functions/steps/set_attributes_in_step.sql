-- Calls: _hold_tasks, _record_now, _set_attributes.
-- Locks: the task of the workflow that runs; then the workflow that is changed.
create or replace function set_attributes_in_step(
  workflow_key bigint,
  token bigint,
  step int,
  workflow_id text,
  attributes jsonb
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  if _hold_tasks(array[workflow_key], array[set_attributes_in_step.token]) = '{}' then
    perform _raise_lease_lost(workflow_key);
  end if;
  v_outcome := _record_now(workflow_key, set_attributes_in_step.step, 'perdure.set_attributes');
  if v_outcome = 'unexpected step' then
    select s.name into v_recorded from steps s where s.key = workflow_key and s.step = set_attributes_in_step.step;
    perform _raise_unexpected_step(set_attributes_in_step.step, v_recorded, 'perdure.set_attributes');
  elsif v_outcome is null then
    perform _set_attributes(set_attributes_in_step.workflow_id, set_attributes_in_step.attributes);
  end if;
  return v_outcome is null;
end
$$;

comment on function set_attributes_in_step(bigint, bigint, int, text, jsonb) is
  'Replaces the attributes of a workflow, its own or another, as a step of a workflow that the caller owns: when it is
replayed, what somebody has set since stays. For the rest see set_attributes.
Returns true if they were set now, false if the step was recorded before.
Raises PD001, PD002 as set_attributes does, PD004 (lease lost), PD005 (another step is recorded there).';
