begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(14);

set local perdure.test_clock = '2030-01-01 12:00+00';
select create_schedule('five', 'w', '*/5 * * * *', queue => 'pgtap', automatic_backfill => true) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:17+00';
select is(fire_schedules(), 3);
select is(
  pg_temp.started('five'), '{2030-01-01T12:05:00+00:00,2030-01-01T12:10:00+00:00,2030-01-01T12:15:00+00:00}', 'in their order'
);

-- A day of minutes, 100 a call, which does not keep another schedule waiting.
select create_schedule('minutes', 'w', '* * * * *', queue => 'pgtap', automatic_backfill => true) \g /dev/null
set local perdure.test_clock = '2030-01-02 12:17+00';
select create_schedule('other', 'w', '* * * * *', queue => 'pgtap') \g /dev/null
set local perdure.test_clock = '2030-01-02 12:18:30+00';
select delete_schedule('five') \g /dev/null
select is(fire_schedules(), 101, 'a bounded number');
select is(cardinality(pg_temp.started('other')), 1);
select is(pg_temp.next('minutes'), '2030-01-01 13:58+00', 'and then from there');
select is((select next_lapse_in from run_maintenance()), '0.1 seconds', 'soon');
select is(cardinality(pg_temp.started('minutes')), 200);
select is(fire_schedules(7), 7, 'or fewer');
select is((select sum(fire_schedules()) from generate_series(1, 13)), 1234::bigint, 'until all are started');
select is(fire_schedules(), 0);
select is(cardinality(pg_temp.started('minutes')), 1441);
select is((pg_temp.started('minutes'))[1441], '2030-01-02T12:18:00+00:00');

-- Several that have much to catch up with share what one call may start.
select create_schedule(name, 'w', '* * * * * *', queue => 'pgtap', automatic_backfill => true)
from unnest('{x,y,z}'::text[]) as name \g /dev/null
set local perdure.test_clock = '2030-01-02 12:18:55+00';
select is(fire_schedules(30), 30);
select is(
  (select array_agg(cardinality(pg_temp.started(name)) order by cardinality(pg_temp.started(name))) from unnest('{x,y,z}'::text[]) as name),
  '{0,5,25}'
);

select * from finish();
rollback;
