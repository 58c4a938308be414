begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap ' || id, priority => priority)
from (values (1, 'late', 9), (2, 'unset', null), (3, 'first', -1), (4, 'second', -1), (5, 'zero', 0))
  as g (place, id, priority)
order by place \g /dev/null

select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 3)),
  '{pgtap first, pgtap second, pgtap unset}',
  'within one priority the first in is first out'
);
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 3)), '{pgtap zero, pgtap late}', 'unset is 0'
);

select * from finish();
rollback;
