begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as dead, pg_temp.worker() as worker \gset
select start(:dead, 'pgtap', workflow_id => 'pgtap ' || i) from generate_series(1, 2) as i \g /dev/null
select pg_temp.lapse(:dead) \g /dev/null
select run_maintenance() \g /dev/null

select results_eq(
  format($$select workflow_id, queue, attempt from claim(%s, array['pgtap'])$$, :worker),
  $$values ('pgtap 1', null::text, 2)$$,
  'beside the queues named'
);
select results_eq(
  format($$select workflow_id, queue, attempt from claim(%s, '{}')$$, :worker),
  $$values ('pgtap 2', null::text, 2)$$,
  'and when none is named'
);

select * from finish();
rollback;
