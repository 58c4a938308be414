begin transaction isolation level serializable;
\ir ../_setup.inc
select plan(9);

create temp table run as
select 1 as key, 1 as token;
select register_queue('pgtap new') \g /dev/null
select enqueue('pgtap', queue => 'pgtap new', workflow_id => 'pgtap a') \g /dev/null

select throws_ok(statement, 'PD001', format('%s cannot run in a transaction that is serializable', verb), statement)
from (values
  ('waiting for messages and events', $$select recv(key, token, 1) from run$$),
  ('waiting for messages and events', $$select recv_many(array[key], array[token], '{1}', '{null}') from run$$),
  ('waiting for messages and events', $$select await_events(array[key], array[token], '{1}', '{pgtap a}', '{e}') from run$$),
  ('watch', $$select watch('pgtap a', 'event', 'e')$$),
  ('watch', $$select watch('pgtap a', 'stream', 's')$$)
) as f (verb, statement);
select lives_ok(statement, statement)
from unnest(array[
  $$select send('pgtap a', '1')$$,
  $$select get_event('pgtap a', 'e')$$,
  $$select get_all_events('pgtap a')$$,
  $$select read_stream('pgtap a', 's')$$
]) as statement;

select * from finish();
rollback;
