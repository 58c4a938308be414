-- Calls: _hold_tasks.
-- Locks: the tasks, by key, as whatever records the steps does.
create or replace function place_steps(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  places text[]
)
returns boolean
language plpgsql
security definer
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
  if cardinality(workflow_keys) is distinct from cardinality(place_steps.steps)
    or cardinality(workflow_keys) is distinct from cardinality(place_steps.places) then
    perform _raise(
      'PD001',
      'the arrays given to place_steps differ in length',
      hint => 'Give each array one element for each step.'
    );
  end if;
  v_held := _hold_tasks(workflow_keys, tokens);
  insert into places (key, step, place)
  select workflow_keys[h.item], place_steps.steps[h.item], place_steps.places[h.item]
  from unnest(v_held) as h (item)
  where place_steps.places[h.item] is not null
  on conflict (key, step) do nothing;
  return cardinality(v_held) = cardinality(workflow_keys);
end
$$;

comment on function place_steps(bigint[], bigint[], int[], text[]) is
  'Tells to which place in the code of its workflow the number of a step belongs: claim hands it out with the step. For
branches of code that run side by side and take several steps each: in which order those begin, and so which numbers they
get, depends on time, and a replay finds them by their places. It is called in the transaction that records the step;
or before the step begins, if its number must not change from then on. A worker may do without, for steps whose numbers each
run gives alike.
workflow_keys, tokens: from claim or start; what the caller does not own is passed over.
steps: the numbers.
places: texts that mean something to the worker alone, unique in their workflow; null for a step without one. The first
place of a number stays.
Returns whether the caller owns all of them.
Raises PD001 if the arrays differ in length.';
