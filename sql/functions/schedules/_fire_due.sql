-- Calls: _due_ticks, _start_ticks.
-- Locks: the schedules that are due, earliest first, skipping what another session is firing.
create or replace function _fire_due(
  max_workflows int
)
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_schedule schedules;
  v_due record;
  v_left int := max_workflows;
  v_fired int := 0;
begin
  for v_schedule in
    select s.*
    from schedules s
    where s.next_at is not null and s.next_at <= v_now
    order by s.next_at
    limit max_workflows
    for update skip locked
  loop
    exit when v_left <= 0;
    -- One that has much to catch up with must not keep the others waiting.
    select * into v_due from _due_ticks(v_schedule, v_now, least(v_left, 100));
    v_fired := v_fired + (select count(*) from _start_ticks(v_schedule, v_due.ticks) as t where t.created);
    v_left := v_left - greatest(cardinality(v_due.ticks), 1);

    update schedules s
    set next_at = v_due.next_at,
        reckoned_at = v_now,
        last_at = coalesce(v_due.ticks[cardinality(v_due.ticks)], s.last_at)
    where s.name = v_schedule.name;
  end loop;
  return v_fired;
end
$$;

comment on function _fire_due(int) is
  'Fires schedules whose next tick has come, at most so many ticks. Returns how many workflows it started.';
