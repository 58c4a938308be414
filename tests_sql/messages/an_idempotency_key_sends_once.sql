begin;
\ir ../_setup.inc
select plan(9);

select * from pg_temp.running(pg_temp.worker(), 'pgtap a') \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap b') \g /dev/null

select is(send('pgtap a', '1', idempotency_key => 'k'), true);
select is(send('pgtap a', '2', idempotency_key => 'k'), false);
select is(send('pgtap a', '3', 'topic', 'k'), false, 'on another topic');
select is(send('pgtap b', '4', idempotency_key => 'k'), true, 'to another workflow');
select is(send('pgtap a', '5', idempotency_key => 'K'), true, 'keys differ by case');
select recv(:key, :token, 1) \g /dev/null
select is(send('pgtap a', '6', idempotency_key => 'k'), false, 'after it was received');
select is(
  send_many('{pgtap a,pgtap a,pgtap a,pgtap a}', '{7,8,9,10}', idempotency_keys => '{n,n,k,null}'), 2,
  'twice in a batch: the first is sent, and what was not sent before'
);
select results_eq(
  format($$select message::text from messages where key = %s and not received order by message_id$$, :key),
  $$values ('5'), ('7'), ('10')$$
);
select finish(:key, :token) \g /dev/null
select is(send('pgtap a', '11', idempotency_key => 'k'), false, 'after the end of the workflow');

select * from finish();
rollback;
