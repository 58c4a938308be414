begin;
\ir ../_setup.inc
select plan(2);

-- Another plan than the usual one must not change the order.
set local enable_nestloop to off;

select results_eq(
  $$select item, workflow_id from enqueue_many('pay', '{1, 2, 3}', 'pgtap', '{pgtap b, pgtap c, pgtap a}')$$,
  $$values (1, 'pgtap b'), (2, 'pgtap c'), (3, 'pgtap a')$$,
  'all new'
);
select results_eq(
  $$
    select item, workflow_id, created
    from enqueue_many('pay', '{4, 5, 6}', 'pgtap', '{pgtap d, pgtap a, pgtap b}')
  $$,
  $$values (1, 'pgtap d', true), (2, 'pgtap a', false), (3, 'pgtap b', false)$$,
  'some there already'
);

select * from finish();
rollback;
