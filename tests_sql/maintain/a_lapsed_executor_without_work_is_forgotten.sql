begin;
\ir ../_setup.inc
select plan(2);

select pg_temp.worker() as worker \gset
select pg_temp.lapse(:worker) \g /dev/null

select results_eq($$select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken from run_maintenance()$$, $$values (1, 0, 0, 0)$$);
select ok(not exists (select from list_executors() where executor_id = :worker));

select * from finish();
rollback;
