begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(8);

select debounce('index', 'key', '1 minute', '1', 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select throws_ok(
  $$select debounce('purge', 'key', '1 hour', '2', 'pgtap')$$,
  'PD012', 'debounce key ''key'' is held by a workflow named ''index''', 'another workflow'
);
select is(
  pg_temp.hint($$select debounce('purge', 'key', '1 hour', '2', 'pgtap')$$), 'Use a key of its own for each workflow.'
);
select is(input::text, '1', 'it is left alone') from get_workflow('pgtap a');
select throws_ok(
  $$select enqueue('index', queue => 'pgtap', deduplication_id => 'key')$$, 'PD012', null, 'it is a deduplication id, too'
);

select enqueue('index', queue => 'pgtap', workflow_id => 'pgtap b', deduplication_id => 'other') \g /dev/null
select throws_ok(
  $$select debounce('index', 'other', '1 minute', '2', 'pgtap')$$,
  'PD012', 'debounce key ''other'' is held as deduplication id by workflow ''pgtap b'''
);
select is(pg_temp.hint($$select debounce('index', 'other', '1 minute', '2', 'pgtap')$$), 'Use another key.');
select enqueue('index', queue => 'pgtap', deduplication_id => 'delayed', delay => '1 minute') \g /dev/null
select throws_ok(
  $$select debounce('index', 'delayed', '1 minute', '2', 'pgtap')$$, 'PD012', null, 'delayed, but not debounced'
);
select throws_ok(
  format($$select debounce('index', %L, '1 minute', queue => 'pgtap')$$, ''), 'PD001', 'debounce key is empty'
);

select * from finish();
rollback;
