begin;
\ir ../_setup.inc
select plan(11);

create temp table run as
select * from pg_temp.running(pg_temp.worker(), 'pgtap a');

select throws_ok(
  format($$select fail_step(key, token, 1, 'charge', '"no"', %s) from run$$, policy), 'PD001', null, policy
)
from unnest(array[
  $$0, 3$$, $$null, 3$$, $$1, 0$$, $$1, null$$, $$1, 3, '-1 second'$$, $$1, 3, null$$,
  $$1, 3, '1 second', 0.9$$, $$1, 3, '1 second', null$$, $$1, 3, '1 second', 2, '-1 second'$$,
  $$1, 3, '1 second', 2, null$$
]) as policy;
select is_empty($$select list_steps('pgtap a')$$, 'nothing is recorded');

select * from finish();
rollback;
