begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(2);

select pg_temp.worker() as worker \gset
select pg_temp.lapse(:worker) \g /dev/null

select is(pg_temp.maintained(), '{1, 0, 0, 0, 0}');
select ok(not exists (select from list_executors() where executor_id = :worker));

select * from finish();
rollback;
