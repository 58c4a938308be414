-- Also where the clocks are put forward or back: a time that is missing is no tick, one that comes twice is two.
begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(13);

create function pg_temp.check(zone text, expression text, after timestamptz, expected text)
returns text
language sql
as $$
  select is(
    pg_temp.times(expression, zone, after, 1 + length(expected) - length(replace(expected, ',', ''))),
    expected, format('%s, %s after %s', zone, expression, after)
  )
$$;

select pg_temp.check('Europe/Berlin', '*/30 * * * *', '2030-03-31 00:00+00', '03-31 00:30, 03-31 01:00, 03-31 01:30, 03-31 02:00');
select pg_temp.check('Europe/Berlin', '30 * * * *', '2030-03-31 00:00+00', '03-31 00:30, 03-31 01:30, 03-31 02:30');
select pg_temp.check('Europe/Berlin', '*/30 * * * *', '2030-10-26 23:45+00', '10-27 00:00, 10-27 00:30, 10-27 01:00, 10-27 01:30, 10-27 02:00');
select pg_temp.check('Europe/Berlin', '30 0-23 * * *', '2030-10-26 23:45+00', '10-27 00:30, 10-27 01:30, 10-27 02:30');
select pg_temp.check('Europe/Berlin', '15 * 27 10 *', '2030-10-26 23:45+00', '10-27 00:15, 10-27 01:15, 10-27 02:15');
-- The first of these hours is past its tick, the second is not.
select pg_temp.check('Europe/Berlin', '0 * * * *', '2030-10-27 00:59:59.9+00', '10-27 01:00, 10-27 02:00');
select pg_temp.check('Europe/Berlin', '10 * * * *', '2030-10-27 00:20+00', '10-27 01:10, 10-27 02:10');
select pg_temp.check('Europe/Berlin', '10 * * * *', '2030-10-27 01:05+00', '10-27 01:10, 10-27 02:10');

select pg_temp.check('America/New_York', '30 * * * *', '2030-03-10 06:00+00', '03-10 06:30, 03-10 07:30');
select pg_temp.check('America/New_York', '30 * * * *', '2030-11-03 05:00+00', '11-03 05:30, 11-03 06:30, 11-03 07:30');
select pg_temp.check('Australia/Lord_Howe', '*/15 * * * *', '2030-10-05 15:00+00', '10-05 15:15, 10-05 15:30, 10-05 15:45');
select pg_temp.check('Australia/Lord_Howe', '10 * * * *', '2030-10-05 14:30+00', '10-05 14:40, 10-05 16:10');
select pg_temp.check('Australia/Lord_Howe', '45 * * * *', '2030-04-06 14:00+00', '04-06 14:45, 04-06 15:15, 04-06 16:15');

select * from finish();
rollback;
