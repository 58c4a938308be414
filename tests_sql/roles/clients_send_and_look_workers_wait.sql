begin;
\ir ../_setup.inc
select plan(20);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select is(pg_temp.sqlstate_as(:'client', statement), '00000', statement)
from unnest(array[
  $$select send('pgtap a', '1')$$,
  $$select send_many('{pgtap a}', '{1}')$$,
  $$select get_event('pgtap a', 'e'), watch('pgtap a', 'event', 'e')$$,
  $$select get_all_events('pgtap a')$$,
  $$select read_stream('pgtap a', 's')$$
]) as statement;
create temp table calls (statement text);
insert into calls values
  ($$select sleep(1, 1, 1, '1 s')$$),
  ($$select sleep_many('{}', '{}', '{}', '{}')$$),
  ($$select suspend_until_ended(1, 1, array['pgtap a'])$$),
  ($$select send_in_step(1, 1, 1, '{}', '{}')$$),
  ($$select recv(1, 1, 1)$$),
  ($$select recv_many('{}', '{}', '{}', '{}')$$),
  ($$select set_event(1, 1, 1, 'e', '1')$$),
  ($$select set_events('{}', '{}', '{}', '{}', '{}')$$),
  ($$select await_events('{}', '{}', '{}', '{}', '{}')$$),
  ($$select write_stream(1, 1, 1, 's', '1')$$),
  ($$select write_streams('{}', '{}', '{}', '{}', '{}')$$),
  ($$select close_stream(1, 1, 1, 's')$$);
select is(pg_temp.sqlstate_as(:'client', statement), '42501', statement) from calls;
select set_eq(
  format('select pg_temp.sqlstate_as(%L, statement) from calls', :'worker_role'), array['00000', 'PD004'],
  'a worker may: what one call after the other says is not about its rights'
);
select is(pg_temp.sqlstate_as(:'worker_role', 'select from messages'), '42501');
select is(pg_temp.sqlstate_as(:'worker_role', $$select _send('{}', '{}', null, null)$$), '42501');

select * from finish();
rollback;
