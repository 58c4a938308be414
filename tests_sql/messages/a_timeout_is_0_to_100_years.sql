begin;
\ir ../_setup.inc
select plan(8);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');
set local perdure.test_clock = '2030-01-01 12:00+00';

select throws_ok(statement, 'PD001', 'a timeout is out of range', statement)
from unnest(array[
  $$select recv(key, token, 1, timeout => '-1 microsecond') from run$$,
  $$select recv(key, token, 1, timeout => '100 years 1 microsecond') from run$$,
  $$select recv_many(array[key, key], array[token, token], '{1,2}', '{null,null}', '{1 s,-1 s}') from run$$,
  $$select await_events(array[key], array[token], '{1}', '{pgtap a}', '{e}', '{-1 s}') from run$$
]) as statement;
select is_empty($$select list_steps('pgtap a')$$);
select is((select outcome from run, recv(key, token, 1, timeout => '100 years')), 'waiting');
select is((select outcome from run, recv(key, token, 2, timeout => null)), 'waiting', 'for ever');
select is((select wait_for from run, recv(key, token, 3)), interval '1 minute', 'if nothing is said');

select * from finish();
rollback;
