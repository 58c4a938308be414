begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
select register_queue('pgtap parts', partitioned => true) \g /dev/null
select enqueue('pgtap', queue => 'pgtap parts', workflow_id => 'pgtap a', partition_key => 'p') \g /dev/null
select enqueue('pgtap', queue => 'pgtap parts', workflow_id => 'pgtap b', partition_key => 'q') \g /dev/null
select finish(workflow_key, token) from claim(:worker, array['pgtap parts'], 1) \g /dev/null
create temp table document as
select g.id, export_workflow(g.id) as content from unnest('{pgtap a,pgtap b}'::text[]) as g (id);
truncate workflows, tasks, steps, outcomes;
select delete_queue('pgtap parts') \g /dev/null
select throws_ok($$select import_workflow(content) from document$$, 'PD007');
select import_workflow(content, create_queues => true) from document \g /dev/null
select ok(partitioned, 'with partitions') from list_queues() where queue = 'pgtap parts';
select is(export_workflow(id)::text, content::text, id) from document;
select is(count(*), 1::bigint, 'what waits there is claimed') from claim(:worker, array['pgtap parts']);

select * from finish();
rollback;
