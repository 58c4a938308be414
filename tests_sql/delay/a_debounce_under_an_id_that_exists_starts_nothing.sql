begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select is(
  debounce('index', 'key', '1 minute', '1', 'pgtap', workflow_id => 'pgtap a', priority => 7), 'pgtap a', 'a new id'
);
select is(priority, 7) from get_workflow('pgtap a');
select is(
  debounce('index', 'key', '1 hour', '2', 'pgtap', workflow_id => 'pgtap b'), 'pgtap a',
  'an id for the first call only: it is not the first'
);
select is(
  debounce('index', 'key', '1 minute', '3', 'pgtap', workflow_id => 'pgtap a'), 'pgtap a', 'the id of the one that waits'
);
select is(input::text, '3', 'takes the new input') from get_workflow('pgtap a');

set local perdure.test_clock = '2030-01-01 12:01+00';
select finish(workflow_key, token) from claim(:worker, array['pgtap']) \g /dev/null
select is(
  debounce('index', 'key', '1 minute', '4', 'pgtap', workflow_id => 'pgtap a'), 'pgtap a', 'when it has ended'
);
select is(input::text, '3', 'nothing changes any more') from get_workflow('pgtap a');
select is_empty($$select from deduplications$$, 'and the key is free');

select * from finish();
rollback;
