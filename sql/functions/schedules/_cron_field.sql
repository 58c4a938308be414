-- Calls: _cron_value.
--
-- Equal ends are refused: some crons read 5-5 as 5, others as the whole range.
create or replace function _cron_field(
  what text,
  field text,
  low int,
  high int,
  names text[] default '{}'
)
returns int[]
language plpgsql
immutable
set search_path from current
as $$
declare
  v_weekday boolean := what = 'day of the week';
  v_item text;
  v_part text[];
  v_first int;
  v_last int;
  v_step int;
  v_found int[] := array[]::int[];
begin
  foreach v_item in array string_to_array(field, ',') loop
    -- The first value, the last one, the step.
    v_part := regexp_match(v_item, '^(?:[*]|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/([0-9]{1,4}))?$');
    v_step := coalesce(v_part[3]::int, 1);
    if v_part[1] is null then
      v_first := low;
      v_last := high;
    else
      v_first := _cron_value(v_part[1], low, names);
      v_last := coalesce(
        _cron_value(v_part[2], low, names),
        case when v_part[3] is null then v_first else high end
      );
    end if;

    if v_part is null or v_step = 0
      or v_part[1] is not null and v_first is null
      or v_part[2] is not null and _cron_value(v_part[2], low, names) is null
    then
      perform _raise(
        'PD001',
        format('a cron line cannot have %L as %s', left(v_item, 60), what),
        hint => 'Write a number, a range 1-5, a step */5 or 1-30/5, a list of them, or *; months and days may be names.'
      );
    end if;
    if least(v_first, v_last) < low or greatest(v_first, v_last) > high + v_weekday::int then
      perform _raise(
        'PD001',
        format('a cron line cannot have %L as %s', left(v_item, 60), what),
        hint => format('The %s is %s to %s.', what, low, high + v_weekday::int)
      );
    end if;

    -- Sunday is 0, and 7 where a range ends.
    if v_weekday then
      v_first := v_first % 7;
      v_last := case when v_part[2] is null then v_last % 7 when v_last = 0 and v_first > 0 then 7 else v_last end;
    end if;
    if v_part[2] is not null and (v_first = v_last or v_part[1] = v_part[2])
      or v_first > v_last and v_step > 1
    then
      perform _raise(
        'PD001',
        format('a cron line cannot have %L as %s', left(v_item, 60), what),
        hint => 'A range has two ends that differ, and one that goes past the highest value has no step.'
      );
    end if;

    v_found := v_found || case
      when v_first <= v_last then array(select v % (high + 1) from generate_series(v_first, v_last, v_step) as v)
      else array(select v from generate_series(low, high) as v where v >= v_first or v <= v_last)
    end;
  end loop;
  return array(select distinct v from unnest(v_found) as v order by v);
end
$$;

comment on function _cron_field(text, text, int, int, text[]) is
  'The numbers that a field of a cron line allows, in order. what: its name, for errors; names: words for the
numbers from the lowest on. Raises PD001 if it cannot be read.';
