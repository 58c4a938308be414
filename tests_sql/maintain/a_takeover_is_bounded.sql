begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as first, pg_temp.worker() as second \gset
select start(:first, 'pgtap') from generate_series(1, 5) \g /dev/null
select start(:second, 'pgtap') from generate_series(1, 5) \g /dev/null
select pg_temp.lapse(:first), pg_temp.lapse(:second) \g /dev/null

select results_eq($$select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken from run_maintenance(3)$$, $$values (1, 3, 0, 0)$$, 'three of the first');
select results_eq($$select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken from run_maintenance(3)$$, $$values (1, 3, 0, 0)$$, 'its last two and one of the second');
select results_eq($$select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken from run_maintenance(100)$$, $$values (0, 4, 0, 0)$$, 'the rest');
select results_eq($$select executors_lapsed, workflows_requeued, workflows_dead_lettered, workflows_woken from run_maintenance(100)$$, $$values (0, 0, 0, 0)$$, 'nothing is left');
select ok(not exists (select from list_executors() where executor_id in (:first, :second)), 'both are gone');

select * from finish();
rollback;
