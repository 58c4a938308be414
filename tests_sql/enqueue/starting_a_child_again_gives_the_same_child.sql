begin;
\ir ../_setup.inc
select plan(3);

create temp table parent as
select * from pg_temp.running(pg_temp.worker(), 'pgtap parent');
prepare start_child as
select c.workflow_id, c.created
from parent, enqueue_many('ship', '{1}', 'pgtap', parent_keys => array[key],
  parent_tokens => array[token], parent_steps => '{1}') as c;

select results_eq('start_child', $$values ('pgtap parent-1', true)$$, 'the first call');
select results_eq('start_child', $$values ('pgtap parent-1', false)$$, 'the same call again');
select results_eq(
  $$select step, child_id from list_steps('pgtap parent')$$,
  $$values (1, 'pgtap parent-1')$$,
  'one step'
);

select * from finish();
rollback;
