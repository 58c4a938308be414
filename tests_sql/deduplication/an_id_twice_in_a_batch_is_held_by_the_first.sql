begin;
\ir ../_setup.inc
select plan(6);

select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap', '{pgtap a, pgtap b}', deduplication_ids => '{order, order}')$$,
  'PD012', 'deduplication id ''order'' is given to two workflows of this call', 'reject: nothing is enqueued'
);
select throws_ok($$select get_result('pgtap a')$$, 'PD002');

select results_eq(
  $$
    select item, workflow_id, created
    from enqueue_many('pay', '{1, 2, 3, 4}', 'pgtap', '{pgtap a, pgtap b, pgtap c, pgtap d}',
      deduplication_ids => '{order, order, null, order}', on_duplicate => 'return_existing')
  $$,
  $$values (1, 'pgtap a', true), (2, 'pgtap a', false), (3, 'pgtap c', true), (4, 'pgtap a', false)$$,
  'return_existing: the first'
);
select throws_ok($$select get_result('pgtap b')$$, 'PD002', null, 'the others are not there');
select is((select count(*) from deduplications), 1::bigint, 'the id is held once');

select results_eq(
  $$
    select item, workflow_id, created
    from enqueue_many('pay', '{1, 1}', 'pgtap', '{pgtap e, pgtap e}', deduplication_ids => '{new, new}')
  $$,
  $$values (1, 'pgtap e', true), (2, 'pgtap e', false)$$,
  'the same workflow twice is no conflict'
);

select * from finish();
rollback;
