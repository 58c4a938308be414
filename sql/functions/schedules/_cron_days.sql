create or replace function _cron_days(
  line cron_line,
  year int,
  month int
)
returns int[]
language plpgsql
immutable
set search_path from current
as $$
declare
  v_first date := make_date(year, month, 1);
  v_many int := extract(day from v_first + interval '1 month' - interval '1 day');
  -- The day of the week of the day before the first.
  v_before int := extract(dow from v_first) + 6;
  v_near int;
begin
  if line.days is null and line.weekdays is null then
    return array(select generate_series(1, v_many));
  end if;
  if line.days[1] > 100 then
    v_near := least(line.days[1] - 100, v_many);
    -- A Saturday gives way to its Friday, a Sunday to its Monday, but not out of the month.
    return array[v_near + case (v_before + v_near) % 7
      when 6 then case when v_near > 1 then -1 else 2 end
      when 0 then case when v_near < v_many then 1 else -2 end
      else 0
    end];
  end if;

  -- Both restricted: either will do.
  return array(
    select g.day
    from generate_series(1, v_many) as g (day), lateral (select (v_before + g.day) % 7 as weekday) as w
    where g.day = any (line.days)
      or g.day = v_many and 32 = any (line.days)
      or w.weekday = any (line.weekdays)
      or (g.day + 6) / 7 * 10 + w.weekday = any (line.weekdays)
      or g.day > v_many - 7 and 60 + w.weekday = any (line.weekdays)
    order by g.day
  );
end
$$;

comment on function _cron_days(cron_line, int, int) is 'The days of a month on which a cron line fires, in order.';
