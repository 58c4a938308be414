begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select register_queue('pgtap orders', concurrency => 100) \g /dev/null
select enqueue('pgtap', queue => 'pgtap orders', workflow_id => 'pgtap ' || id, priority => priority)
from (values (1, 'late', 9), (2, 'unset', null), (3, 'first', -1), (4, 'second', -1), (5, 'zero', 0))
  as g (place, id, priority)
order by place \g /dev/null

select is(
  array(select workflow_id from claim(:worker, array['pgtap orders'], 3)),
  '{pgtap first, pgtap second, pgtap unset}'
);
select is(array(select workflow_id from claim(:worker, array['pgtap orders'], 3)), '{pgtap zero, pgtap late}');

select * from finish();
rollback;
