begin;
\ir ../_setup.inc
select plan(15);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select throws_ok(statement, 'PD001', 'a sleep is out of range', statement)
from unnest(array[
  $$select sleep(key, token, 1, '-1 microsecond') from run$$,
  $$select sleep(key, token, 1, '100 years 1 microsecond') from run$$,
  $$select sleep(key, token, 1, null) from run$$,
  $$select sleep_many(array[key, key], array[token, token], '{1,2}', '{1 s,-1 s}') from run$$
]) as statement;
select throws_ok(statement, 'PD001', 'the arrays given to sleep_many differ in length', statement)
from unnest(array[
  $$select sleep_many(null, null, null, null)$$,
  $$select sleep_many(array[key], '{}', '{1}', '{1 s}') from run$$,
  $$select sleep_many(array[key], array[token], '{}', '{1 s}') from run$$,
  $$select sleep_many(array[key], array[token], '{1}', '{}') from run$$,
  $$select sleep_many(array[key], array[token], '{1}', '{1 s}', '{}') from run$$
]) as statement;
select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');
select is_empty($$select sleep_many('{}', '{}', '{}', '{}')$$);
select throws_ok($$select sleep(key, token + 1000, 1, '1 s') from run$$, 'PD004');
select results_eq(
  $$select s.item, s.outcome, s.name, s.wait_for > interval '100 years' - interval '1 minute'
    from run, sleep_many(array[key, key], array[token + 1000, token], '{1,1}', '{1 s,100 years}') as s$$,
  $$values (1, 'lease lost', 'perdure.sleep', null), (2, 'sleeping', 'perdure.sleep', true)$$
);
select record_step(key, token, 2, 'charge') from run \g /dev/null
select results_eq(
  $$select s.outcome, s.name, s.wait_for from run, sleep_many(array[key], array[token], '{2}', '{1 s}', '{true}') as s$$,
  $$values ('unexpected step', 'charge', null::interval)$$
);
select is((select executor from get_workflow('pgtap a')), 'pgtap', 'that puts nothing down');

select * from finish();
rollback;
