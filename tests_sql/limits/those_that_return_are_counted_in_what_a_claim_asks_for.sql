begin;
\ir ../_setup.inc
select plan(5);

-- They have a place from a time when the queue had a limit.
select pg_temp.worker() as worker \gset
select register_queue('pgtap free', concurrency => 10) \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{4}'), 'pgtap free') \g /dev/null
select suspend(workflow_key, token) from claim(:worker, array['pgtap free'], 4) \g /dev/null
select update_queue('pgtap free', '{"concurrency": null}') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{4}'), 'pgtap free') \g /dev/null

select is((select count(*) from claim(:worker, array['pgtap free'], 1)), 1::bigint, 'one');
select is((select count(*) from claim(:worker, array['pgtap free'], 2)), 2::bigint, 'two');
select is((select count(*) from claim(:worker, array['pgtap free'], 3)), 3::bigint, 'one that returns and two new ones');
select is((select count(*) from claim(:worker, array['pgtap free'], 3)), 2::bigint, 'the last two');
select is((select count(*) from claim(:worker, array['pgtap free'], 3)), 0::bigint, 'no more');

select * from finish();
rollback;
