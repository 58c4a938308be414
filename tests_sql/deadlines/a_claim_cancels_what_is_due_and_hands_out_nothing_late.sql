begin;
\ir ../_setup.inc
select plan(5);

select register_queue('pgtap limited', concurrency => 2000) \g /dev/null
select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{1001}'), 'pgtap', deadline => '2030-01-01 13:00+00') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap later', deadline => '2030-01-01 14:00+00') \g /dev/null
set local perdure.test_clock = '2030-01-01 13:00+00';
select is(
  array(select workflow_id from claim(:worker, array['pgtap'], 10)), '{pgtap later}', 'what is late and still there is passed over'
);
select is(waiting, 1::bigint, 'a claim cancels a thousand') from queue_stats('pgtap');

-- The same of those that return with their place.
set local perdure.test_clock = '2030-01-01 12:00+00';
select enqueue_many('pgtap', array_fill('1'::json, '{1002}'), 'pgtap limited', deadline => '2030-01-01 13:00+00') \g /dev/null
select count(suspend(c.workflow_key, c.token)) from claim(:worker, array['pgtap limited'], 1002) as c \g /dev/null
update tasks set deadline = '2030-01-01 14:00+00'
where key = (select max(key) from tasks where placed and status = 'ENQUEUED');
set local perdure.test_clock = '2030-01-01 13:00+00';
select is(time_left, '1 hour', 'nor handed out again') from claim(:worker, array['pgtap limited'], 10);
select is(waiting, 2::bigint) from queue_stats('pgtap limited');
select is((select workflows_timed_out from run_maintenance()), 2, 'maintenance cancels the rest');

select * from finish();
rollback;
