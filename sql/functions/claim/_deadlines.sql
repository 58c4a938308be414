create or replace function _deadlines(
  workflow_keys bigint[]
)
returns timestamptz[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
begin
  return array(
    select (select t.deadline from tasks t where t.key = g.key)
    from unnest(workflow_keys) with ordinality as g (key, item)
    order by g.item
  );
end
$$;

comment on function _deadlines(bigint[]) is 'The deadline of each of these workflows; null if it is not active.';
