begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select pg_temp.running(:worker, 'pgtap a') \g /dev/null

select results_eq($$select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken from run_maintenance()$$, $$values (0, 0, 0, 0)$$);
select is(pg_temp.status('pgtap a'), 'PENDING');

select * from finish();
rollback;
