begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(2);

select pg_temp.worker() as worker \gset
select pg_temp.running(:worker, 'pgtap a') \g /dev/null

select is(pg_temp.maintained(), '{0, 0, 0, 0, 0}');
select is(pg_temp.status('pgtap a'), 'PENDING');

select * from finish();
rollback;
