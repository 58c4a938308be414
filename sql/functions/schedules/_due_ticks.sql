-- Calls: _cron_line, _cron_next.
--
-- The latest of many missed ticks is found by halving the time in which it must be: a line for each second
-- has 31 million a year.
create or replace function _due_ticks(
  schedule schedules,
  now timestamptz,
  max_ticks int,
  out ticks timestamptz[],
  out next_at timestamptz
)
language plpgsql
immutable
set search_path from current
as $$
declare
  v_line cron_line;
  v_early timestamptz;
  v_late timestamptz := now;
  v_middle timestamptz;
begin
  v_line := _cron_line(schedule.cron);
  ticks := array[schedule.next_at];
  next_at := _cron_next(v_line, schedule.zone, schedule.next_at);
  if schedule.automatic_backfill then
    while next_at <= now and cardinality(ticks) < max_ticks loop
      ticks := ticks || next_at;
      next_at := _cron_next(v_line, schedule.zone, next_at);
    end loop;
  elsif next_at <= now then
    -- There is a tick between early and now, and none between late and now.
    v_early := schedule.next_at;
    while v_late - v_early > interval '1 second' loop
      v_middle := v_early + (v_late - v_early) / 2;
      if _cron_next(v_line, schedule.zone, v_middle) <= now then
        v_early := v_middle;
      else
        v_late := v_middle;
      end if;
    end loop;
    ticks := array[_cron_next(v_line, schedule.zone, v_early)];
    next_at := _cron_next(v_line, schedule.zone, ticks[1]);
  end if;
exception
  -- Its zone is not known any more, or its line is not read any more, by this version: it must not keep the
  -- others from going on.
  when invalid_parameter_value or sqlstate 'PD001' then
    ticks := '{}';
    next_at := null;
end
$$;

comment on function _due_ticks(schedules, timestamptz, int) is
  'What a schedule whose next tick has come starts now, and its next tick after that: all that were missed, at
most so many, or only the latest. Without next tick: it cannot be reckoned.';
