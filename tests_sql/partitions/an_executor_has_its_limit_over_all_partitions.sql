begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(3);

select pg_temp.worker() as first, pg_temp.worker() as second \gset
select register_queue('pgtap tenants', worker_concurrency => 3, partitioned => true) \g /dev/null
select pg_temp.put('a', 10), pg_temp.put('b', 10) \g /dev/null

select is(pg_temp.claimed(:first, 10), 'a a b');
select is(pg_temp.claimed(:first, 10), '');
select is(pg_temp.claimed(:second, 10), 'a a b');

select * from finish();
rollback;
