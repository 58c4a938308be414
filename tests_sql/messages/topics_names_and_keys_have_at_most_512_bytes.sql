begin;
\ir ../_setup.inc
select plan(19);

select * from pg_temp.running(pg_temp.worker(), 'pgtap a') \gset
select repeat('ä', 256) as longest, repeat('ä', 256) || '.' as longer \gset

select throws_ok(statement, 'PD001', what || ' is too long: 513 bytes', statement)
from (values
  ('topic', format($$select send('pgtap a', '1', %L)$$, :'longer')),
  ('topic', format($$select send_many('{pgtap a}', '{1}', array[%L])$$, :'longer')),
  ('topic', format($$select send_in_step(%s, %s, 1, '{pgtap a}', '{1}', array[%L])$$, :key, :token, :'longer')),
  ('topic', format($$select recv(%s, %s, 1, %L)$$, :key, :token, :'longer')),
  ('idempotency key', format($$select send('pgtap a', '1', idempotency_key => %L)$$, :'longer')),
  ('event', format($$select set_event(%s, %s, 1, %L, '1')$$, :key, :token, :'longer')),
  ('event', format($$select get_event('pgtap a', %L)$$, :'longer')),
  ('event', format($$select await_events(array[%s], array[%s], '{1}', '{pgtap a}', array[%L])$$, :key, :token, :'longer'))
) as f (what, statement);
select throws_ok(statement, 'PD001', what || ' is empty', statement)
from (values
  ('idempotency key', $$select send('pgtap a', '1', idempotency_key => '')$$),
  ('event', format($$select set_event(%s, %s, 1, '', '1')$$, :key, :token)),
  ('event', format($$select set_event(%s, %s, 1, null, '1')$$, :key, :token)),
  ('event', $$select get_event('pgtap a', '')$$),
  ('event', $$select get_event('pgtap a', null)$$),
  ('event', format($$select await_events(array[%s], array[%s], '{1}', '{pgtap a}', '{null}')$$, :key, :token))
) as f (what, statement);
select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');

select is(send('pgtap a', '1', :'longest', :'longest'), true, '512 bytes are taken');
select is((select message::text from recv(:key, :token, 1, :'longest')), '1');
select is(set_event(:key, :token, 2, :'longest', '2'), true);
select is((select value::text from get_event('pgtap a', :'longest')), '2');

select * from finish();
rollback;
