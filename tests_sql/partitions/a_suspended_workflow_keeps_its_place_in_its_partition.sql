begin;
\ir ../_setup.inc
\ir _claimed.inc
select plan(5);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as worker \gset
select register_queue('pgtap tenants', partitioned => true, partition_concurrency => 1) \g /dev/null
select pg_temp.put('a', 2), pg_temp.put('b', 2) \g /dev/null
select suspend(workflow_key, token, '1 minute') from claim(:worker, array['pgtap tenants']) \g /dev/null

select is(pg_temp.claimed(:worker, 10), 'b', 'of a one is put down');
set local perdure.test_clock = '2030-01-01 12:01+00';
select is(pg_temp.claimed(:worker, 10), 'a', 'it returns');
select is(pg_temp.claimed(:worker, 10), '');
select finish(key, token) from tasks where executor_id = :worker \g /dev/null
select is(pg_temp.claimed(:worker, 10), 'a b');
select is((select count(*) from outcomes where completed_at = _now()), 2::bigint);

select * from finish();
rollback;
