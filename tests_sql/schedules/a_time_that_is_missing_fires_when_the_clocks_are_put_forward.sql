-- Berlin and New York by an hour at 2:00, Lord Howe by half an hour at 2:00.
begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(16);

create function pg_temp.check(zone text, expression text, after text, expected text)
returns text
language sql
as $$
  select is(
    pg_temp.times(expression, zone, after::timestamp at time zone zone, 1 + length(expected) - length(replace(expected, ',', ''))),
    expected, format('%s, %s', zone, expression)
  )
$$;

select pg_temp.check('Europe/Berlin', '30 2 * * *', '2030-03-30 12:00', '03-31 01:00, 04-01 00:30, 04-02 00:30');
select pg_temp.check('Europe/Berlin', '*/15 2 * * *', '2030-03-30 12:00', '03-31 01:00, 04-01 00:00, 04-01 00:15');
select pg_temp.check('Europe/Berlin', '0,30 1-3 * * *', '2030-03-31 00:59', '03-31 00:00, 03-31 00:30, 03-31 01:00, 03-31 01:30, 03-31 23:00');
select pg_temp.check('Europe/Berlin', '5 */2 * * *', '2030-03-31 00:00', '03-30 23:05, 03-31 01:00, 03-31 02:05');
select pg_temp.check('Europe/Berlin', '30 2 31 3 *', '2029-12-31 00:00', '03-31 01:00, 03-31 00:30');
select pg_temp.check('Europe/Berlin', '59 2 * * * 59', '2030-03-30 12:00', '03-31 01:00, 04-01 00:59');
select pg_temp.check('Europe/Berlin', '59 1 * * *', '2030-03-30 12:00', '03-31 00:59, 03-31 23:59');
select pg_temp.check('Europe/Berlin', '0 3 * * *', '2030-03-30 12:00', '03-31 01:00, 04-01 01:00');
select is(
  cron_next('30 2 * * *', 'Europe/Berlin', '2030-03-31 00:59:59.999999+00'), '2030-03-31 01:00+00', 'just before'
);
select is(cron_next('30 2 * * *', 'Europe/Berlin', '2030-03-31 01:00+00'), '2030-04-01 00:30+00', 'just then');

select pg_temp.check('America/New_York', '30 2 * * *', '2030-03-09 12:00', '03-10 07:00, 03-11 06:30');
select pg_temp.check('America/New_York', '0,59 2 * * 0', '2030-03-09 12:00', '03-10 07:00, 03-17 06:00');
select pg_temp.check('Australia/Lord_Howe', '10 2 * * *', '2030-10-05 12:00', '10-05 15:30, 10-06 15:10');
select pg_temp.check('Australia/Lord_Howe', '*/10 2 * * *', '2030-10-05 12:00', '10-05 15:30, 10-05 15:40, 10-05 15:50, 10-06 15:00');
select pg_temp.check('Australia/Lord_Howe', '30 2 * * *', '2030-10-05 12:00', '10-05 15:30, 10-06 15:30');
select is(
  pg_temp.ticks('30 2 * * *', 'Europe/Berlin', '2030-03-30 12:00+00', 2),
  '{2030-03-31T03:00:00+02:00,2030-04-01T02:30:00+02:00}', 'as it is written'
);

select * from finish();
rollback;
