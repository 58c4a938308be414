-- Calls: _due_ticks.
--
-- Once the clock has been set back, the next tick may be much later than the present needs: the ticks between
-- would be skipped. Ticks that were fired before come again, and their ids keep them from being started twice.
create or replace function _turn_back_schedules()
returns void
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
begin
  for v_schedule in
    select s.*
    from schedules s
    where s.reckoned_at > v_now and s.next_at > v_now
    order by s.reckoned_at
    limit 1000
    for update skip locked
  loop
    v_schedule.next_at := v_now;
    update schedules s
    set next_at = least(s.next_at, d.next_at),
        reckoned_at = v_now
    from _due_ticks(v_schedule, v_now, 1) as d
    where s.name = v_schedule.name;
  end loop;
end
$$;

comment on function _turn_back_schedules() is
  'Gives up to 1000 schedules whose next tick was reckoned in what is now the future, because the clock was set back, the
next tick after the present.';
