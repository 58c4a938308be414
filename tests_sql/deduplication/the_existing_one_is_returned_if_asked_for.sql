begin;
\ir ../_setup.inc
select plan(7);

select enqueue('pay', '1', 'pgtap', 'pgtap first', deduplication_id => 'order 1') \g /dev/null
select is(
  enqueue('pay', '2', 'pgtap', deduplication_id => 'order 1', on_duplicate => 'return_existing'), 'pgtap first'
);
select is(
  enqueue('pay', '2', 'pgtap', 'pgtap second', deduplication_id => 'order 1', on_duplicate => 'return_existing'),
  'pgtap first', 'also with an id of its own'
);
select is(input::text, '1', 'it stays as it was') from get_workflow('pgtap first');
select throws_ok($$select get_result('pgtap second')$$, 'PD002', null, 'the other is not there');

select results_eq(
  $$
    select item, workflow_id, created
    from enqueue_many('pay', '{1, 2, 3}', 'pgtap', '{pgtap a, pgtap b, pgtap c}',
      deduplication_ids => '{order 2, order 1, null}', on_duplicate => 'return_existing')
  $$,
  $$values (1, 'pgtap a', true), (2, 'pgtap first', false), (3, 'pgtap c', true)$$,
  'in a batch, each has its own answer'
);
select is(waiting, 3::bigint) from queue_stats('pgtap');
select is(
  enqueue('pay', queue => 'pgtap', deduplication_id => 'order 2', on_duplicate => 'return_existing'),
  'pgtap a', 'what a batch has taken is held'
);

select * from finish();
rollback;
