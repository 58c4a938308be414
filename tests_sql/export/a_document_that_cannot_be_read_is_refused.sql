begin;
\ir ../_setup.inc
\ir _tree.inc
select plan(21);

select pg_temp.worker() as worker \gset
select pg_temp.tree(:worker) \g /dev/null
create temp table document as select export_workflow('pgtap a')::jsonb as content;
select throws_ok($$select export_workflow('pgtap unknown')$$, 'PD002');
select throws_ok(
  $$select import_workflow(content::json) from document$$, 'PD003', 'workflow ''pgtap a'' exists'
);
select delete_workflows('{pgtap a}') \g /dev/null
select throws_ok(
  $$select import_workflow(content::json) from document$$, 'PD003', 'workflow ''pgtap b'' exists'
);
select is_empty($$select from workflows where workflow_id = 'pgtap a'$$, 'nothing is half done');
select delete_workflows('{pgtap b}') \g /dev/null

select throws_ok($$select import_workflow(null)$$, 'PD001', 'that is no document of export_workflow');
select throws_ok($$select import_workflow('[]')$$, 'PD001', 'that is no document of export_workflow');
select throws_ok($$select import_workflow('{"format": "other"}')$$, 'PD001', 'that is no document of export_workflow');
select throws_ok(
  $$select import_workflow('{"format": "perdure.workflow", "version": 2}')$$, 'PD001',
  'the document has version 2, this release reads version 1'
);
select throws_ok($$select import_workflow('{"format": "perdure.workflow"}')$$, 'PD001');
select throws_ok(
  $$select import_workflow('{"format": "perdure.workflow", "version": 1}')$$, 'PD001', 'the document has no workflows'
);
select throws_ok(
  format('select import_workflow(jsonb_set(content, %L, %L)::json) from document', '{workflows,' || g.path || '}', g.value),
  'PD001', null, g.path
)
from (values
  ('0', '1'),
  ('0,workflow_id', '""'),
  ('0,name', 'null'),
  ('0,priority', '"x"'),
  ('0,priority', 'null'),
  ('0,input', '"{"'),
  ('0,status', '"PENDING"'),
  ('0,status', '"ASLEEP"'),
  ('1,parent_id', '"pgtap z"'),
  ('1,workflow_id', '"pgtap a"')
) as g (path, value);
select throws_ok(
  $$select import_workflow(jsonb_set(content, '{workflows,0,queue}', '"pgtap new"')::json) from document$$, 'PD007'
);

select * from finish();
rollback;
