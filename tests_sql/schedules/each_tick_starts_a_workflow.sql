begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(18);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select is(
  create_schedule('pgtap', 'report', '*/5 * * * *', 'Europe/Berlin', 'pgtap', '{"b": 1, "a": [2]}', max_recovery_attempts => 3),
  '2030-01-01 12:05+00', 'the first tick is after now'
);
select is((select next_lapse_in from run_maintenance()), '5 minutes', 'a worker should look again then');

set local perdure.test_clock = '2030-01-01 12:04:59.999999+00';
select is(fire_schedules(), 0, 'a moment too early');
set local perdure.test_clock = '2030-01-01 12:05+00';
select is((select next_lapse_in from run_maintenance()), '5 minutes', 'maintenance fires it');
select is(fire_schedules(), 0, 'once');
select results_eq(
  $$select workflow, queue, input::text, status, created_at, app_version from get_workflow('sched-pgtap-2030-01-01T12:05:00+00:00')$$,
  $$
    values ('report', 'pgtap', '["2030-01-01T13:05:00+01:00", {"b": 1, "a": [2]}]', 'ENQUEUED',
      '2030-01-01 12:05+00'::timestamptz, null::text)
  $$,
  'its id has the tick in UTC, its input the tick in the zone, and the context'
);
select is(
  (select max_recovery_attempts from workflows where workflow_id = 'sched-pgtap-2030-01-01T12:05:00+00:00'), 3
);

set local perdure.test_clock = '2030-01-01 12:10:00.9+00';
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)),
  '{sched-pgtap-2030-01-01T12:05:00+00:00,sched-pgtap-2030-01-01T12:10:00+00:00}',
  'a claim fires it, and has it'
);
select is(array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{}', 'once');
select results_eq(
  'select next_at, last_at, created_at from get_schedule(''pgtap'')',
  $$values ('2030-01-01 12:15+00'::timestamptz, '2030-01-01 12:10+00'::timestamptz, '2030-01-01 12:00+00'::timestamptz)$$
);

-- Another schedule, of each second, without context.
select create_schedule('pgtap seconds', 'tick', '* * * * * */2', queue => 'pgtap') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:10:02+00';
select is((select next_lapse_in from run_maintenance()), '2 seconds', 'the earliest of all');
select is(
  (select input::text from get_workflow('sched-pgtap seconds-2030-01-01T12:10:02+00:00')),
  '["2030-01-01T12:10:02+00:00", null]', 'no context is null'
);
set local perdure.test_clock = '2030-01-01 12:20:00+00';
select is(fire_schedules(1), 1, 'at most so many');
select is(fire_schedules(1), 1, 'then the other');
select is(fire_schedules(1), 0, 'then none');

select throws_ok(format('select fire_schedules(%s)', many), 'PD001', format('cannot fire %s workflows', many))
from unnest(array['0', '100001', 'null']) as many;

select * from finish();
rollback;
