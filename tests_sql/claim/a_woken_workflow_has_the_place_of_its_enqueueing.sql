begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select * from pg_temp.running(:worker, 'pgtap old') \gset
select suspend(:key, :token, '1 hour') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap new', priority => -1000) \g /dev/null

set local perdure.test_clock = '2030-01-01 13:00+00';
select is(array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap old, pgtap new}');

select * from finish();
rollback;
