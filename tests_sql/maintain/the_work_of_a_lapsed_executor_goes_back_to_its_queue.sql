begin;
\ir ../_setup.inc
\ir _maintained.inc
select plan(7);

select pg_temp.worker() as dead, pg_temp.worker() as living \gset
create temp table run as
select * from pg_temp.running(:dead, 'pgtap a');
select record_step(key, token, 1, 'charge', '"paid"') from run \g /dev/null
select pg_temp.running(:living, 'pgtap other') \g /dev/null
select pg_temp.lapse(:dead) \g /dev/null

select is(pg_temp.maintained(), '{1, 1, 0, 0, 0}', 'one executor, one workflow');
select is(pg_temp.status('pgtap a'), 'ENQUEUED');
select is(pg_temp.status('pgtap other'), 'PENDING', 'what the living runs stays');
select results_eq(
  format($$select workflow_id, attempt, steps -> 0 ->> 'output' from claim(%s, array['pgtap'])$$, :living),
  $$values ('pgtap a', 2, 'paid')$$,
  'another goes on from the recorded steps'
);
select throws_ok($$select finish(key, token) from run$$, 'PD004', null, 'the dead one has lost it');
select throws_ok($$select record_step(key, token, 2, 'ship') from run$$, 'PD004', null, 'and records nothing');
select ok(not exists (select from list_executors() where executor_id = :dead), 'its row is gone');

select * from finish();
rollback;
