begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null

select is((select count(*) from claim(:worker, array['pgtap'])), 1::bigint);

select * from finish();
rollback;
