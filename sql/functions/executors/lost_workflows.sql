create or replace function lost_workflows(
  workflow_keys bigint[],
  tokens bigint[]
)
returns table (
  item int
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  if cardinality(workflow_keys) is distinct from cardinality(tokens) then
    perform _raise(
      'PD001',
      'the arrays given to lost_workflows differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;

  return query
  select g.item::int
  from unnest(workflow_keys, tokens) with ordinality as g (key, token, item)
  where not exists (
    select from tasks t where t.key = g.key and t.token = g.token
    -- Kept apart: as a join it would read all that is active.
    offset 0
  )
  order by g.item;
end
$$;

comment on function lost_workflows(bigint[], bigint[]) is
  'Of workflows that a worker runs, those that are not its own any more: cancelled, timed out, ended, or taken
over. For a worker that was told on channel <schema>.cancelled, or that cannot listen.
workflow_keys, tokens: from claim or start.
Returns a row for each that is lost: its place in the arrays, from 1.
Raises PD001 if the arrays differ in length.';
