begin;
\ir ../_setup.inc
select plan(5);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as first, pg_temp.worker() as second, pg_temp.worker() as third \gset
select register_queue('pgtap orders', concurrency => 3, worker_concurrency => 2, rate_limit => 4,
  rate_period => '1 minute') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{10}'), 'pgtap orders') \g /dev/null

create temp table run as
select * from claim(:first, array['pgtap orders'], 10);
select is((select count(*) from run), 2::bigint, 'as many as an executor may');
select is((select count(*) from claim(:second, array['pgtap orders'], 10)), 1::bigint, 'as many as the queue may');
select finish(workflow_key, token) from run \g /dev/null
select is((select count(*) from claim(:third, array['pgtap orders'], 10)), 1::bigint, 'as many as the rate allows');
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :first), 'no more');
set local perdure.test_clock = '2030-01-01 12:02+00';
select is((select count(*) from claim(:first, array['pgtap orders'], 10)), 1::bigint, 'later, as many as the queue may');

select * from finish();
rollback;
