begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(3);

select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select pg_temp.put('a', 100), pg_temp.put('b', 1), pg_temp.put('c', 2) \g /dev/null

select is(pg_temp.claimed(:worker, 9), 'a a a a a a b c c', 'in the same claim');
select is(pg_temp.claimed(:worker, 5), 'a a a a a', 'one that is alone has all');
select pg_temp.put('b', 5) \g /dev/null
select is(pg_temp.claimed(:worker, 4), 'a a b b');

select * from finish();
rollback;
