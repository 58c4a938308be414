begin;
\ir ../_setup.inc
select plan(14);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap a, pgtap b}', expires_in => '1 minute') \g /dev/null
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap delayed', expires_in => '1 minute', delay => '1 hour') \g /dev/null
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap later', expires_in => '1 hour') \g /dev/null
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap never') \g /dev/null

set local perdure.test_clock = '2030-01-01 12:00:59.999999+00';
select is((select workflows_expired from run_maintenance()), 0, 'a moment too early');
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap a}', 'it may start until then');
select get_results('{pgtap b}', watch => true) \g /dev/null

set local perdure.test_clock = '2030-01-01 12:01+00';
select is((select workflows_expired from run_maintenance()), 2, 'at that moment');
select is(pg_temp.status(id), 'CANCELLED', id) from unnest('{pgtap b, pgtap delayed}'::text[]) as id;
select is(pg_temp.status(id), 'ENQUEUED', id) from unnest('{pgtap later, pgtap never}'::text[]) as id;
select results_eq(
  $$select error ->> 'name', error ->> 'message', output::text from get_result('pgtap b')$$,
  $$values ('WorkflowCancelled', 'it expired before it started', null)$$
);
select results_eq(
  $$select attempts, executor, started_at, completed_at, wake_at from get_workflow('pgtap delayed')$$,
  $$values (0, null, null::timestamptz, '2030-01-01 12:01+00'::timestamptz, null::timestamptz)$$
);
select is(pg_temp.status('pgtap a'), 'PENDING', 'what runs, runs');

set local perdure.test_clock = '2030-01-01 13:00+00';
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap never}', 'a claim cancels what has expired'
);
select is(pg_temp.status('pgtap later'), 'CANCELLED');
select throws_ok(
  $$select finish(key, 0) from workflows where workflow_id = 'pgtap later'$$, 'PD004', null, 'it cannot be finished'
);
select is((select workflows_expired from run_maintenance()), 0, 'once');

select * from finish();
rollback;
