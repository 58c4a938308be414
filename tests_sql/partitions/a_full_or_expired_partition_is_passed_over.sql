begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(5);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true, partition_concurrency => 1) \g /dev/null
select pg_temp.put('a', 3), pg_temp.put('b', 3), pg_temp.put('c', 3) \g /dev/null
select is(pg_temp.claimed(:worker, 2), 'a b');
select is(pg_temp.claimed(:worker, 1), 'c');
select is(pg_temp.claimed(:worker, 1), '', 'all are full');

-- More have expired than one claim cancels.
select enqueue_many('pgtap', array_fill('1'::json, '{1001}'), 'pgtap tenants',
  partition_keys => array_fill('d'::text, '{1001}'), expires_in => '1 minute') \g /dev/null
select pg_temp.put('e', 1) \g /dev/null
set local perdure.test_clock = '2030-01-01 12:01+00';
select is(pg_temp.claimed(:worker, 2), 'e');
select is(waiting, 7::bigint, 'one of d is not cancelled yet, and not run') from queue_stats('pgtap tenants');

select * from finish();
rollback;
