-- Calls: _check_origins.
create or replace function _set_attributes(
  workflow_id text,
  attributes jsonb
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
  v_attributes jsonb := case when jsonb_typeof(_set_attributes.attributes) <> 'null' then _set_attributes.attributes end;
begin
  perform _check_origins(array[row(v_attributes, null, null, null, null, null)::workflow_origin]);
  update workflows w
  set attributes = v_attributes
  where w.workflow_id = _set_attributes.workflow_id;
  if not found then
    perform _raise_workflow_not_found(_set_attributes.workflow_id);
  end if;
end
$$;

comment on function _set_attributes(text, jsonb) is
  'Gives a workflow these attributes. Raises PD001 if they are no object, PD002 if it does not exist.';
