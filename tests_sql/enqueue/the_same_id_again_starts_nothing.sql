begin;
\ir ../_setup.inc
select plan(4);

select enqueue('pay', '1', 'pgtap', 'pgtap a', 5) \g /dev/null

select is(enqueue('pay', '2', 'pgtap', 'pgtap a', 6), 'pgtap a', 'it returns the id');
select results_eq(
  $$select item, workflow_id, created from enqueue_many('pay', '{3, 4}', 'pgtap', '{pgtap a, pgtap b}')$$,
  $$values (1, 'pgtap a', false), (2, 'pgtap b', true)$$,
  'enqueue_many says which is new'
);
select results_eq(
  $$select input::text, priority from get_workflow('pgtap a')$$,
  $$values ('1', 5)$$,
  'the first stands'
);
select is(
  (select count(*) from claim(pg_temp.worker(), array['pgtap'], 10)), 2::bigint,
  'each is there once'
);

select * from finish();
rollback;
