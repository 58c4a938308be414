-- Calls: _check_isolation, _hold_tasks, _take_message, _newest_event, _await, _put_down.
-- Locks: the tasks of the waiting workflows, by key; then, for each that has to wait, tries for the lock
-- that keeps its writers away.
--
-- One step of a workflow that waits for a message or an event. When it begins, the moment at which it
-- gives up is recorded with it, so that a replay does not wait anew. Either it takes what it waits for or
-- it has timed out: that is decided here, under the lock of the task, and recorded with it.
--
-- A workflow that is named twice is not put down: one of its waits may have come to an end.
create or replace function _wait_in_steps(
  kind text,
  step_name text,
  workflow_keys bigint[],
  tokens bigint[],
  steps int[],
  target_keys bigint[],
  names text[],
  timeouts interval[],
  put_down boolean[]
)
returns table (
  item int,
  outcome text,
  name text,
  value json,
  error json,
  wait_for interval
)
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
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_key bigint;
  v_step steps;
  v_until timestamptz;
  v_got boolean;
  v_down_items int[] := '{}'::int[];
  v_down_waits interval[] := '{}'::interval[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(_wait_in_steps.steps), 0),
    coalesce(cardinality(target_keys), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality(timeouts), v_many),
    coalesce(cardinality(put_down), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays of those who wait differ in length',
      hint => 'Give each array one element for each workflow that waits.'
    );
  end if;
  if exists (select from unnest(timeouts) as g (timeout) where g.timeout < interval '0' or g.timeout > interval '100 years') then
    perform _raise('PD001', 'a timeout is out of range', hint => 'Give 0 to 100 years, or null to wait for ever.');
  end if;

  perform _check_isolation('waiting for messages and events');
  v_held := _hold_tasks(workflow_keys, tokens);
  for v_item in 1 .. v_many loop
    item := v_item;
    v_key := workflow_keys[item];
    name := step_name;
    value := null;
    error := null;
    wait_for := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    select s.* into v_step
    from steps s
    where s.key = v_key and s.step = _wait_in_steps.steps[item];
    if found and (v_step.name <> step_name or v_step.completed_at is not null) then
      outcome := case when v_step.name <> step_name then 'unexpected step' else 'recorded before' end;
      name := v_step.name;
      value := v_step.output;
      error := v_step.error;
      return next;
      continue;
    end if;

    v_until := coalesce(v_step.retry_at, v_now + _exact_span(coalesce(timeouts[item], interval '100 years')));
    outcome := null;
    for v_look in 1 .. 2 loop
      if kind = 'message' then
        select true, m.message into v_got, value from _take_message(v_key, names[item]) as m;
      else
        select true, e.value into v_got, value from _newest_event(target_keys[item], names[item]) as e;
      end if;
      exit when v_got or v_until <= v_now or v_look = 2;
      if not _await(target_keys[item], kind, names[item], v_key) then
        outcome := 'look again';
        exit;
      end if;
    end loop;

    if v_got or v_until <= v_now then
      outcome := case when v_got then 'received' else 'timed out' end;
      insert into steps (key, step, name, output, started_at, completed_at)
      values (v_key, _wait_in_steps.steps[item], step_name, value, v_now, v_now)
      on conflict (key, step) do update
      set output = excluded.output, completed_at = excluded.completed_at, retry_at = null;
      delete from waits w
      where w.target_key = target_keys[item] and w.kind = _wait_in_steps.kind
        and w.name = names[item] and w.waiter_key = v_key;
    else
      wait_for := case when outcome = 'look again' then least(interval '20 milliseconds', v_until - v_now) else v_until - v_now end;
      if v_step.key is null then
        insert into steps (key, step, name, started_at, completed_at, retry_at)
        values (v_key, _wait_in_steps.steps[item], step_name, v_now, null, v_until)
        on conflict (key, step) do nothing;
      end if;
      if outcome is null then
        outcome := 'waiting';
        if put_down[item] and cardinality(array_positions(workflow_keys, v_key)) = 1 then
          outcome := 'put down';
          v_down_items := v_down_items || item;
          v_down_waits := v_down_waits || wait_for;
        end if;
      end if;
    end if;
    return next;
  end loop;

  if v_down_items <> '{}' then
    perform _put_down(
      (select array_agg(workflow_keys[d.item] order by d.place) from unnest(v_down_items) with ordinality as d (item, place)),
      (select array_agg(tokens[d.item] order by d.place) from unnest(v_down_items) with ordinality as d (item, place)),
      v_down_waits,
      'PENDING'
    );
  end if;
end
$$;

comment on function _wait_in_steps(
  text, text, bigint[], bigint[], int[], bigint[], text[], interval[], boolean[]
) is
  'The body of recv_many and await_events: what they return.';
