create or replace function _descendants(
  workflow_keys bigint[],
  most int default null
)
returns table (
  root_key bigint,
  key bigint
)
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
begin
  return query
  with recursive tree as (
    select g.key as root_key, g.key from unnest(workflow_keys) as g (key)
    union all
    select t.root_key, c.key
    from tree t
    cross join lateral (
      select w.key from workflows w where w.parent_key = t.key offset 0
    ) as c
  )
  select t.root_key, t.key from tree t limit most;
end
$$;

comment on function _descendants(bigint[], int) is
  'These workflows and all below them, level by level, each with the one of these that it is below; at most so many.';
