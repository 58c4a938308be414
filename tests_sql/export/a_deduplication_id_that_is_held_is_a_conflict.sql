begin;
\ir ../_setup.inc
select plan(2);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a', deduplication_id => 'd') \g /dev/null
create temp table document as select export_workflow('pgtap a') as content;
update workflows set workflow_id = 'pgtap other' where workflow_id = 'pgtap a';
select throws_ok($$select import_workflow(content) from document$$, 'PD012');
select is_empty($$select from workflows where workflow_id = 'pgtap a'$$, 'nothing is written');

select * from finish();
rollback;
