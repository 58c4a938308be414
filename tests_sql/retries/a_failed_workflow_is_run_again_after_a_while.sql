begin;
\ir ../_setup.inc
select plan(15);

create function pg_temp.fail_at(executor bigint, moment text)
returns text
language plpgsql
as $$
declare
  v_run record;
begin
  perform set_config('perdure.test_clock', moment || '+00', true);
  select c.workflow_key as key, c.token into strict v_run from claim(executor, array['pgtap']) as c;
  perform finish(v_run.key, v_run.token, error => json_build_object('name', 'Oops', 'message', moment));
  return (
    select to_char(t.wake_at at time zone 'UTC', 'HH24:MI:SS.MS') from tasks t where t.key = v_run.key
  );
end
$$;

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', retries => 4, retry_interval => '10 seconds',
  retry_backoff => 3, retry_max_interval => '1 minute') \g /dev/null
select is(pg_temp.fail_at(:worker, '2030-01-01 12:00:00'), '12:00:10.000', 'first the interval');
select is(pg_temp.status('pgtap a'), 'DELAYED');
select results_eq($$select output::text, error::text from get_result('pgtap a')$$, $$values (null, null)$$);
set local perdure.test_clock = '2030-01-01 12:00:09.999+00';
select is_empty(format($$select claim(%s, array['pgtap'])$$, :worker), 'it waits');
select is(pg_temp.fail_at(:worker, '2030-01-01 12:00:10'), '12:00:40.000', 'then times the backoff');
select is(pg_temp.fail_at(:worker, '2030-01-01 12:01:00'), '12:02:00.000', 'at most the longest');
select is(pg_temp.fail_at(:worker, '2030-01-01 12:02:00'), '12:03:00.000');
select is(pg_temp.fail_at(:worker, '2030-01-01 12:03:00'), null, 'that was the last');
select results_eq(
  $$select status, error ->> 'message' from get_result('pgtap a')$$, $$values ('ERROR', '2030-01-01 12:03:00')$$,
  'the last error is its error'
);

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap b', retries => 2) \g /dev/null
select is(pg_temp.fail_at(:worker, '2030-01-01 12:00:00'), '12:00:01.000', 'unless told otherwise, a second');
select is(pg_temp.fail_at(:worker, '2030-01-01 12:00:01'), '12:00:03.000', 'twice that');
select is(pg_temp.fail_at(:worker, '2030-01-01 12:00:03'), null);

select enqueue_many('pay', '{1}', 'pgtap', '{pgtap c}', retries => 1, retry_interval => '0') \g /dev/null
select is(pg_temp.fail_at(:worker, '2030-01-01 13:00:00'), '13:00:00.000', 'without an interval, at once');
select is((select count(*) from claim(:worker, array['pgtap'])), 1::bigint);
select ok(finish(key, token, '1'), 'a retry that succeeds ends it') from tasks where executor_id = :worker;

select * from finish();
rollback;
