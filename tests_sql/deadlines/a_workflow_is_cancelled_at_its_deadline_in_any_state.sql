begin;
\ir ../_setup.inc
select plan(27);

select register_queue('pgtap limited', concurrency => 10) \g /dev/null
select pg_temp.worker() as worker, pg_temp.worker() as dead \gset
set local perdure.test_clock = '2030-01-01 12:00+00';
select start(:worker, 'pgtap', workflow_id => 'pgtap direct', timeout => '1 hour') \g /dev/null
select start(:dead, 'pgtap', workflow_id => 'pgtap dead', timeout => '1 hour') \g /dev/null
select enqueue_many('pgtap', array_fill('1'::json, '{5}'), 'pgtap limited',
  array['pgtap running', 'pgtap suspended', 'pgtap returning', 'pgtap retrying', 'pgtap released'],
  timeout => '1 hour', retries => 1, retry_interval => '1 hour') \g /dev/null
create temp table claimed as select * from claim(:worker, array['pgtap limited'], 5);
select suspend(workflow_key, token, '2 hours') from claimed where workflow_id = 'pgtap suspended' \g /dev/null
select suspend(workflow_key, token) from claimed where workflow_id = 'pgtap returning' \g /dev/null
update workflows set retry_interval = '1 minute' where workflow_id = 'pgtap retrying';
select finish(workflow_key, token, error => '{}') from claimed where workflow_id = 'pgtap retrying' \g /dev/null
select release(workflow_key, token, '2 hours') from claimed where workflow_id = 'pgtap released' \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap waiting', deadline => '2030-01-01 13:00+00') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap delayed', delay => '2 hours',
  deadline => '2030-01-01 13:00+00') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap not started', timeout => '1 hour') \g /dev/null
select pg_temp.lapse(:dead) \g /dev/null
update executors set lapsed = true where executor_id = :dead;

create temp table scene (place int generated always as identity, id text, status text);
insert into scene (id, status) values
  ('pgtap direct', 'PENDING'), ('pgtap dead', 'PENDING'), ('pgtap running', 'PENDING'), ('pgtap suspended', 'PENDING'),
  ('pgtap returning', 'ENQUEUED'), ('pgtap retrying', 'DELAYED'), ('pgtap released', 'DELAYED'),
  ('pgtap waiting', 'ENQUEUED'), ('pgtap delayed', 'DELAYED');
select is(pg_temp.status(id), status, id) from scene order by place;

set local perdure.test_clock = '2030-01-01 12:59:59.999999+00';
select is(_time_out_due(100), 0, 'a moment too early');
set local perdure.test_clock = '2030-01-01 13:00+00';
select results_eq(
  'select workflows_timed_out, workflows_requeued from run_maintenance()', 'values (9, 0)',
  'also of the dead, which nobody takes over then'
);
select is(pg_temp.status(id), 'CANCELLED', id) from scene order by place;
select results_eq(
  $$select error::text, output::text from get_result('pgtap dead')$$,
  $$values ('{"name" : "WorkflowTimedOut", "message" : "it had not ended at its deadline", "code" : null, "data" : null}', null)$$
);
select throws_ok(
  format('select finish(%s, %s)', workflow_key, token), 'PD004', null, 'it cannot be finished'
)
from claimed where workflow_id = 'pgtap running';
select throws_ok(
  format('select record_step(%s, %s, 1, %L)', workflow_key, token, 'step'), 'PD004', null, 'nor record a step'
)
from claimed where workflow_id = 'pgtap running';
select is(pg_temp.status('pgtap not started'), 'ENQUEUED', 'what has not started has all its time');
select is(_places_taken((select queue_id from queues where name = 'pgtap limited'), null, null, 10), 0, 'places are free');
select is(_time_out_due(100), 0, 'once');
select results_eq(
  $$select attempts, executor, started_at, completed_at, deadline from get_workflow('pgtap direct')$$,
  $$values (1, 'pgtap', '2030-01-01 12:00+00'::timestamptz, '2030-01-01 13:00+00'::timestamptz, '2030-01-01 13:00+00'::timestamptz)$$
);

select * from finish();
rollback;
