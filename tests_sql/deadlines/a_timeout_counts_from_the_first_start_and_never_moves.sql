begin;
\ir ../_setup.inc
select plan(12);

create function pg_temp.deadline(id text)
returns text
language sql
as $$
  select to_char(deadline at time zone 'UTC', 'HH24:MI') from get_workflow(id)
$$;

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', timeout => '1 hour', retries => 1,
  retry_interval => '1 minute') \g /dev/null
select is(pg_temp.deadline('pgtap a'), null, 'it waits without a deadline');
select is(timeout, '1 hour', 'its timeout is known') from get_workflow('pgtap a');

set local perdure.test_clock = '2030-01-01 15:00+00';
create temp table claimed as select * from claim(:worker, array['pgtap']);
select is(time_left, '1 hour', 'a claim tells how long it has') from claimed;
select is(pg_temp.deadline('pgtap a'), '16:00', 'from its first start on');

set local perdure.test_clock = '2030-01-01 15:10+00';
select suspend(workflow_key, token, '10 minutes') from claimed \g /dev/null
select is(pg_temp.deadline('pgtap a'), '16:00', 'putting it down does not move it');
set local perdure.test_clock = '2030-01-01 15:20+00';
select is(time_left, '40 minutes', 'nor does the next claim') from claim(:worker, array['pgtap']);

set local perdure.test_clock = '2030-01-01 15:30+00';
select pg_temp.lapse(:worker) \g /dev/null
select run_maintenance() \g /dev/null
select is(pg_temp.deadline('pgtap a'), '16:00', 'nor a takeover');
select pg_temp.worker() as heir \gset
select is(time_left, '30 minutes') from claim(:heir, array['pgtap']);

select finish(key, token, error => '{"name": "Oops"}') from tasks where executor_id = :heir \g /dev/null
set local perdure.test_clock = '2030-01-01 15:40+00';
select is(time_left, '20 minutes', 'nor a retry') from claim(:heir, array['pgtap']);
select finish(key, token, '1') from tasks where executor_id = :heir \g /dev/null
select is(pg_temp.deadline('pgtap a'), '16:00', 'it is remembered');

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b', timeout => '1 day', deadline => '2030-01-01 17:00+00') \g /dev/null
select is(pg_temp.deadline('pgtap b'), '17:00', 'a deadline holds from the beginning');
select is(time_left, '1 hour 20 minutes', 'what comes first counts') from claim(:heir, array['pgtap']);

select * from finish();
rollback;
