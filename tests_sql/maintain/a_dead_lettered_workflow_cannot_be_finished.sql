begin;
\ir ../_setup.inc
select plan(3);

select pg_temp.worker() as worker \gset
create temp table run as
select * from start(:worker, 'pgtap', workflow_id => 'pgtap a', max_recovery_attempts => 0);
select get_results('{pgtap a}', watch => true) \g /dev/null
select pg_temp.lapse(:worker) \g /dev/null
select run_maintenance() \g /dev/null

select throws_ok($$select finish(workflow_key, token) from run$$, 'PD004', null, 'by the one that ran it');
select is(pg_temp.status('pgtap a'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
select results_eq(
  $$select workflow_id, status from get_results('{pgtap a}')$$,
  $$values ('pgtap a', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')$$,
  'whoever waits for it is told'
);

select * from finish();
rollback;
