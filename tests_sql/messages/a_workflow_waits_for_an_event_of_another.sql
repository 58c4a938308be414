begin;
\ir ../_setup.inc
select plan(12);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
create temp table run as
select * from pg_temp.running(:worker, 'pgtap a');
create temp table other as
select * from pg_temp.running(:worker, 'pgtap b');
create function pg_temp.awaited(step int, name text, timeout interval default '1 minute')
returns table (outcome text, name text, value text, wait_for interval)
language sql
as $$
  select r.outcome, r.name, r.value::text, r.wait_for
  from run, await_events(array[key], array[token], array[step], '{pgtap b}', array[awaited.name], array[timeout]) as r
$$;

select results_eq(
  $$select * from pg_temp.awaited(1, 'e')$$, $$values ('waiting', 'perdure.get_event', null, interval '1 minute')$$
);
set local perdure.test_clock = '2030-01-01 12:00:20+00';
select results_eq(
  $$select * from pg_temp.awaited(1, 'e', '1 hour')$$,
  $$values ('waiting', 'perdure.get_event', null, interval '40 seconds')$$,
  'its moment stands'
);
select set_event(key, token, 1, 'E', '0') from other \g /dev/null
select results_eq(
  $$select outcome from pg_temp.awaited(1, 'e')$$, $$values ('waiting')$$, 'another event does not count'
);
select set_event(key, token, 2, 'e', '1') from other \g /dev/null
select results_eq(
  $$select * from pg_temp.awaited(1, 'e')$$, $$values ('received', 'perdure.get_event', '1', null::interval)$$
);
select is_empty('select from waits where waiter_key = (select key from run)', 'nothing is noted any more');
select set_event(key, token, 3, 'e', '2') from other \g /dev/null
select results_eq(
  $$select * from pg_temp.awaited(1, 'e')$$, $$values ('recorded before', 'perdure.get_event', '1', null::interval)$$,
  'what it has seen once it sees for ever'
);
select results_eq(
  $$select * from pg_temp.awaited(2, 'e')$$, $$values ('received', 'perdure.get_event', '2', null::interval)$$,
  'an event is read, not taken'
);
select results_eq(
  $$select * from pg_temp.awaited(3, 'never', '0')$$, $$values ('timed out', 'perdure.get_event', null, null::interval)$$
);
select finish(key, token) from other \g /dev/null
select results_eq(
  $$select outcome, value from pg_temp.awaited(4, 'e', '0')$$, $$values ('received', '2')$$, 'of one that has ended'
);

select throws_ok(
  $$select await_events(array[key], array[token], '{5}', '{pgtap none}', '{e}') from run$$,
  'PD002', 'workflow ''pgtap none'' does not exist'
);
select throws_ok($$select await_events(array[key], array[token], '{5}', '{null}', '{e}') from run$$, 'PD002');
select results_eq($$select count(*) from list_steps('pgtap a')$$, 'values (4::bigint)', 'then nothing is recorded');

select * from finish();
rollback;
