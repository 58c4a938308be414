begin;
\ir ../_setup.inc
select plan(2);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', rate_limit => 2, rate_period => '1 minute') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{10}'), 'pgtap orders') \g /dev/null
select finish(workflow_key, token) from claim(:worker, array['pgtap orders'], 2) \g /dev/null

select is_empty(format($$select claim(%s, array['pgtap orders'])$$, :worker));
set local perdure.test_clock = '2030-01-01 12:01:01+00';
select is((select count(*) from claim(:worker, array['pgtap orders'], 5)), 2::bigint);

select * from finish();
rollback;
