begin;
\ir ../_setup.inc
\ir _ended.inc
select plan(6);

select pg_temp.worker() as worker \gset
select pg_temp.ended(:worker, 'pgtap a') as key \gset
select pg_temp.ended(:worker, 'pgtap b') as other \gset
-- Somebody waits for what will not come.
select watch('pgtap a', 'event', 'e') \g /dev/null
select pg_temp.rows_of(:other) as before \gset

select is(delete_workflows('{pgtap a}'), 1, 'says how many');
select is(pg_temp.rows_of(:key), 0::bigint, 'nothing of it is left');
select is(pg_temp.rows_of(:other), :before::bigint, 'nothing else is touched');
select throws_ok($$select * from get_workflow('pgtap a')$$, 'PD002');
select is(delete_workflows('{pgtap a,pgtap unknown}'), 0, 'what does not exist is passed over');
select is(enqueue('other name', queue => 'pgtap', workflow_id => 'pgtap a'), 'pgtap a', 'its id is free');

select * from finish();
rollback;
