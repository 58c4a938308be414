begin;
\ir ../_setup.inc
select plan(9);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', delay => '1 minute') \g /dev/null
select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap b, pgtap c}', delay => '2 minutes') \g /dev/null
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap zero', delay => '0') \g /dev/null

select is(pg_temp.status('pgtap a'), 'DELAYED');
select is(wake_at, '2030-01-01 12:01+00'::timestamptz) from get_workflow('pgtap a');
select is(pg_temp.status('pgtap zero'), 'ENQUEUED', 'no delay');
select is(array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap zero}');

set local perdure.test_clock = '2030-01-01 12:00:59.999999+00';
select is_empty(format($$select claim(%s, array['pgtap'], 10)$$, :worker), 'a moment too early');
set local perdure.test_clock = '2030-01-01 12:01+00';
select is(array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap a}', 'at its moment');
select is(started_at, '2030-01-01 12:01+00'::timestamptz) from get_workflow('pgtap a');

set local perdure.test_clock = '2030-01-01 12:02+00';
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap late') \g /dev/null
select is((select workflows_woken from run_maintenance()), 2, 'maintenance wakes what is due, too');
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap b, pgtap c, pgtap late}',
  'in the order of enqueueing'
);

select * from finish();
rollback;
