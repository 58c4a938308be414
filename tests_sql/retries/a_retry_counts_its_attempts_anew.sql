begin;
\ir ../_setup.inc
select plan(9);

-- Of attempts, recoveries are counted: each run may be taken over as often as the first one.
select pg_temp.worker() as first, pg_temp.worker() as second, pg_temp.worker() as third, pg_temp.worker() as fourth \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', max_recovery_attempts => 1, retries => 1,
  retry_interval => '0') \g /dev/null
select is(attempt, 1) from claim(:first, array['pgtap']);
select pg_temp.lapse(:first), run_maintenance() \g /dev/null
select is(attempt, 2, 'taken over') from claim(:second, array['pgtap']);
select finish(key, token, error => '"no"') from tasks where executor_id = :second \g /dev/null
select is(attempts, 0, 'failed') from get_workflow('pgtap a');
select is(attempt, 1, 'run again') from claim(:second, array['pgtap']);
select pg_temp.lapse(:second) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.status('pgtap a'), 'ENQUEUED');
select is(attempt, 2, 'taken over again') from claim(:third, array['pgtap']);
select pg_temp.lapse(:third) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.status('pgtap a'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'that was once too often');
select is(error ->> 'name', 'MaxRecoveryAttemptsExceeded') from get_result('pgtap a');
select is_empty(format($$select claim(%s, array['pgtap'])$$, :fourth), 'there is no retry for that');

select * from finish();
rollback;
