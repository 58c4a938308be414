begin;
\ir ../_setup.inc
select plan(7);

set local perdure.test_clock = '2030-01-01 12:00+00';
select pg_temp.worker() as dead, pg_temp.worker() as living \gset
select enqueue_many('pgtap', '{1, 2, 3, 4, 5}', 'pgtap', array['pgtap suspended', 'pgtap released', 'pgtap lost',
  'pgtap handed back', 'pgtap failed'], expires_in => '1 minute', retries => 1) \g /dev/null
create temp table run as
select workflow_id as id, workflow_key as key, token from claim(:dead, array['pgtap'], 5);
select suspend(key, token, '10 minutes') from run where id = 'pgtap suspended' \g /dev/null
select release(key, token) from run where id = 'pgtap released' \g /dev/null
select finish(key, token, error => '"no"') from run where id = 'pgtap failed' \g /dev/null
select reconcile(:dead, array_agg(key)) from run where id <> 'pgtap handed back' \g /dev/null
select pg_temp.lapse(:dead) \g /dev/null

set local perdure.test_clock = '2030-01-01 12:30+00';
select is((select workflows_expired from run_maintenance()), 0, 'none expires');
select results_eq(
  format($$select workflow_id from claim(%s, array['pgtap'], 10) order by workflow_id collate "C"$$, :living),
  $$
    values ('pgtap failed'), ('pgtap handed back'), ('pgtap lost'), ('pgtap released'), ('pgtap suspended')
  $$,
  'all of them go on'
);
select is(pg_temp.status(id), 'PENDING', id) from run order by id collate "C";

select * from finish();
rollback;
