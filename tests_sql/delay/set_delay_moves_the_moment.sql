begin;
\ir ../_setup.inc
select plan(13);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', delay => '1 hour') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:10+00';
select ok(set_delay('pgtap a', '2 hours'), 'later');
select is(wake_at, '2030-01-01 14:10+00'::timestamptz, 'counted from now') from get_workflow('pgtap a');
select ok(set_delay('pgtap a', '1 minute'), 'sooner');
set local perdure.test_clock = '2030-01-01 12:11+00';
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap a}');
select ok(not set_delay('pgtap a', '1 hour'), 'it runs: too late');
select is(pg_temp.status('pgtap a'), 'PENDING');

select release(key, token, '1 hour') from tasks where executor_id = :worker \g /dev/null
select ok(set_delay('pgtap a', '0'), 'one that was given back for a while');
select is(array(select workflow_id from claim(:worker, array['pgtap'])), '{pgtap a}', 'at once');
select suspend(key, token, '1 hour') from tasks where executor_id = :worker \g /dev/null
select ok(not set_delay('pgtap a', '0'), 'one that was put down waits for what it waits for');
select is(wake_at, '2030-01-01 13:11+00'::timestamptz) from get_workflow('pgtap a');

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap b') \g /dev/null
select ok(not set_delay('pgtap b', '1 hour'), 'one that waits for a worker');
select finish(workflow_key, token) from claim(:worker, array['pgtap']) \g /dev/null
select ok(not set_delay('pgtap b', '1 hour'), 'one that has ended');
select throws_ok($$select set_delay('pgtap none', '1 hour')$$, 'PD002', 'workflow ''pgtap none'' does not exist');

select * from finish();
rollback;
