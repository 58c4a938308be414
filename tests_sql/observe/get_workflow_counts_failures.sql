begin;
\ir ../_setup.inc
select plan(8);

create function pg_temp.counted(id text)
returns text
language sql
as $$
  select format('%s, attempts %s, failures %s of %s', status, attempts, failures, retries) from get_workflow(id)
$$;

create function pg_temp.fail(executor bigint)
returns void
language sql
as $$
  select finish(workflow_key, token, error => '"no"') from claim(executor, array['pgtap'])
$$;

select pg_temp.worker() as worker \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', retries => 2, retry_interval => '0') \g /dev/null
select is(pg_temp.counted('pgtap a'), 'ENQUEUED, attempts 0, failures 0 of 2');
select pg_temp.fail(:worker) \g /dev/null
select is(pg_temp.counted('pgtap a'), 'DELAYED, attempts 0, failures 1 of 2');
select pg_temp.fail(:worker) \g /dev/null
select pg_temp.fail(:worker) \g /dev/null
select is(pg_temp.counted('pgtap a'), 'ERROR, attempts 1, failures 2 of 2', 'the last failure was not retried');

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap b', retries => 1, retry_interval => '0') \g /dev/null
select pg_temp.fail(:worker) \g /dev/null
select finish(workflow_key, token) from claim(:worker, array['pgtap']) \g /dev/null
select is(pg_temp.counted('pgtap b'), 'SUCCESS, attempts 1, failures 1 of 1');

-- Ended by the database: at its deadline, and when its worker died too often.
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap c', retries => 1, retry_interval => '0',
  deadline => '2030-01-01 12:01+00') \g /dev/null
select pg_temp.fail(:worker) \g /dev/null
select is(pg_temp.counted('pgtap c'), 'DELAYED, attempts 0, failures 1 of 1');
set local perdure.test_clock = '2030-01-01 12:02+00';
select run_maintenance() \g /dev/null
select is(pg_temp.counted('pgtap c'), 'CANCELLED, attempts 0, failures 1 of 1');

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap d', retries => 1, retry_interval => '0',
  max_recovery_attempts => 0) \g /dev/null
select pg_temp.fail(:worker) \g /dev/null
select pg_temp.worker() as dying \gset
select claim(:dying, array['pgtap']) \g /dev/null
select is(pg_temp.counted('pgtap d'), 'PENDING, attempts 1, failures 1 of 1');
select pg_temp.lapse(:dying) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.counted('pgtap d'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED, attempts 1, failures 1 of 1');

select * from finish();
rollback;
