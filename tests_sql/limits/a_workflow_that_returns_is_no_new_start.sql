begin;
\ir ../_setup.inc
select plan(5);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', rate_limit => 3, rate_period => '1 minute') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{10}'), 'pgtap orders') \g /dev/null

select suspend(workflow_key, token) from claim(:worker, array['pgtap orders'], 1) \g /dev/null
select suspend(workflow_key, token) from claim(:worker, array['pgtap orders'], 1) \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 3::bigint, 'it returns, and two start');
select suspend(key, token) from tasks where executor_id = :worker \g /dev/null
create temp table run as
select * from claim(:worker, array['pgtap orders'], 10);
select is((select count(*) from run), 3::bigint, 'they return though the rate is used up');

-- One that is given back has not run: it starts anew.
select release(workflow_key, token) from run \g /dev/null
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :worker), 'what is released has no place');
set local perdure.test_clock = '2030-01-01 12:01:01+00';
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 3::bigint);
select is((select max(total) from starts join queues q using (queue_id) where q.name = 'pgtap orders'), 6::bigint, 'and is counted again');

select * from finish();
rollback;
