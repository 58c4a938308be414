begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(15);

set local perdure.test_clock = '2030-01-01 12:00:30+00';
select create_schedule('pgtap', 'w', '*/5 * * * *', queue => 'pgtap') \g /dev/null

-- Forward by a year, as after a long sleep; then back.
set local perdure.test_clock = '2031-01-01 12:00:30+00';
select is(fire_schedules(), 1);
set local perdure.test_clock = '2030-01-01 12:01+00';
select is((select next_lapse_in from run_maintenance()), '4 minutes', 'it fires again before that year is over');
select is(pg_temp.next('pgtap'), '2030-01-01 12:05+00');
set local perdure.test_clock = '2030-01-01 12:05:01+00';
select is(fire_schedules(), 1);
select is(pg_temp.started('pgtap'), '{2031-01-01T12:00:00+00:00,2030-01-01T12:05:00+00:00}', 'once each');

-- Back by a little, over a tick that has fired, and once more.
set local perdure.test_clock = '2030-01-01 12:04:59+00';
select is((select next_lapse_in from run_maintenance()), '1 second');
set local perdure.test_clock = '2030-01-01 12:05:00.5+00';
select is(fire_schedules(), 0, 'it has been started');
set local perdure.test_clock = '2030-01-01 12:04:59+00';
select is(fire_schedules(), 0);
set local perdure.test_clock = '2030-01-01 12:10+00';
select is(fire_schedules(), 1);
select is(
  pg_temp.started('pgtap'), '{2031-01-01T12:00:00+00:00,2030-01-01T12:05:00+00:00,2030-01-01T12:10:00+00:00}'
);

-- What was made, or resumed, while the clock was wrong.
set local perdure.test_clock = '2040-01-01 12:00+00';
select create_schedule('made', 'w', '0 * * * *', queue => 'pgtap'),
  create_schedule('paused', 'w', '0 * * * *', queue => 'pgtap'), pause_schedule('paused'), pause_schedule('pgtap'), resume_schedule('pgtap') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:11+00';
select is(fire_schedules(), 0);
select is(pg_temp.next('made'), '2030-01-01 13:00+00');
select is(pg_temp.next('pgtap'), '2030-01-01 12:15+00');
select is(pg_temp.next('paused'), null, 'what is paused stays so');

-- One that is due is fired, and not put off.
update schedules set reckoned_at = '2035-01-01+00';
set local perdure.test_clock = '2030-01-01 13:00+00';
select is(fire_schedules(), 2);

select * from finish();
rollback;
