-- Calls: _check_zone, _cron_line, _cron_next.
create or replace function cron_next(
  expression text,
  zone text,
  after timestamptz
)
returns timestamptz
language plpgsql
immutable
security definer
set search_path from current
as $$
declare
  v_line cron_line := _cron_line(expression);
  v_next timestamptz;
begin
  perform _check_zone(zone);
  if after between '0001-01-01' and '9900-01-01' is not true then
    perform _raise(
      'PD001',
      format('there is no tick after %s', coalesce(after::text, 'null')),
      hint => 'Give a moment of the years 1 to 9900.'
    );
  end if;
  v_next := _cron_next(v_line, zone, after);
  if v_next is null then
    perform _raise(
      'PD001',
      format('the cron line %L never fires', expression),
      detail => 'It has no tick within 50 years.',
      hint => 'Check its day and its month.'
    );
  end if;
  return v_next;
end
$$;

comment on function cron_next(text, text, timestamptz) is
  'The first tick of a cron line after a moment.
expression: five fields (minute 0-59, hour 0-23, day of the month 1-31, month 1-12 or jan-dec, day of the week
0-7 or sun-sat; 0 and 7 are Sunday), or six, the last of which is seconds 0-59; or @hourly, @daily, @midnight,
@weekly, @monthly, @yearly, @annually. A field is *, a number, a range 1-5, a step */5, 1-30/5 or 5/10, or a list
of these. A range may go past its end: 22-4, fri-mon. Of days, ? is *, L the last of the month, 15W the weekday
nearest to the 15th, fri#2 the second Friday, L5 the last Friday. If both day fields are restricted, either will do.
zone: a time zone by name. A line that names hours follows the clocks there: a time that is missing because
they are put forward fires when that is done, and one that comes twice, because they are put back, fires the
first time. A line for every hour follows the passing of time.
after: a moment; the tick is later than this.
Raises PD001 (a line that cannot be read or has no tick within 50 years, an unknown zone, a bad moment).';
