-- Calls: _hold_tasks, _put_down, _record_now.
-- Locks: the tasks, by key.
--
-- The moment to wake is recorded when the sleep begins; a replay waits for what is left of it.
create or replace function sleep_many(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  durations interval[],
  put_down boolean[] default null
)
returns table (
  item int,
  outcome text,
  name text,
  wait_for interval
)
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_until timestamptz;
  v_down_keys bigint[] := '{}'::bigint[];
  v_down_tokens bigint[] := '{}'::bigint[];
  v_down_waits interval[] := '{}'::interval[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(sleep_many.steps), 0),
    coalesce(cardinality(durations), 0),
    coalesce(cardinality(put_down), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to sleep_many differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;
  if exists (
    select from unnest(durations) as g (duration)
    where (g.duration between interval '0' and interval '100 years') is not true
  ) then
    perform _raise('PD001', 'a sleep is out of range', hint => 'Sleep 0 to 100 years.');
  end if;

  v_held := _hold_tasks(workflow_keys, tokens);
  for v_item in 1 .. v_many loop
    item := v_item;
    name := 'perdure.sleep';
    wait_for := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    v_until := v_now + _exact_span(durations[item]);
    outcome := _record_now(
      workflow_keys[item], sleep_many.steps[item], name, to_json(v_until), retry_at => v_until
    );
    if outcome is not null then
      select s.name, s.retry_at into name, v_until
      from steps s
      where s.key = workflow_keys[item] and s.step = sleep_many.steps[item];
    end if;
    if outcome is distinct from 'unexpected step' then
      wait_for := greatest(v_until - v_now, interval '0');
      outcome := 'sleeping';
      if wait_for > interval '0' and put_down[item]
        and cardinality(array_positions(workflow_keys, workflow_keys[item])) = 1
      then
        outcome := 'put down';
        v_down_keys := v_down_keys || workflow_keys[item];
        v_down_tokens := v_down_tokens || tokens[item];
        v_down_waits := v_down_waits || wait_for;
      end if;
    end if;
    return next;
  end loop;

  if v_down_keys <> '{}' then
    perform _put_down(v_down_keys, v_down_tokens, v_down_waits, 'PENDING');
  end if;
end
$$;

comment on function sleep_many(bigint[], bigint[], int[], interval[], boolean[]) is
  'Begins a sleep in each of these steps of workflows that the caller owns, or goes on with it.
workflow_keys, tokens: from claim or start. steps: the number of each step within its workflow.
durations: how long each sleeps, from the first time it is called; 0 to 100 years.
put_down: true to leave the worker until then, and be claimed again. A workflow that is named more than once
stays.
Returns a row for each, in order:
  ''sleeping'' with wait_for, what is left of it; the step is recorded;
  ''put down'': the workflow left the worker; the token is void;
  ''unexpected step'' (name is what is recorded there), ''lease lost'': as in record_steps.
Raises PD001 (arrays of different lengths, a sleep out of range).';
