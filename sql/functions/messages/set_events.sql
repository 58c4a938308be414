-- Calls: _hold_tasks, _hold_waiters, _record_now, _wake_waiters.
-- Locks: the tasks, by key.
create or replace function set_events(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  names text[],
  "values" json[],
  in_step boolean[] default null
)
returns table (
  item int,
  outcome text,
  name text
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
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_set int[] := '{}'::int[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(set_events.steps), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality("values"), 0),
    coalesce(cardinality(in_step), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to set_events differ in length',
      hint => 'Give each array one element for each event.'
    );
  end if;
  perform _check_text('event', g.name) from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;

  v_held := _hold_tasks(workflow_keys, tokens);
  perform _hold_waiters(workflow_keys);
  for v_item in 1 .. v_many loop
    item := v_item;
    name := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    outcome := case
      when in_step[item] then null
      else _record_now(workflow_keys[item], set_events.steps[item], 'perdure.set_event')
    end;
    if outcome is null then
      insert into events (key, name, value, step, set_at)
      values (workflow_keys[item], names[item], "values"[item], set_events.steps[item], _now());
      v_set := v_set || item;
    else
      select s.name into name
      from steps s
      where s.key = workflow_keys[item] and s.step = set_events.steps[item];
      return next;
    end if;
  end loop;

  if v_set <> '{}' then
    perform _wake_waiters(
      array(select workflow_keys[s.item] from unnest(v_set) with ordinality as s (item, place) order by s.place),
      'event',
      array(select names[s.item] from unnest(v_set) with ordinality as s (item, place) order by s.place)
    );
  end if;
end
$$;

comment on function set_events(bigint[], bigint[], int[], text[], json[], boolean[]) is
  'Sets events of workflows that the caller owns, each as a step of its workflow. The newest value of an event
counts; all are kept.
workflow_keys, tokens: from claim or start. steps: the number of each step within its workflow.
names: of the events, 1 to 512 bytes. "values": an element each.
in_step: null, or true for an event that is set by the code of that step: then nothing is recorded of it, and it
is set again when the step is run again.
Returns no row if all were set now; else a row for each that was not, in order: ''recorded before'',
''unexpected step'' (name is what is recorded there), ''lease lost''; see record_steps.
Raises PD001 (arrays of different lengths, bad name).';
