begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(7);

select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select pg_temp.put('a', 100), pg_temp.put('b', 100), pg_temp.put('c', 1), pg_temp.put('d', 100) \g /dev/null

select is(pg_temp.claimed(:worker, 8), 'a a b b c d d d', 'evenly; what one leaves goes to the next');
select is(pg_temp.claimed(:worker, 3), 'a b d');
select is(pg_temp.claimed(:worker, 2), 'a b', 'fewer than there are partitions');
select is(pg_temp.claimed(:worker, 2), 'a d', 'the next time it begins after the last one');
select is(pg_temp.claimed(:worker), 'b');
select pg_temp.put('e', 1) \g /dev/null
select is(pg_temp.claimed(:worker, 6), 'a a b d d e', 'after b: d, e, a, b');
select is(waiting, 280::bigint, 'the rest waits') from queue_stats('pgtap tenants');

select * from finish();
rollback;
