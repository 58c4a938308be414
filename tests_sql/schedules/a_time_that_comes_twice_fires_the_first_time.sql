-- Berlin puts its clocks back by an hour at 3:00, New York and Lord Howe, the latter by half an hour, at 2:00.
begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(15);

create function pg_temp.check(zone text, expression text, after timestamptz, expected text)
returns text
language sql
as $$
  select is(
    pg_temp.times(expression, zone, after, 1 + length(expected) - length(replace(expected, ',', ''))),
    expected, format('%s, %s after %s', zone, expression, after)
  )
$$;

select pg_temp.check('Europe/Berlin', '30 2 * * *', '2030-10-26 12:00+00', '10-27 00:30, 10-28 01:30, 10-29 01:30');
select pg_temp.check('Europe/Berlin', '*/30 1-3 * * *', '2030-10-26 23:01+00', '10-26 23:30, 10-27 00:00, 10-27 00:30, 10-27 02:00, 10-27 02:30, 10-28 00:00');
select pg_temp.check('Europe/Berlin', '0 */2 * * *', '2030-10-26 22:00+00', '10-27 00:00, 10-27 03:00');
-- Between the two, and in the second hour.
select pg_temp.check('Europe/Berlin', '30 2 * * *', '2030-10-27 00:30+00', '10-28 01:30');
select pg_temp.check('Europe/Berlin', '30 2 * * *', '2030-10-27 00:59:59+00', '10-28 01:30');
select pg_temp.check('Europe/Berlin', '30 2 * * *', '2030-10-27 01:00+00', '10-28 01:30');
select pg_temp.check('Europe/Berlin', '30 2 * * *', '2030-10-27 01:29:59.5+00', '10-28 01:30');
select pg_temp.check('Europe/Berlin', '59 2,3 * * *', '2030-10-27 01:58+00', '10-27 02:59');
select pg_temp.check('Europe/Berlin', '0 3 * * *', '2030-10-27 01:00+00', '10-27 02:00');
select pg_temp.check('Europe/Berlin', '0 3 * * *', '2030-10-26 12:00+00', '10-27 02:00, 10-28 02:00');

select pg_temp.check('America/New_York', '30 1 * * *', '2030-11-02 12:00+00', '11-03 05:30, 11-04 06:30');
select pg_temp.check('America/New_York', '30 1 * * *', '2030-11-03 06:10+00', '11-04 06:30');
select pg_temp.check('Australia/Lord_Howe', '45 1 * * *', '2030-04-06 12:00+00', '04-06 14:45, 04-07 15:15');
select pg_temp.check('Australia/Lord_Howe', '15,45 1 * * *', '2030-04-06 14:00+00', '04-06 14:15, 04-06 14:45, 04-07 14:45');
select pg_temp.check('Australia/Lord_Howe', '45 1 * * *', '2030-04-06 15:01+00', '04-07 15:15');

select * from finish();
rollback;
