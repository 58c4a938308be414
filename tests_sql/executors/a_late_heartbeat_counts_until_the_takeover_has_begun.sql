begin;
\ir ../_setup.inc
select plan(5);

select pg_temp.worker() as worker \gset
select start(:worker, 'pgtap', workflow_id => 'pgtap ' || i) from generate_series(1, 2) as i \g /dev/null

select pg_temp.lapse(:worker) \g /dev/null
select ok(lease_until > clock_timestamp(), 'nobody has missed it') from heartbeat(:worker);
select is((select executors_lapsed from run_maintenance()), 0, 'its work stays with it');

-- One of two workflows is taken: there is no way back.
select pg_temp.lapse(:worker) \g /dev/null
select run_maintenance(1) \g /dev/null
select is(lease_until, null, 'the takeover has begun') from heartbeat(:worker);
select ok(not alive, 'the executor is dead') from list_executors() where executor_id = :worker;
select run_maintenance() \g /dev/null
select is(
  array(select pg_temp.status('pgtap ' || i) from generate_series(1, 2) as i), '{ENQUEUED, ENQUEUED}',
  'and the rest of its work is taken over'
);

select * from finish();
rollback;
