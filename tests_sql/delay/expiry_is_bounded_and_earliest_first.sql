begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap ' || minutes, expires_in => make_interval(mins => minutes))
from unnest('{3, 1, 2, 9}'::int[]) as minutes \g /dev/null
set local perdure.test_clock = '2030-01-01 12:05+00';
select is((select workflows_expired from run_maintenance(2)), 2);
select is(pg_temp.status('pgtap 3'), 'ENQUEUED', 'the last of them is left');
select is((select workflows_expired from run_maintenance(2)), 1);
select is(pg_temp.status('pgtap 9'), 'ENQUEUED', 'it has not expired');

-- One claim cancels a thousand; what is left is not run for that.
select enqueue_many('pay', array_fill('1'::json, '{1001}'), 'pgtap', expires_in => '1 minute') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:06+00';
select is(array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap 9}');
select is(waiting, 1::bigint, 'one waits to be cancelled') from queue_stats('pgtap');

select * from finish();
rollback;
