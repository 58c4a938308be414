begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pgtap', '{1, 2}', 'pgtap', '{pgtap done, pgtap expired}', expires_in => '1 minute',
  deadline => '2030-01-01 13:00+00') \g /dev/null
select finish(workflow_key, token) from claim(:worker, array['pgtap']) \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap dead', max_recovery_attempts => 0,
  deadline => '2030-01-01 13:00+00') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:01+00';
select count(*) from claim(:worker, array['pgtap']) \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null
select run_maintenance() \g /dev/null
select results_eq(
  format('select status, deadline from get_workflow(%L)', id),
  format($$values (%L, '2030-01-01 13:00+00'::timestamptz)$$, status), id
)
from (values
  ('pgtap done', 'SUCCESS'), ('pgtap expired', 'CANCELLED'), ('pgtap dead', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
) as v (id, status);

select * from finish();
rollback;
