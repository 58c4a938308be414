begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{10}'), 'pgtap orders') \g /dev/null
create temp table run as
select row_number() over () as i, * from claim(:worker, array['pgtap orders'], 3);
select suspend(workflow_key, token, '1 hour') from run where i = 3 \g /dev/null
select is_empty($$select from tasks where placed$$, 'without limits nobody needs a place');

select update_queue('pgtap orders', '{"concurrency": 4}') \g /dev/null
select is(
  (select count(*) from tasks where placed), 3::bigint, 'two that run and one that is put down have a place'
);
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 1::bigint, 'there is room for one more');
select finish(workflow_key, token) from run where i = 1 \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap orders'], 10)), 1::bigint, 'one has ended');

select update_queue('pgtap orders', '{"concurrency": null}') \g /dev/null
select is((select count(*) from claim(:worker, array['pgtap orders'], 2)), 2::bigint, 'without a limit');
select update_queue('pgtap orders', '{"worker_concurrency": 6}') \g /dev/null
select is(
  (select count(*) from claim(:worker, array['pgtap orders'], 10)), 1::bigint,
  'another limit: four from before and one have places on the executor'
);
select is_empty(format($$select claim(%s, array['pgtap orders'], 10)$$, :worker));
select is(waiting, 2::bigint, 'the rest waits') from queue_stats('pgtap orders');

select * from finish();
rollback;
