-- Calls: _cron_field.
create or replace function _cron_line(
  expression text
)
returns cron_line
language plpgsql
immutable
set search_path from current
as $$
declare
  v_text text;
  v_fields text[];
  v_days text;
  v_weekdays text;
  v_day_names constant text[] := array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  v_any_day boolean;
  v_any_weekday boolean;
  v_line cron_line;
begin
  perform _check_text('cron line', expression);
  v_text := lower(btrim(expression, E' \t\r\n'));
  v_text := case v_text
    when '@hourly' then '0 * * * *'
    when '@daily' then '0 0 * * *'
    when '@midnight' then '0 0 * * *'
    when '@weekly' then '0 0 * * 0'
    when '@monthly' then '0 0 1 * *'
    when '@yearly' then '0 0 1 1 *'
    when '@annually' then '0 0 1 1 *'
    else v_text
  end;
  v_fields := regexp_split_to_array(v_text, E'[ \t\r\n]+');
  if cardinality(v_fields) not in (5, 6) then
    perform _raise(
      'PD001',
      format('a cron line has 5 or 6 fields, not %s', cardinality(v_fields)),
      detail => format('It is %L.', left(expression, 100)),
      hint => 'Minute, hour, day of the month, month, day of the week, and, if you want them, seconds, last. Or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.'
    );
  end if;

  v_line.minutes := _cron_field('minute', v_fields[1], 0, 59);
  v_line.hours := _cron_field('hour', v_fields[2], 0, 23);
  v_line.months := _cron_field('month', v_fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
  v_line.seconds := case when v_fields[6] is null then '{0}' else _cron_field('second', v_fields[6], 0, 59) end;

  v_days := v_fields[3];
  v_any_day := v_days = '?' or '*' = any (string_to_array(v_days, ','));
  if v_days ~ '^([0-9]{1,2}w|w[0-9]{1,2})$' then
    v_line.days := array[100 + (_cron_field('day of the month', translate(v_days, 'w', ''), 1, 31))[1]];
  elsif v_days <> '?' then
    -- L is the last day, alone; as the end of a range it is the 31st.
    v_days := regexp_replace(v_days, '-l(?=[,/]|$)', '-31', 'g');
    v_line.days := _cron_field('day of the month', array_to_string(array_remove(string_to_array(v_days, ','), 'l'), ','), 1, 31);
    if 'l' = any (string_to_array(v_days, ',')) then
      v_line.days := v_line.days || 32;
    end if;
  end if;

  v_weekdays := v_fields[5];
  v_any_weekday := v_weekdays = '?' or '*' = any (string_to_array(v_weekdays, ','));
  if v_weekdays ~ '^(([0-7]|[a-z]{3})#[1-5]|l[0-7])(,(([0-7]|[a-z]{3})#[1-5]|l[0-7]))*$' then
    v_line.weekdays := array(
      select 10 * coalesce(p.part[2]::int, 6)
        + (_cron_field('day of the week', translate(p.part[1], 'l', ''), 0, 6, v_day_names))[1]
      from unnest(string_to_array(v_weekdays, ',')) as g (item), string_to_array(g.item, '#') as p (part)
    );
  elsif v_weekdays <> '?' then
    v_line.weekdays := _cron_field('day of the week', v_weekdays, 0, 6, v_day_names);
  end if;

  -- A field that allows every day restricts nothing if the other one has a star.
  v_any_day := v_any_day or v_line.days @> array(select generate_series(1, 31)) and v_weekdays ~ '[*]';
  v_any_weekday := v_any_weekday or cardinality(v_line.weekdays) = 7 and v_line.weekdays[7] = 6 and v_fields[3] ~ '[*]';
  if v_any_day then
    v_line.days := null;
  end if;
  if v_any_weekday then
    v_line.weekdays := null;
  end if;
  if v_line.days is not null and v_line.weekdays is not null
    and greatest(v_line.days[1] - 90, v_line.weekdays[1]) >= 10
  then
    perform _raise(
      'PD001',
      'a cron line cannot have W, # or L of a weekday beside another day field',
      detail => format('It is %L.', left(expression, 100)),
      hint => 'Put * into the other day field, or make two schedules.'
    );
  end if;
  return v_line;
end
$$;

comment on function _cron_line(text) is
  'Reads a cron line; cron_next says what it may hold. Raises PD001 if it cannot be read.';
