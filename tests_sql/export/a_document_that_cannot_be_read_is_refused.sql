begin;
\ir ../_setup.inc
\ir _tree.inc
select plan(63);

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
  ('1,workflow_id', '"pgtap a"'),
  ('0,created_at', '"infinity"'),
  ('0,created_at', '"0044-03-15 BC"'),
  ('0,completed_at', '"-infinity"'),
  ('0,started_at', '"20000-01-01"'),
  ('0,attempts', '2147483647'),
  ('0,attempts', '-1'),
  ('0,failures', '2147483647'),
  ('0,max_recovery_attempts', '-1'),
  ('0,retries', '-1'),
  ('0,retry_interval', 'null'),
  ('0,retry_backoff', '"NaN"'),
  ('0,retry_max_interval', '"P1000Y"'),
  ('0,timeout', '"P170000000Y"'),
  ('0,timeout_left', '"PT0S"'),
  ('0,deadline', '"infinity"'),
  ('0,deadline_now', '"infinity"'),
  ('0,wake_at', '"infinity"'),
  ('0,expires_at', '"infinity"'),
  ('0,application', '""'),
  ('0,attributes', '[1]'),
  ('0,authenticated_user', '""'),
  ('0,partition_key', '""'),
  ('0,deduplication_id', to_json(repeat('x', 513))::text),
  ('0,traceparent', '"00-xyz"'),
  ('0,steps', 'null'),
  ('0,events', '{}'),
  ('0,messages', '1'),
  ('0,streams', 'null'),
  ('0,places', '[1]'),
  ('0,places', '{"x": "1:1"}'),
  ('0,places', '{"99999999999": "1:1"}'),
  ('0,places', '{"1": null}'),
  ('0,steps,0,step', '2147483647'),
  ('0,steps,0,step', '-1'),
  ('0,steps,0,attempts', '2147483647'),
  ('0,steps,0,completed_at', '"infinity"'),
  ('0,events,0,name', (select to_json(string_agg(md5(i::text), ''))::text from generate_series(1, 1000) as i))
) as g (path, value);
select throws_ok(
  $$select import_workflow(jsonb_set(content, '{workflows,0,queue}', '"pgtap new"')::json) from document$$, 'PD007'
);

-- What would stop claims, or run_maintenance, of all the others.
update document set content = jsonb_set(content, '{workflows}', jsonb_build_array(
  content #> '{workflows,0}' || '{"status": "DELAYED", "completed_at": null, "deduplicated": false, "debounced": false}'
));
select throws_ok(
  $$select import_workflow(content::json) from document$$, 'PD001',
  'wake_at of workflow ''pgtap a'' of the document is missing or out of range', 'it would never wake'
);
select throws_ok(
  format($$select import_workflow(jsonb_set(content, '{workflows,0,%s}', '"infinity"')::json) from document$$, name), 'PD001'
)
from unnest('{wake_at,deadline_now}'::text[]) as name;
select throws_ok(
  $$
    select import_workflow(jsonb_set(content, '{workflows,0}', content #> '{workflows,0}'
      || '{"status": "ENQUEUED", "debounced": true, "deduplicated": true}')::json) from document
  $$,
  'PD001', 'debounced of workflow ''pgtap a'' of the document is missing or out of range',
  'a debounce with its key would wait for ever for it to wake'
);
select lives_ok(
  $$select import_workflow(jsonb_set(content, '{workflows,0,wake_at}', '"2030-01-01T00:00:00+00:00"')::json) from document$$
);

select * from finish();
rollback;
