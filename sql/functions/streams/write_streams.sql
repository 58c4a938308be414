-- Calls: _hold_tasks, _hold_waiters, _record_now, _wake_waiters.
-- Locks: the tasks, by key; so nobody else writes to these streams.
create or replace function write_streams(
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  names text[],
  "values" json[],
  closes boolean[] default null,
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
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_step_name text;
  v_last stream_entries;
  v_written int[] := '{}'::int[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(write_streams.steps), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality("values"), 0),
    coalesce(cardinality(closes), v_many),
    coalesce(cardinality(in_step), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to write_streams differ in length',
      hint => 'Give each array one element for each value.'
    );
  end if;
  perform _check_text('stream', g.name) from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;

  v_held := _hold_tasks(workflow_keys, tokens);
  perform _hold_waiters(workflow_keys);
  for v_item in 1 .. v_many loop
    item := v_item;
    outcome := null;
    name := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    select e.* into v_last
    from stream_entries e
    where e.key = workflow_keys[item] and e.name = names[item]
    order by e.key desc, e.name desc, e.entry desc
    limit 1;

    v_step_name := case when closes[item] then 'perdure.close_stream' else 'perdure.write_stream' end;
    if in_step[item] is not true then
      select s.name into name
      from steps s
      where s.key = workflow_keys[item] and s.step = write_streams.steps[item];
      if found then
        outcome := case when name = v_step_name then 'recorded before' else 'unexpected step' end;
      end if;
    end if;
    if outcome is null and v_last.closes then
      outcome := 'stream closed';
    end if;
    if outcome is not null then
      return next;
      continue;
    end if;

    if in_step[item] is not true then
      perform _record_now(workflow_keys[item], write_streams.steps[item], v_step_name);
    end if;
    insert into stream_entries (key, name, entry, value, closes, step, written_at)
    values (
      workflow_keys[item], names[item], coalesce(v_last.entry + 1, 0),
      case when closes[item] is not true then "values"[item] end,
      coalesce(closes[item], false), write_streams.steps[item], _now()
    );
    v_written := v_written || item;
  end loop;

  if v_written <> '{}' then
    perform _wake_waiters(
      array(select workflow_keys[w.item] from unnest(v_written) with ordinality as w (item, place) order by w.place),
      'stream',
      array(select names[w.item] from unnest(v_written) with ordinality as w (item, place) order by w.place)
    );
  end if;
end
$$;

comment on function write_streams(bigint[], bigint[], int[], text[], json[], boolean[], boolean[]) is
  'Writes values to streams of workflows that the caller owns, each as a step of its workflow.
workflow_keys, tokens: from claim or start. steps: the number of each step within its workflow.
names: of the streams, 1 to 512 bytes; a stream begins with its first value. "values": an element each.
closes: null, or true to close the stream instead: nothing can be written after that.
in_step: null, or true for what is written by the code of that step: then nothing is recorded of it, and it is
written again when the step is run again.
Returns no row if all were written now; else a row for each that was not, in order: ''stream closed'',
''recorded before'', ''unexpected step'' (name is what is recorded there), ''lease lost''; see record_steps.
Raises PD001 (arrays of different lengths, bad name).';
