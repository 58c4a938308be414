begin;
\ir ../_setup.inc
select plan(4);

select register_queue('pgtap all', 1, 2, 3, '4 seconds', true, 5, 6, '7 seconds', '8 seconds') \g /dev/null
select results_eq(
  $$
    select concurrency, worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency,
      partition_rate_limit, partition_rate_period, priority_ageing, paused
    from list_queues() where queue = 'pgtap all'
  $$,
  $$
    values (1, 2, 3, interval '4 seconds', true, 5, 6, interval '7 seconds', interval '8 seconds', false)
  $$,
  'all of them'
);

select register_queue('pgtap none') \g /dev/null
select results_eq(
  $$
    select concurrency, worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency,
      partition_rate_limit, partition_rate_period, priority_ageing, paused
    from list_queues() where queue = 'pgtap none'
  $$,
  $$
    values (null::int, null::int, null::int, null::interval, false, null::int, null::int, null::interval,
      null::interval, false)
  $$,
  'none of them'
);
select register_queue('pgtap null', partitioned => null) \g /dev/null
select ok(not partitioned, 'null is no partitions') from list_queues() where queue = 'pgtap null';
select ok(not limited, 'and no limit') from queues where name = 'pgtap null';

select * from finish();
rollback;
