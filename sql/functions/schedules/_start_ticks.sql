-- Calls: _queue, _lane_ids, _create_workflows, _notify_queue, _iso.
--
-- What exists is left out before: it may have been started under another name, and that must not keep the
-- rest, and the claim that fires them, from going on.
create or replace function _start_ticks(
  schedule schedules,
  ticks timestamptz[],
  kind text default ''
)
returns table (
  workflow_id text,
  tick timestamptz,
  created boolean
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_ids text[] := array(
    select format('sched-%s-%s%s', schedule.name, kind, _iso(t.tick, 'UTC'))
    from unnest(ticks) with ordinality as t (tick, item)
    order by t.item
  );
  v_new text[];
  v_inputs json[];
  v_many int;
  v_queue queues;
  v_options enqueue_options;
begin
  select
    array_agg(t.id order by t.item),
    array_agg(json_build_array(_iso(t.tick, schedule.zone), schedule.context) order by t.item)
  into v_new, v_inputs
  from unnest(v_ids, ticks) with ordinality as t (id, tick, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = t.id offset 0
  ) as w on true
  where w.key is null;

  v_many := cardinality(v_new);
  if v_many > 0 then
    v_queue := _queue(schedule.queue, create_queue => true, application => schedule.application);
    v_options.schedule := schedule.name;
    v_options.application := schedule.application;
    if v_queue.partitioned then
      v_options.lane_ids := _lane_ids(v_queue, array_fill(schedule.name, array[v_many]), v_many);
    end if;
    select array_agg(c.workflow_id) into v_new
    from _create_workflows(
      array_fill(schedule.workflow, array[v_many]), v_inputs, v_new, v_queue.queue_id, null,
      array_fill(schedule.max_recovery_attempts, array[v_many]), null, null, null, null, null, v_options
    ) as c
    where c.created;
    perform _notify_queue(v_queue.queue_id);
  end if;

  return query
  select t.id, t.tick, coalesce(t.id = any (v_new), false)
  from unnest(v_ids, ticks) with ordinality as t (id, tick, item)
  order by t.item;
end
$$;

comment on function _start_ticks(schedules, timestamptz[], text) is
  'Enqueues a workflow of a schedule for each of these ticks, unless it exists. kind: what stands before the
time in its id. Returns a row for each: its id, the tick, and whether it is new.';
