begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select enqueue('pay', queue => 'pgtap', workflow_id => 'pgtap first', deduplication_id => 'order 1') \g /dev/null
select * from pg_temp.running(:worker, 'pgtap parent') \gset

select results_eq(
  format($$
    select workflow_id, created
    from enqueue_many('pay', '{1, 2}', 'pgtap', parent_keys => '{%s, %1$s}', parent_tokens => '{%s, %2$s}',
      parent_steps => '{1, 2}', deduplication_ids => '{order 1, order 2}', on_duplicate => 'return_existing')
    order by item
  $$, :key, :token),
  $$values ('pgtap first', false), ('pgtap parent-2', true)$$,
  'one was there, one is new'
);
select results_eq(
  $$select step, name, child_id from list_steps('pgtap parent')$$,
  $$values (1, 'pay', 'pgtap first'), (2, 'pay', 'pgtap parent-2')$$,
  'and so the steps say'
);
select is(parent_id, null, 'it has not become a child of this parent') from get_workflow('pgtap first');
select throws_ok(
  format($$
    select enqueue_many('pay', '{1}', 'pgtap', parent_keys => '{%s}', parent_tokens => '{%s}', parent_steps => '{3}',
      deduplication_ids => '{order 1}')
  $$, :key, :token),
  'PD012', null, 'rejected'
);

select * from finish();
rollback;
