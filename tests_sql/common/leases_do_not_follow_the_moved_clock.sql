begin;
\ir ../_setup.inc
select plan(4);

set local perdure.test_clock = '2100-01-01';
select pg_temp.worker() as worker \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap a') \g /dev/null

select ok(
  lease_until < clock_timestamp() + interval '61 minutes',
  'registering counts from the real moment'
)
from list_executors() where executor_id = :worker;
select ok(
  lease_until < clock_timestamp() + interval '61 minutes',
  'renewing counts from the real moment'
)
from heartbeat(:worker);
select is(
  (select executors_lapsed from run_maintenance()), 0,
  'a lease has not run out because the clock was moved'
);
select ok(alive, 'the worker is alive') from list_executors() where executor_id = :worker;

select * from finish();
rollback;
