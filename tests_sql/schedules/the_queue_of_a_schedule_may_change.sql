begin;
\ir ../_setup.inc
\ir _ticks.inc
select plan(6);

select pg_temp.worker() as worker \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select register_queue('pgtap gone'), register_queue('pgtap parts', partitioned => true) \g /dev/null
select create_schedule('a', 'w', '* * * * *', queue => 'pgtap gone'), create_schedule('b', 'w', '* * * * *', queue => 'pgtap parts') \g /dev/null
select delete_queue('pgtap gone') \g /dev/null

set local perdure.test_clock = '2030-01-01 12:01+00';
select is(fire_schedules(), 2);
select is(
  array(select queue from list_queues() where queue like 'pgtap %'), '{pgtap gone,pgtap parts}', 'one that was deleted is made again'
);
select is(
  (select l.partition_key from tasks t join workflows w using (key) join lanes l on l.queue_id = t.queue_id and l.lane_id = t.lane_id
    where w.workflow_id = 'sched-b-2030-01-01T12:01:00+00:00'),
  'b', 'one with partitions has one for each schedule'
);
select is((select count(*) from claim(:worker, array['pgtap gone', 'pgtap parts'], 10)), 2::bigint);

select pause_queue('pgtap gone') \g /dev/null
set local perdure.test_clock = '2030-01-01 12:02+00';
select is(array(select workflow_id from claim(:worker, array['pgtap gone'], 10)), '{}', 'what a paused queue gets');
select resume_queue('pgtap gone') \g /dev/null
select is(array(select workflow_id from claim(:worker, array['pgtap gone'], 10)), '{sched-a-2030-01-01T12:02:00+00:00}', 'waits there');

select * from finish();
rollback;
