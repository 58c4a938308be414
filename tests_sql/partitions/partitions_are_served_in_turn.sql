begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(12);

select pg_temp.worker() as worker, pg_temp.worker() as other \gset
select register_queue('pgtap tenants', partitioned => true) \g /dev/null
select pg_temp.put('a', 4), pg_temp.put('b', 3), pg_temp.put('c', 1) \g /dev/null

select is(pg_temp.claimed(:worker), 'a');
select is(pg_temp.claimed(:other), 'b', 'also by another executor');
select is(pg_temp.claimed(:worker), 'c');
select is(pg_temp.claimed(:worker), 'a', 'and from the beginning');
select pg_temp.put('d') \g /dev/null
select is(pg_temp.claimed(:worker), 'b');
select is(pg_temp.claimed(:worker), 'd', 'a new one has its turn');
select is(pg_temp.claimed(:worker), 'a');
select pg_temp.put('c') \g /dev/null
select is(pg_temp.claimed(:worker), 'b');
select is(pg_temp.claimed(:worker), 'c', 'one that had nothing for a while');
select is(pg_temp.claimed(:worker), 'a', 'the last');
select is(pg_temp.claimed(:worker), '', 'nothing');
select is((select count(*) from turns join queues q using (queue_id) where q.name = 'pgtap tenants'), 10::bigint, 'each claim is a turn');

select * from finish();
rollback;
