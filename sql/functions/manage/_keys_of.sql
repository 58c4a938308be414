create or replace function _keys_of(
  workflow_ids text[]
)
returns bigint[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_unknown text;
begin
  -- Kept apart: as a join that was planned on an empty table it reads all there is.
  select array_agg(w.key order by g.item), min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_keys, v_unknown
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  return coalesce(v_keys, '{}');
end
$$;

comment on function _keys_of(text[]) is 'The keys of these workflows, in order. Raises PD002 if one does not exist.';
