begin;
\ir ../_setup.inc
select plan(6);

select pg_temp.worker() as worker \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap first', deduplication_id => 'order 1') \g /dev/null
select is(
  enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap first', deduplication_id => 'order 1'),
  'pgtap first', 'while it holds the id itself'
);
select finish(workflow_key, token) from claim(:worker, array['pgtap']) \g /dev/null
select is(
  enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap first', deduplication_id => 'order 1'),
  'pgtap first', 'when it has ended'
);
select is_empty($$select from deduplications$$, 'it does not take the id again');

select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap second', deduplication_id => 'order 1') \g /dev/null
select results_eq(
  format($$
    select workflow_id, created
    from enqueue_many('pay', '{1}', 'pgtap', '{pgtap first}', deduplication_ids => '{order 1}',
      on_duplicate => %L)
  $$, on_duplicate),
  $$values ('pgtap first', false)$$,
  'when another holds it: ' || on_duplicate
)
from unnest('{reject, return_existing}'::text[]) as on_duplicate;
select throws_ok(
  $$
    select enqueue('ship', queue => 'pgtap', workflow_id => 'pgtap first', deduplication_id => 'order 2')
  $$,
  'PD003', null, 'under another name it is a mistake'
);

select * from finish();
rollback;
