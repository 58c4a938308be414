begin;
\ir ../_setup.inc
select plan(4);

set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || minutes,
  deadline => '2030-01-01 12:00+00'::timestamptz + make_interval(mins => minutes))
from unnest('{3, 1, 2, 9}'::int[]) as minutes \g /dev/null
set local perdure.test_clock = '2030-01-01 12:05+00';
select is((select workflows_timed_out from run_maintenance(2)), 2);
select is(pg_temp.status('pgtap 3'), 'ENQUEUED', 'the last of them is left');
select is((select workflows_timed_out from run_maintenance(2)), 1);
select is(pg_temp.status('pgtap 9'), 'ENQUEUED', 'its deadline has not passed');

select * from finish();
rollback;
