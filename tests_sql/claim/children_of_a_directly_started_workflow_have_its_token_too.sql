begin;
\ir ../_setup.inc
select plan(1);

create temp table parent as
select w.worker, s.*
from (select pg_temp.worker() as worker) as w, start(w.worker, 'pgtap', workflow_id => 'pgtap parent') as s;

select results_eq(
  $$
    select c.workflow_id, c.token
    from parent, start_many(worker, '{ship}', '{1}', parent_keys => array[workflow_key],
      parent_tokens => array[0], parent_steps => '{1}') as c
  $$,
  $$values ('pgtap parent-1', 0::bigint)$$
);

select * from finish();
rollback;
