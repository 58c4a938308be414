begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
select release(:key, :token) \g /dev/null

select is(steps::text, null) from claim(:worker, array['pgtap']);

select * from finish();
rollback;
