-- A child has a higher key than its parent: it was made later. So in the order of keys parents come first.
create or replace function _family(
  workflow_keys bigint[]
)
returns bigint[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
begin
  return array(
    with recursive family (key) as (
      select g.key from unnest(workflow_keys) as g (key)
      union
      select c.key
      from family f
      cross join lateral (select w.key from workflows w where w.parent_key = f.key offset 0) as c
    )
    select f.key from family f order by f.key
  );
end
$$;

comment on function _family(bigint[]) is 'These workflows with all their descendants, once each, by key.';
