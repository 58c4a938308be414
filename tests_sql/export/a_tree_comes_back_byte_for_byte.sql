begin;
\ir ../_setup.inc
\ir _tree.inc
select plan(11);

select pg_temp.worker() as worker \gset
select pg_temp.tree(:worker) \g /dev/null
create temp table document as select export_workflow('pgtap a') as tree, export_workflow('pgtap a', children => false) as root;
select results_eq(
  $$select w ->> 'workflow_id', w ->> 'parent_id' from document, json_array_elements(tree -> 'workflows') as w$$,
  $$values ('pgtap a', null), ('pgtap b', 'pgtap a')$$,
  'parents come before their children'
);
select is(json_array_length(root -> 'workflows'), 1, 'without children the root alone') from document;
set local timezone to 'Asia/Kolkata';
set local intervalstyle to 'sql_standard';
set local datestyle to 'German';
set local extra_float_digits to 0;
select is(export_workflow('pgtap a')::text, tree::text, 'whatever the settings of the session') from document;
create temp table shown as
select row(w.*)::text as workflow from get_workflow('pgtap a') as w;

select delete_workflows('{pgtap a}', children => true) \g /dev/null
select is(import_workflow(tree), 2, 'says how many') from document;
select is(export_workflow('pgtap a')::text, tree::text, 'the same bytes') from document;
select is(input::text, e' {"b": 1e22,  "a":"\\u0000\\ud800", "a": null}\n', 'the input') from get_workflow('pgtap a');
select results_eq(
  $$select traceparent from keep_traces('{pgtap a,pgtap b}', '{null,null}')$$,
  $$values ('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), (null)$$,
  'the trace goes on'
);
select is(executor, null, 'who ran it is not told') from get_workflow('pgtap a');
select results_eq(
  $$select name, value::text from get_all_events('pgtap a')$$, $$values ('progress', '"50 %"')$$, 'the newest event'
);
select is(parent_id, 'pgtap a', 'a child is one again') from get_workflow('pgtap b');
select is(count(*), 0::bigint, 'what has ended does not run') from claim(:worker, array['pgtap']);

select * from finish();
rollback;
