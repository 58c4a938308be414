begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(4);

select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true, concurrency => 3) \g /dev/null
select pg_temp.put('large', 5000) \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'large large large', 'a tenant has all places');
select pg_temp.put('small') \g /dev/null
select is(pg_temp.claimed(:worker, 10), '', 'no place is free');

select finish(t.key, t.token) from tasks t
where t.key = (select min(r.key) from tasks r where r.executor_id = :worker) \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'small', 'the first place that is free goes to another');
select finish(key, token) from tasks where executor_id = :worker \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'large large large');

select * from finish();
rollback;
