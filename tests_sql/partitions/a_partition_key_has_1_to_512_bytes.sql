begin;
\ir ../_setup.inc
select plan(7);

select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select lives_ok(
  $$select enqueue('pay', queue => 'pgtap tenants', partition_key => repeat('ä', 256))$$, '512 bytes'
);
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap tenants', partition_key => repeat('ä', 256) || 'x')$$,
  'PD001', 'partition key is too long: 513 bytes'
);
select throws_ok(
  $$select enqueue('pay', queue => 'pgtap tenants', partition_key => '')$$, 'PD001', 'partition key is empty'
);
select throws_ok(
  $$select enqueue_many('pay', '{1, 2}', 'pgtap tenants', partition_keys => array['a', repeat('x', 513)])$$,
  'PD001', 'partition key is too long: 513 bytes', 'one of two'
);
select is(waiting, 1::bigint, 'nothing of that is enqueued') from queue_stats('pgtap tenants');

select enqueue('pay', queue => 'pgtap tenants', partition_key => key) from unnest('{a, A, "a "}'::text[]) as key
\g /dev/null
select is(partitions_waiting, 4::bigint, 'keys differ by case and space') from queue_stats('pgtap tenants');
select enqueue('pay', queue => 'pgtap tenants', partition_key => 'a') \g /dev/null
select is(partitions_waiting, 4::bigint, 'the same key is the same partition') from queue_stats('pgtap tenants');

select * from finish();
rollback;
