begin;
\ir ../_setup.inc
\ir _ended.inc
select plan(7);

select pg_temp.worker() as worker \gset
select pg_temp.ended(:worker, 'pgtap a') as ended \gset
select * from pg_temp.running(:worker, 'pgtap w') \gset
select is(delete_in_step(:key, :token, 1, '{pgtap a}')::text, '1');
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select is(delete_in_step(:key, :token, 1, '{pgtap a}')::text, '1', 'as it is recorded');
select is(pg_temp.status('pgtap a'), 'ENQUEUED', 'and not done again');
select is(name, 'perdure.delete') from list_steps('pgtap w');
select throws_ok(format('select delete_in_step(%s, %s, 2, %L)', :key, :token, '{pgtap a}'), 'PD030');
select throws_ok(format('select delete_in_step(%s, %s, 2, %L)', :key, :token, '{pgtap w}'), 'PD030', null, 'not itself');
select throws_ok(format('select delete_in_step(%s, -1, 2, %L)', :key, '{pgtap a}'), 'PD004');

select * from finish();
rollback;
