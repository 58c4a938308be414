begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(7);

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap a', deduplication_id => 'order 1') \g /dev/null

select throws_ok(
  $$select enqueue('ship', queue => 'pgtap', workflow_id => 'pgtap b', deduplication_id => 'order 1',
    on_duplicate => 'return_existing')$$,
  'PD012', 'deduplication id ''order 1'' is held by workflow ''pgtap a'', which is a ''pay''',
  'a caller that wants the result of one is not given that of another'
);
select throws_ok(
  $$select enqueue('ship', queue => 'pgtap', deduplication_id => 'order 1')$$,
  'PD012', 'deduplication id ''order 1'' is held by workflow ''pgtap a'', which is a ''pay''', 'reject'
);
select is(
  pg_temp.hint($$select enqueue('ship', queue => 'pgtap', deduplication_id => 'order 1')$$),
  'Wait for that workflow, or give workflows of different names deduplication ids of their own.'
);
select throws_ok(
  $$select enqueue_many('ship', '{1, 2}', 'pgtap', '{pgtap b, pgtap c}', deduplication_ids => '{order 2, order 1}',
    on_duplicate => 'return_existing')$$,
  'PD012', null, 'in a batch'
);
select throws_ok($$select get_result('pgtap b')$$, 'PD002', null, 'nothing was enqueued');
select is(
  enqueue('pay', queue => 'pgtap', deduplication_id => 'order 1', on_duplicate => 'return_existing'),
  'pgtap a', 'one of the same name is returned'
);
select throws_ok(
  $$select debounce('ship', 'order 1', '1 minute', queue => 'pgtap')$$,
  'PD012', 'debounce key ''order 1'' is held as deduplication id by workflow ''pgtap a''', 'a debounce speaks of its key'
);

select * from finish();
rollback;
