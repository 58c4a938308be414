begin;
\ir ../_setup.inc
select plan(10);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select results_eq(
  $$select * from queue_stats('pgtap tenants')$$,
  $$values ('pgtap tenants', 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, null::interval)$$,
  'an empty one'
);

-- One ends, one is put down, two run, then others come.
select enqueue_many('pgtap', '{1, 2, 3, 4}', 'pgtap tenants', partition_keys => '{a, b, c, d}') \g /dev/null
create temp table run as
select row_number() over (order by workflow_key) as i, * from claim(:worker, array['pgtap tenants'], 4);
select finish(workflow_key, token) from run where i = 1 \g /dev/null
select suspend(workflow_key, token, '1 hour') from run where i = 2 \g /dev/null
set local perdure.test_clock = '2030-01-01 12:01+00';
select enqueue('pgtap', queue => 'pgtap tenants', partition_key => 'a', priority => 9) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:02+00';
select enqueue_many('pgtap', '{1, 2}', 'pgtap tenants', partition_keys => '{a, b}') \g /dev/null
select enqueue('pgtap', queue => 'pgtap tenants', partition_key => 'e', delay => '1 hour') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:05+00';

select results_eq(
  $$select waiting, delayed, running, suspended, partitions_waiting, oldest_waiting from queue_stats('pgtap tenants')$$,
  $$values (3::bigint, 1::bigint, 2::bigint, 1::bigint, 2::bigint, interval '4 minutes')$$,
  'three wait in two partitions, one is delayed, two run, one is put down'
);

select enqueue('pgtap', queue => 'pgtap') \g /dev/null
select results_eq(
  $$select queue, waiting, partitions_waiting from queue_stats('pgtap')$$, $$values ('pgtap', 1::bigint, 0::bigint)$$,
  'a queue without partitions'
);
select results_eq(
  $$select queue from queue_stats() where queue like 'pgtap%'$$, $$values ('pgtap'), ('pgtap tenants')$$,
  'all of them, by name'
);
select ok(not exists (select from queue_stats() where queue = '_internal'), 'but the internal one');
select throws_ok($$select queue_stats('_internal')$$, 'PD007');
select throws_ok($$select queue_stats('_internal', with_direct => true)$$, 'PD007');

-- One runs, and one of an application is put down; of what the database held before, nothing counts.
delete from tasks t using queues q where q.queue_id = t.queue_id and q.internal;
select register_executor('pgtap', application => 'pgtap shop') as shop \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select suspend(workflow_key, token, '1 hour') from start(:shop, 'pgtap', workflow_id => 'pgtap b') \g /dev/null
select results_eq(
  $$select * from queue_stats(with_direct => true) where queue is null or queue = 'pgtap'$$,
  $$values
    ('pgtap', 1::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, interval '0'),
    (null, 0, 0, 1, 1, 0, null)$$,
  'what was started directly is one row of its own, whatever the application'
);
select is(count(*), 0::bigint) from queue_stats('pgtap', with_direct => true) where queue is null;
select throws_ok($$select queue_stats('pgtap none')$$, 'PD007', 'queue ''pgtap none'' does not exist');

select * from finish();
rollback;
