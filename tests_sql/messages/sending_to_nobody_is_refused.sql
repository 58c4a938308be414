begin;
\ir ../_setup.inc
select plan(10);

select * from pg_temp.running(pg_temp.worker(), 'pgtap a') \gset
select throws_ok($$select send('pgtap none', '1')$$, 'PD002', 'workflow ''pgtap none'' does not exist');
select throws_ok($$select send(null, '1')$$, 'PD002');
select throws_ok($$select send_many('{pgtap a,pgtap none}', '{1,2}')$$, 'PD002');
select throws_ok($$select send_many('{pgtap a,null}', '{1,2}')$$, 'PD002');
select throws_ok(format($$select send_in_step(%s, %s, 1, '{pgtap a,pgtap none}', '{1,2}')$$, :key, :token), 'PD002');
select is_empty(format('select from messages where key = %s', :key), 'a batch is sent as a whole or not at all');
select is_empty($$select list_steps('pgtap a')$$);
select is(send_many('{}', '{}'), 0, 'an empty batch');

select finish(:key, :token) \g /dev/null
select is(send('pgtap a', '1'), true, 'to a workflow that has ended');
select results_eq(format('select message::text, received from messages where key = %s', :key), $$values ('1', false)$$, 'it is kept');

select * from finish();
rollback;
