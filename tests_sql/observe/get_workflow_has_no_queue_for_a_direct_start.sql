begin;
\ir ../_setup.inc
select plan(1);

select pg_temp.worker() as worker \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap a', max_recovery_attempts => 5, app_version => 'v2') \g /dev/null

select results_eq(
  $$select workflow, status, queue, attempts, max_recovery_attempts, app_version from get_workflow('pgtap a')$$,
  $$values ('pgtap', 'PENDING', null::text, 1, 5, 'v2')$$
);

select * from finish();
rollback;
