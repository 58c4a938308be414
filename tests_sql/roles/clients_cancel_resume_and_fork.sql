begin;
\ir ../_setup.inc
select plan(9);

select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select is(pg_temp.sqlstate_as(:'client', statement), '00000', statement)
from unnest(array[
  $$select cancel('pgtap a', children => true), cancel_many('{pgtap a}')$$,
  $$select resume('pgtap a', 'pgtap'), resume_many('{pgtap a}', children => true)$$,
  $$select fork('pgtap a'), fork_many('{pgtap a}')$$
]) as statement;
create temp table calls (statement text);
insert into calls values
  ($$select cancel_in_step(1, 1, 1, '{pgtap a}')$$),
  ($$select resume_in_step(1, 1, 1, '{pgtap a}')$$),
  ($$select fork_in_step(1, 1, 1, '{pgtap a}')$$);
select is(pg_temp.sqlstate_as(:'client', statement), '42501', statement) from calls;
select is(pg_temp.sqlstate_as(:'worker_role', statement), 'PD004', statement) from calls;

select * from finish();
rollback;
