begin;
\ir ../_setup.inc
select plan(16);

select is(pg_temp.sqlstate_as(:'client', statement), '00000', statement)
from unnest(array[
  $$select schema_version()$$,
  $$select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a')$$,
  $$select enqueue_many('pgtap', '{1}', 'pgtap')$$,
  $$select get_result('pgtap a')$$,
  $$select get_results('{pgtap a}', watch => true)$$,
  $$select get_workflow('pgtap a')$$,
  $$select list_steps('pgtap a')$$,
  $$select list_queues()$$
]) as statement;
select is(pg_temp.sqlstate_as(:'client', statement), '42501', statement)
from unnest(array[
  $$select register_executor('pgtap')$$,
  $$select claim(1)$$,
  $$select start(1, 'pgtap')$$,
  $$select record_step(1, 1, 1, 'pgtap')$$,
  $$select finish(1, 1)$$,
  $$select register_queue('pgtap new')$$,
  $$select run_maintenance()$$,
  $$select list_executors()$$
]) as statement;

select * from finish();
rollback;
