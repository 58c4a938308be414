begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap a') \gset
select finish(:key, :token, '1') \g /dev/null

select is(enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a'), 'pgtap a');
select is(pg_temp.status('pgtap a'), 'SUCCESS', 'it stays finished');
select is_empty($$select claim(pg_temp.worker(), array['pgtap'])$$, 'nothing waits');

select * from finish();
rollback;
