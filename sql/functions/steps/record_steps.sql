-- Calls: _record_remaining.
-- Locks: the tasks of the workflows, by key, so that a takeover either comes before (then the
-- token no longer fits and nothing is written) or waits for this transaction.
--
-- The plain case is a step each of workflows that are all owned, nothing of it recorded before: two
-- statements, and no row is returned. The second sees all that others have recorded, because they held the same
-- locks, so it needs no `on conflict`, which costs as much as the insert itself. Whatever is not plain is left to
-- the third statement; and only when something was not recorded now is it looked at row by row.
create or replace function record_steps(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  names text[],
  outputs json[],
  errors json[] default null,
  durations interval[] default null
)
returns table (
  item int,
  outcome text,
  name text,
  output json,
  error json
)
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
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_held int;
  v_new_keys bigint[];
  v_new_steps int[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(record_steps.steps), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality(outputs), 0),
    coalesce(cardinality(errors), v_many),
    coalesce(cardinality(durations), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to record_steps differ in length',
      hint => 'Give each array one element for each step.'
    );
  end if;

  -- Otherwise the second statement sees no more than the first.
  if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
    select count(distinct h.key) into v_held
    from (
      select t.key
      from unnest(workflow_keys, tokens) as g (key, token)
      join tasks t on t.key = g.key and t.token = g.token
      order by t.key
      for no key update of t
    ) as h;
    if v_held = v_many then
      insert into steps (key, step, name, output, error, started_at, completed_at)
      select g.key, g.step, g.name, g.output, g.error, v_now - g.duration, v_now
      from unnest(workflow_keys, record_steps.steps, names, outputs, errors, durations)
        as g (key, step, name, output, error, duration)
      where not exists (
        select
        from unnest(workflow_keys, record_steps.steps) as e (key, step)
        cross join lateral (
          select from steps s where s.key = e.key and s.step = e.step offset 0
        ) as s
      );
      if found then
        return;
      end if;
    end if;
  end if;

  with held as materialized (
    select g.*
    from unnest(workflow_keys, tokens, record_steps.steps, names, outputs, errors, durations)
      with ordinality as g (key, token, step, name, output, error, duration, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for no key update of t
  ),
  recorded as (
    insert into steps (key, step, name, output, error, started_at, completed_at)
    select h.key, h.step, h.name, h.output, h.error, v_now - h.duration, v_now
    from held h
    on conflict (key, step) do nothing
    returning key, step
  )
  select array_agg(r.key), array_agg(r.step)
  into v_new_keys, v_new_steps
  from recorded r;

  if cardinality(v_new_keys) = v_many then
    return;
  end if;
  return query
  select r.*
  from _record_remaining(
    workflow_keys, tokens, record_steps.steps, names, outputs, errors, durations,
    v_new_keys, v_new_steps
  ) as r;
end
$$;

comment on function record_steps(bigint[], bigint[], int[], text[], json[], json[], interval[]) is
  'Records completed steps of workflows that the caller owns, as one transaction. What is recorded
never changes: the first write wins.
workflow_keys, tokens: from claim or start.
steps: the number of each step within its workflow, from 1, in the order in which steps begin.
names, outputs: an element each.
errors: null, or for a failed step what it raised: {name, message, code, data}; null elsewhere.
durations: null, or how long each ran.
Returns no row if all were recorded now; else a row for each that was not, in order:
  ''recorded before'': the caller had recorded it already; name, output and error are what stands;
  ''unexpected step'': a step of another name stands there; name, output and error are what stands;
  ''lease lost'': another executor owns the workflow, or it has ended; nothing was written for it.
Raises PD001 if the arrays differ in length.';
