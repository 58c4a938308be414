begin;
\ir ../_setup.inc
\ir _listed.inc
select plan(6);

select results_eq(
  'select l::text from list_workflows() as l',
  $$select g::text from unnest('{e9,d8,c7,c6,b5,b4,b3,a2,a1}'::text[]) as i (id), get_workflow(i.id) as g$$,
  'the same rows'
);
select results_eq(
  $$
    select workflow, status, queue, input::text, executor, app_version, attributes, forked_from, parent_id, was_forked
    from list_workflows(workflow_ids => '{a2,d8,e9}')
  $$,
  $$
    values
      ('e', 'ENQUEUED', 'pgtap 2', '{"x":  1}', null::text, null::text, null::jsonb, null::text, 'd8', false),
      ('d', 'PENDING', null, null, 'host-1', null, null, null, null, false),
      ('a', 'ENQUEUED', 'pgtap', '{"x":  1}', null, 'v1', '{"tags": ["x", "y"], "tier": 1}', 'b5', null, false)
  $$,
  'with what was given'
);
select results_eq(
  $$select status, output::text, error::text, executor, application, authenticated_user, was_forked from list_workflows(names => '{b}')$$,
  $$
    values
      ('ERROR', '"out"', '{"e":  2}', 'host-2', 'shop', 'ann', true),
      ('SUCCESS', '"out"', '{"e":  2}', 'host-2', null, null, false),
      ('PENDING', null, null, 'host-1', null, null, false)
  $$,
  'with what came of it'
);
select results_eq(
  $$select input::text, output::text, error::text from list_workflows(workflow_ids => '{b5}', with_input => false)$$,
  $$values (null::text, '"out"', '{"e":  2}')$$,
  'without input'
);
select results_eq(
  $$select input::text, output::text, error::text from list_workflows(workflow_ids => '{b5}', with_output => false)$$,
  $$values ('{"x":  1}', null::text, null::text)$$,
  'without output and error'
);

select register_queue('pgtap 3', partitioned => true) \g /dev/null
select enqueue('p', queue => 'pgtap 3', workflow_id => 'p1', partition_key => 'left', deduplication_id => 'once') \g /dev/null
select results_eq(
  $$select partition_key, deduplication_id from list_workflows(queues => '{pgtap 3}')$$,
  $$values ('left', 'once')$$,
  'with partition and deduplication id'
);

select * from finish();
rollback;
