-- Locks: the tasks, by key.
create or replace function _hold_tasks(
  workflow_keys bigint[],
  tokens bigint[]
)
returns int[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_held int[];
begin
  if cardinality(workflow_keys) is distinct from cardinality(tokens) then
    perform _raise(
      'PD001',
      'workflow_keys and tokens differ in length',
      hint => 'Give both arrays one element for each workflow.'
    );
  end if;
  with held as materialized (
    select g.item
    from unnest(workflow_keys, tokens) with ordinality as g (key, token, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for no key update of t
  )
  select array_agg(h.item) into v_held from held h;
  return coalesce(v_held, '{}');
end
$$;

comment on function _hold_tasks(bigint[], bigint[]) is
  'Keeps the workflows that the caller owns from ending or changing hands until the end of the transaction.
Returns the items, from 1, that it does own.';
