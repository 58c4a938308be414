-- Calls: _recorded_in_step, delete_workflows, _record_now.
-- Locks: the task of the caller; then as delete_workflows does.
create or replace function delete_in_step(
  workflow_key bigint,
  token bigint,
  step int,
  workflow_ids text[],
  children boolean default false
)
returns json
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_recorded json;
begin
  v_recorded := _recorded_in_step(workflow_key, delete_in_step.token, delete_in_step.step, 'perdure.delete');
  if v_recorded is not null then
    return v_recorded;
  end if;
  v_recorded := to_json(delete_workflows(delete_in_step.workflow_ids, delete_in_step.children));
  perform _record_now(workflow_key, delete_in_step.step, 'perdure.delete', v_recorded);
  return v_recorded;
end
$$;

comment on function delete_in_step(bigint, bigint, int, text[], boolean) is
  'Deletes workflows from a step of a workflow that the caller owns, and records the step with it. For workflow_ids and
children see delete_workflows.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns how many were removed, as it is recorded.
Raises PD001, PD030 as delete_workflows does, PD004 (lease lost), PD005 (another step is recorded there).';
