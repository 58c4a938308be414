begin;
\ir ../_setup.inc
select plan(8);

select pg_temp.worker() as worker \gset
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap a') \g /dev/null
select deregister_executor(:worker) \g /dev/null

select throws_ok(format($$select claim(%L, array['pgtap'])$$, id), 'PD006', null, 'claim: ' || what)
from (values (null, 'null'), (:worker::bigint, 'deregistered'), (-1, 'unknown')) as v (id, what);
select throws_ok(
  format($$select start(%L, 'pgtap', workflow_id => 'pgtap b')$$, id), 'PD006', null, 'start: ' || what
)
from (values (null, 'null'), (:worker::bigint, 'deregistered'), (-1, 'unknown')) as v (id, what);
select is(pg_temp.status('pgtap a'), 'ENQUEUED', 'nothing was claimed');
select throws_ok($$select get_result('pgtap b')$$, 'PD002', null, 'nothing was started');

select * from finish();
rollback;
