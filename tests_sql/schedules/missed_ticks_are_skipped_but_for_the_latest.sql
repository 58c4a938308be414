begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(10);

set local perdure.test_clock = '2030-01-01 12:00:30+00';
select create_schedule('five', 'w', '*/5 * * * *', 'UTC', 'pgtap'), create_schedule('seconds', 'w', '* * * * * *', 'UTC', 'pgtap'),
  create_schedule('night', 'w', '0 2 * * *', 'Europe/Berlin', 'pgtap') \g /dev/null

set local perdure.test_clock = '2030-01-03 12:04:59+00';
select is((select next_lapse_in from run_maintenance()), '1 second');
select is(pg_temp.started('five'), '{2030-01-03T12:00:00+00:00}');
select is(pg_temp.started('seconds'), '{2030-01-03T12:04:59+00:00}');
select is(pg_temp.started('night'), '{2030-01-03T01:00:00+00:00}', 'however late');
select is(pg_temp.next('five'), '2030-01-03 12:05+00', 'it goes on from now');

-- A year later, a second after a tick, in the last second before one, and where the clocks have changed between.
set local perdure.test_clock = '2031-01-01 00:00:00.5+00';
select is(fire_schedules(), 3);
select is((pg_temp.started('five'))[2], '2031-01-01T00:00:00+00:00');
select is((pg_temp.started('seconds'))[2], '2031-01-01T00:00:00+00:00');
set local perdure.test_clock = '2031-07-02 23:59:59.999999+00';
select is(fire_schedules(), 3);
select is((pg_temp.started('night'))[3], '2031-07-02T00:00:00+00:00');

select * from finish();
rollback;
