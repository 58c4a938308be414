begin;
\ir ../_setup.inc
select plan(10);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select * from pg_temp.running(:worker, 'pgtap a') \gset
create function pg_temp.received(step int, timeout interval default '1 minute')
returns table (outcome text, message text, wait_for interval)
language sql
as $$
  select r.outcome, r.message::text, r.wait_for
  from tasks t join workflows w using (key), recv(t.key, t.token, step, timeout => received.timeout) as r
  where w.workflow_id = 'pgtap a'
$$;

select results_eq($$select * from pg_temp.received(1)$$, $$values ('waiting', null, interval '1 minute')$$);
set local perdure.test_clock = '2030-01-01 12:00:20+00';
select results_eq(
  $$select * from pg_temp.received(1)$$, $$values ('waiting', null, interval '40 seconds')$$, 'the moment stands'
);
select results_eq(
  $$select * from pg_temp.received(1, '1 hour')$$, $$values ('waiting', null, interval '40 seconds')$$,
  'whatever a later call says'
);
select suspend(:key, :token) \g /dev/null
select steps from claim(:worker, array['pgtap']) \gset again_
select results_eq(
  format($$select s ->> 'name', s ->> 'completed', (s ->> 'retry_in')::float from json_array_elements(%L) as s$$, :'again_steps'),
  $$values ('perdure.recv', 'false', 40::float)$$,
  'a replay knows what is left'
);
set local perdure.test_clock = '2030-01-01 12:00:59.999999+00';
select results_eq($$select * from pg_temp.received(1)$$, $$values ('waiting', null, interval '0.000001')$$);
set local perdure.test_clock = '2030-01-01 12:01:00+00';
select results_eq($$select * from pg_temp.received(1)$$, $$values ('timed out', null, null::interval)$$);

select send('pgtap a', '1') \g /dev/null
select results_eq(
  $$select * from pg_temp.received(1)$$, $$values ('recorded before', null, null::interval)$$,
  'it has timed out for ever'
);
select results_eq(
  $$select * from pg_temp.received(2, '0')$$, $$values ('received', '1', null::interval)$$,
  'the message stays for the next; with a timeout of 0 there is one look'
);

select pg_temp.received(3) \g /dev/null
select send('pgtap a', '2') \g /dev/null
set local perdure.test_clock = '2030-01-01 13:00+00';
select results_eq(
  $$select * from pg_temp.received(3)$$, $$values ('received', '2', null::interval)$$,
  'what was there in time, or came before anybody looked, is received'
);
select is_empty(format('select from waits where target_key = %s', :key), 'nothing is noted of what has come to its end');

select * from finish();
rollback;
