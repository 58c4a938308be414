begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(9);

select pg_temp.worker() as worker, pg_temp.worker() as other \gset
select register_queue('pgtap tenants', concurrency => 5, partitioned => true, partition_concurrency => 2) \g /dev/null
select pg_temp.put('a', 10), pg_temp.put('b', 1) \g /dev/null

select is(pg_temp.claimed(:worker), 'a');
select is(pg_temp.claimed(:worker, 10), 'a b', 'in a batch as one by one');
select is(pg_temp.claimed(:other, 10), '', 'over all executors');
select pg_temp.put('b', 5), pg_temp.put('c', 5) \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'b c', 'and no more of all partitions than the queue allows');

select finish(t.key, t.token) from tasks t
where t.key = (select min(r.key) from tasks r where r.executor_id = :worker) \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'a', 'one of a has ended');
select finish(t.key, t.token) from tasks t
where t.key = (select min(r.key) from tasks r where r.executor_id = :worker) \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'c', 'another of a has ended; b is full, c is the next in turn');
select update_queue('pgtap tenants', '{"concurrency": null}') \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'a', 'without the limit of the queue');
select update_queue('pgtap tenants', '{"partition_concurrency": 3}') \g /dev/null
select is(pg_temp.claimed(:worker, 2), 'b c', 'a higher limit of partitions');
select is(pg_temp.claimed(:worker, 10), 'a');

select * from finish();
rollback;
