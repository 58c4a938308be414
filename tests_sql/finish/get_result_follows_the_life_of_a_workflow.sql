begin;
\ir ../_setup.inc
select plan(4);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
prepare result as
select status, output::text, error::text from get_result('pgtap a');

select results_eq('result', $$values ('ENQUEUED', null::text, null::text)$$, 'it waits');
select workflow_key as key, token from claim(:worker, array['pgtap']) \gset
select results_eq('result', $$values ('PENDING', null::text, null::text)$$, 'it runs');
select release(:key, :token, '1 hour') \g /dev/null
select results_eq('result', $$values ('DELAYED', null::text, null::text)$$, 'it is delayed');
update tasks set wake_at = '2000-01-01' where key = :key;
select workflow_key as key, token from claim(:worker, array['pgtap']) \gset
select finish(:key, :token, '1') \g /dev/null
select results_eq('result', $$values ('SUCCESS', '1', null::text)$$, 'it has ended');

select * from finish();
rollback;
