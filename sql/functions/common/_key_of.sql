create or replace function _key_of(
  workflow_id text
)
returns bigint
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key from workflows w where w.workflow_id = _key_of.workflow_id;
  if not found then
    perform _raise_workflow_not_found(_key_of.workflow_id);
  end if;
  return v_key;
end
$$;

comment on function _key_of(text) is 'The key of a workflow. Raises PD002 if there is none of this id.';
