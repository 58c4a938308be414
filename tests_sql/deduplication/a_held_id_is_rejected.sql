begin;
\ir ../_setup.inc
\ir ../queues/_hint.inc
select plan(8);

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap first', deduplication_id => 'order 1') \g /dev/null
select throws_ok(
  statement, 'PD012', 'deduplication id ''order 1'' is held by workflow ''pgtap first''' || more, what
)
from (values
  ($$select enqueue('pay', queue => 'pgtap', deduplication_id => 'order 1')$$, 'unless told otherwise', ''),
  ($$select enqueue('pay', queue => 'pgtap', deduplication_id => 'order 1', on_duplicate => 'reject')$$, 'reject', ''),
  ($$select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap second', deduplication_id => 'order 1')$$,
    'with an id of its own', ''),
  ($$select enqueue('ship', queue => 'pgtap', deduplication_id => 'order 1')$$, 'another workflow',
    ', which is a ''pay'''),
  ($$
    select enqueue_many('pay', '{1, 2, 3}', 'pgtap', '{pgtap a, pgtap b, pgtap c}',
      deduplication_ids => '{order 2, order 1, null}')
  $$, 'one of a batch', '')
) as v (statement, what, more);
select is(
  pg_temp.hint($$select enqueue('pay', queue => 'pgtap', deduplication_id => 'order 1')$$),
  'Wait for that workflow, or enqueue with on_duplicate => ''return_existing'' to get its id.'
);
select is(waiting, 1::bigint, 'nothing was enqueued') from queue_stats('pgtap');
select lives_ok($$select enqueue('pay', queue => 'pgtap', deduplication_id => 'order 2')$$, 'nor is another id held');

select * from finish();
rollback;
