-- Calls: _cron_days.
--
-- Field by field: width_bucket counts those that are not after a value, so the next element is the first
-- one after it. A line that never fires is given up after 50 years of its months.
create or replace function _cron_wall(
  line cron_line,
  after timestamp
)
returns timestamp
language plpgsql
immutable
set search_path from current
as $$
declare
  v_after timestamp := date_trunc('second', after);
  v_year int := extract(year from v_after);
  v_month int := extract(month from v_after);
  v_day int := extract(day from v_after);
  v_hour int := extract(hour from v_after);
  v_minute int := extract(minute from v_after);
  v_second int;
  v_last_year int := v_year + 50;
  v_days int[];
  v_next int;
begin
  if v_month = any (line.months) then
    v_days := _cron_days(line, v_year, v_month);
    if v_day = any (v_days) then
      -- Later in this minute, in this hour, on this day.
      if v_hour = any (line.hours) then
        if v_minute = any (line.minutes) then
          v_second := extract(second from v_after);
          v_second := line.seconds[width_bucket(v_second, line.seconds) + 1];
        end if;
        if v_second is null then
          v_minute := line.minutes[width_bucket(v_minute, line.minutes) + 1];
          v_second := line.seconds[1];
        end if;
      else
        v_minute := null;
      end if;
      if v_minute is null then
        v_hour := line.hours[width_bucket(v_hour, line.hours) + 1];
        v_minute := line.minutes[1];
        v_second := line.seconds[1];
      end if;
      if v_hour is not null then
        return make_timestamp(v_year, v_month, v_day, v_hour, v_minute, v_second);
      end if;
    end if;
    v_next := v_days[width_bucket(v_day, v_days) + 1];
  end if;

  while v_next is null loop
    v_month := line.months[width_bucket(v_month, line.months) + 1];
    if v_month is null then
      v_month := line.months[1];
      v_year := v_year + 1;
      if v_year > v_last_year then
        return null;
      end if;
    end if;
    v_next := (_cron_days(line, v_year, v_month))[1];
  end loop;
  return make_timestamp(v_year, v_month, v_next, line.hours[1], line.minutes[1], line.seconds[1]);
end
$$;

comment on function _cron_wall(cron_line, timestamp) is
  'The first time after this one, on a clock that is never put forward or back, at which a cron line fires;
null if there is none within 50 years.';
