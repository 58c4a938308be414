begin;
\ir ../_setup.inc
select plan(8);

select register_queue('pgtap other'), register_queue('pgtap tenants', partitioned => true) \g /dev/null
select lives_ok($$select enqueue('pay', queue => 'pgtap', deduplication_id => 'order 1')$$);
select lives_ok($$select enqueue('pay', queue => 'pgtap other', deduplication_id => 'order 1')$$, 'another queue');
select lives_ok(
  $$select enqueue('pay', queue => 'pgtap tenants', partition_key => 'a', deduplication_id => 'order 1')$$, 'a partition'
);
select lives_ok(
  $$select enqueue('pay', queue => 'pgtap tenants', partition_key => 'b', deduplication_id => 'order 1')$$,
  'another partition'
);
select throws_ok($$select enqueue('pay', queue => 'pgtap other', deduplication_id => 'order 1')$$, 'PD012');
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap tenants', partition_key => 'b', deduplication_id => 'order 1')$$, 'PD012'
);
select results_eq(
  $$
    select created
    from enqueue_many('pay', '{1, 2, 3}', 'pgtap tenants', partition_keys => '{a, c, c}',
      deduplication_ids => '{order 1, order 1, order 1}', on_duplicate => 'return_existing')
    order by item
  $$,
  $$values (false), (true), (false)$$,
  'in a batch'
);
select lives_ok($$select enqueue('pay', queue => 'pgtap', deduplication_id => 'Order 1')$$, 'ids differ by case');

select * from finish();
rollback;
