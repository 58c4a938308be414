begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
select * from pg_temp.running(:worker, 'pgtap queued') \gset
select record_step(:key, :token, 1, 'charge', '1') \g /dev/null
create temp table direct as
select * from start(:worker, 'pgtap', workflow_id => 'pgtap direct');
select pg_temp.running(pg_temp.worker(), 'pgtap other') \g /dev/null

select is(deregister_executor(:worker), 2, 'it returns how many go back');
select throws_ok(format($$select finish(%s, %s)$$, :key, :token), 'PD004', null, 'the old token counts no more');
select throws_ok($$select finish(workflow_key, token) from direct$$, 'PD004', null, 'nor that of a direct start');
select ok(not exists (select from list_executors() where executor_id = :worker), 'the executor is gone');
select results_eq(
  $$
    select workflow_id, attempt, steps -> 0 ->> 'name'
    from claim(pg_temp.worker(), array['pgtap'], 10)
    order by workflow_id
  $$,
  $$values ('pgtap direct', 1, null), ('pgtap queued', 1, 'charge')$$,
  'another goes on from the recorded steps, with the first attempt'
);

select * from finish();
rollback;
