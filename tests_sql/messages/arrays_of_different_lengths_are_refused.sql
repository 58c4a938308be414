begin;
\ir ../_setup.inc
select plan(23);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select throws_ok(statement, 'PD001', 'the arrays of messages to send differ in length', statement)
from unnest(array[
  $$select send_many('{pgtap a}', '{}')$$,
  $$select send_many('{pgtap a}', null)$$,
  $$select send_many('{}', '{1}')$$,
  $$select send_many('{pgtap a}', '{1}', '{}')$$,
  $$select send_many('{pgtap a}', '{1}', idempotency_keys => '{a,b}')$$,
  $$select send_in_step(key, token, 1, '{pgtap a}', '{1,2}') from run$$
]) as statement;
select throws_ok(statement, 'PD001', 'the arrays of those who wait differ in length', statement)
from unnest(array[
  $$select recv_many(null, null, null, null)$$,
  $$select recv_many(array[key], array[token], '{1}', '{}') from run$$,
  $$select recv_many(array[key], '{}', '{1}', '{null}') from run$$,
  $$select recv_many(array[key], array[token], '{1,2}', '{null}') from run$$,
  $$select recv_many(array[key], array[token], '{1}', '{null}', '{}') from run$$,
  $$select recv_many(array[key], array[token], '{1}', '{null}', put_down => '{true,true}') from run$$,
  $$select await_events(array[key], array[token], '{1}', '{pgtap a,pgtap a}', '{a}') from run$$,
  $$select await_events(array[key], array[token], '{1}', '{pgtap a}', '{a,b}') from run$$
]) as statement;
select throws_ok(statement, 'PD001', 'the arrays given to set_events differ in length', statement)
from unnest(array[
  $$select set_events(null, null, null, null, null)$$,
  $$select set_events(array[key], '{}', '{1}', '{a}', '{1}') from run$$,
  $$select set_events(array[key], array[token], '{}', '{a}', '{1}') from run$$,
  $$select set_events(array[key], array[token], '{1}', '{}', '{1}') from run$$,
  $$select set_events(array[key], array[token], '{1}', '{a}', '{}') from run$$,
  $$select set_events(array[key], array[token], '{1}', '{a}', '{1}', '{}') from run$$
]) as statement;
select is_empty($$select list_steps('pgtap a')$$);
select is_empty($$select recv_many('{}', '{}', '{}', '{}')$$, 'empty ones are as good as any');
select is_empty($$select set_events('{}', '{}', '{}', '{}', '{}')$$);

select * from finish();
rollback;
