-- Calls: _set_attributes.
create or replace function set_attributes(
  workflow_id text,
  attributes jsonb
)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  perform _set_attributes(set_attributes.workflow_id, set_attributes.attributes);
end
$$;

comment on function set_attributes(text, jsonb) is
  'Replaces the attributes of a workflow, in whatever state it is.
workflow_id: the workflow.
attributes: a JSON object, in place of all that it had; null: none.
Raises PD001 (no object), PD002 (no such workflow).';
