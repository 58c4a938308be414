-- Calls: _check_same_workflows.
create or replace function _existing_workflows(
  keys bigint[],
  holders bigint[],
  workflow_ids text[],
  names text[],
  options enqueue_options,
  created_keys bigint[],
  out ids text[],
  out workflow_keys bigint[]
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  perform _check_same_workflows(workflow_ids, names, options.origins);
  ids := workflow_ids;
  if options.deduplication_ids is not null then
    -- An id that was there already needs no second hold on a deduplication id.
    delete from deduplications d
    where d.key = any (keys) and d.key <> all (coalesce(created_keys, '{}'));
    -- One that was turned away is named by the workflow that holds its deduplication id.
    select array_agg(coalesce(h.workflow_id, g.workflow_id) order by g.item) into ids
    from unnest(keys, holders, workflow_ids) with ordinality as g (key, holder, workflow_id, item)
    left join lateral (
      select w.workflow_id from workflows w where w.key = g.holder and g.holder <> g.key offset 0
    ) as h on true;
  end if;
  -- `offset 0`, here and in what this calls, keeps a look-up apart: as a join, planned on an empty database, it reads
  -- all there is.
  select array_agg(w.key order by g.item) into workflow_keys
  from unnest(ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if array_position(workflow_keys, null) is not null then
    perform _raise_deleted();
  end if;
end
$$;

comment on function _existing_workflows(bigint[], bigint[], text[], text[], enqueue_options, bigint[]) is
  'Of new workflows of which some exist already: the id and the key of each, or of the workflow that holds its
deduplication id. Raises PD003 (id of another workflow), 40001 (one is deleted at this moment).';
