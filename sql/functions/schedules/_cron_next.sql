-- Calls: _cron_wall, _wall_times.
--
-- A line that names hours follows the clock on the wall: each time that it names is one tick. If that time
-- is missing on a day, the tick is the moment at which the clocks are put forward; if it comes twice, the
-- first. A line for every hour follows the passing of time: a time that is missing is no tick, and one that
-- comes twice is two.
create or replace function _cron_next(
  line cron_line,
  zone text,
  after timestamptz
)
returns timestamptz
language plpgsql
immutable
set search_path from current
as $$
declare
  v_every_hour boolean := cardinality(line.hours) = 24;
  v_local timestamp := after at time zone zone;
  v_wall timestamp;
  v_times record;
begin
  select * into v_times from _wall_times(zone, v_local);
  if v_times.turn is not null and v_every_hour and after < v_times.turn then
    -- These hours will come again: first what is left of them now.
    v_wall := _cron_wall(line, v_local);
    if after + (v_wall - v_local) < v_times.turn then
      return after + (v_wall - v_local);
    end if;
    v_local := v_times.turn at time zone zone - interval '1 microsecond';
  elsif v_times.turn is not null and not v_every_hour and after >= v_times.turn then
    -- These hours have been before: on to where they end.
    v_local := v_times.turn at time zone zone + (v_times.last - v_times.first) - interval '1 microsecond';
  end if;

  loop
    v_wall := _cron_wall(line, v_local);
    select * into v_times from _wall_times(zone, v_wall);
    exit when v_wall is null or v_times.first is not null or not v_every_hour;
    -- Missing: on from where the clocks are put forward to.
    v_local := v_times.turn at time zone zone - interval '1 microsecond';
  end loop;
  return case when v_times.first > after then v_times.first else coalesce(v_times.last, v_times.turn) end;
end
$$;

comment on function _cron_next(cron_line, text, timestamptz) is
  'The first tick of a cron line after a moment, in a zone that is known; null if there is none within 50 years.';
