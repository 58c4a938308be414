begin;
\ir ../_setup.inc
select plan(14);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table other as
select * from pg_temp.running(:worker, 'pgtap b');
create function pg_temp.put_down(step int)
returns text
language sql
as $$
  select r.outcome
  from run, recv(key, token, put_down.step, 't', '1 hour', put_down => true) as r
$$;
create function pg_temp.woken()
returns setof text
language plpgsql
as $$
declare
  v_claim record;
begin
  for v_claim in select c.* from executors e, claim(e.executor_id, array['pgtap'], 100) as c where e.name = 'pgtap' limit 100 loop
    update run r set token = v_claim.token where r.key = v_claim.workflow_key;
    return next v_claim.workflow_id;
  end loop;
end
$$;

select is(pg_temp.put_down(1), 'put down');
select results_eq(
  $$select status, executor, wake_at from get_workflow('pgtap a')$$,
  $$values ('PENDING', null::text, '2030-01-01 13:00+00'::timestamptz)$$
);
select throws_ok('select pg_temp.put_down(1)', 'PD004', null, 'the token is void');
select send('pgtap a', '0'), send('pgtap a', '0', 'T') \g /dev/null
select is_empty('select pg_temp.woken()', 'another topic wakes nobody');
select send('pgtap a', '1', 't') \g /dev/null
select set_eq('select pg_temp.woken()', array['pgtap a']);
select results_eq(
  $$select status, attempts, wake_at from get_workflow('pgtap a')$$, $$values ('PENDING', 1, null::timestamptz)$$,
  'to be woken is no attempt'
);
select results_eq(
  $$select outcome, message::text from run, recv(key, token, 1, 't', '1 hour', put_down => true)$$,
  $$values ('received', '1')$$
);

-- It times out while it is put down.
select pg_temp.put_down(2) \g /dev/null
set local perdure.test_clock = '2030-01-01 13:00+00';
select set_eq('select pg_temp.woken()', array['pgtap a']);
select is(pg_temp.put_down(2), 'timed out');

select is(
  (select outcome from run, await_events(array[key], array[token], '{3}', '{pgtap b}', '{e}', put_down => '{true}')),
  'put down', 'an event'
);
select set_event(key, token, 1, 'e', '1') from other \g /dev/null
select set_eq('select pg_temp.woken()', array['pgtap a']);

-- However many messages there are, and whoever wakes first.
select pg_temp.put_down(4) \g /dev/null
select count(send('pgtap a', '1', 't')) from generate_series(1, 1500) \g /dev/null
select _wake_due(1) \g /dev/null
select is_empty('select from wakes w join run using (key)', 'one wake-up is all');
select set_eq('select pg_temp.woken()', array['pgtap a']);
select pg_temp.woken() \g /dev/null
select send('pgtap a', '1', 't') \g /dev/null
select is_empty('select from wakes w join run using (key)', 'who is in the memory of a worker is only notified');

select * from finish();
rollback;
