begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', concurrency => 3) \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{10}'), 'pgtap orders') \g /dev/null
create temp table run as
select row_number() over () as i, * from claim(:worker, array['pgtap orders'], 10);
select update_queue('pgtap orders', '{"concurrency": 1}') \g /dev/null

select is(running, 3::bigint, 'what runs goes on') from queue_stats('pgtap orders');
select finish(workflow_key, token) from run where i <= 2 \g /dev/null
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :worker), 'two of three have ended');
select finish(workflow_key, token) from run where i = 3 \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 1::bigint, 'all have');
select update_queue('pgtap orders', '{"concurrency": 4}') \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 3::bigint, 'raised');
select update_queue('pgtap orders', '{"concurrency": null}') \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 3::bigint, 'lifted');

select * from finish();
rollback;
