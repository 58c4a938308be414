begin;
\ir ../_setup.inc
select plan(12);

select pg_temp.worker() as worker \gset
select register_queue('pgtap limited', concurrency => 1) \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap enqueued', deduplication_id => 'd') \g /dev/null
select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap delayed', delay => '1 hour') \g /dev/null
select key as running, token as running_token from pg_temp.running(:worker, 'pgtap running') \gset
select key as asleep, token as asleep_token from pg_temp.running(:worker, 'pgtap asleep') \gset
select sleep(:asleep, :asleep_token, 1, '1 day', put_down => true) \g /dev/null
select key as dead, token as dead_token from pg_temp.running(:worker, 'pgtap dead') \gset
update tasks set attempts = 200 where key = :dead;
select pg_temp.lapse(:worker) \g /dev/null
select is(workflows_dead_lettered, 1) from run_maintenance();
select pg_temp.worker() as worker \gset
select claim(:worker, array['pgtap']) \g /dev/null
select is(pg_temp.status('pgtap dead'), 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');

select results_eq(
  $$
    select item, workflow_id, outcome, status from cancel_many(
      '{pgtap delayed, pgtap enqueued, pgtap running, pgtap asleep, pgtap dead, pgtap delayed}'
    )
  $$,
  $$
    values (1, 'pgtap delayed', 'cancelled', 'CANCELLED'), (2, 'pgtap enqueued', 'cancelled', 'CANCELLED'),
      (3, 'pgtap running', 'cancelled', 'CANCELLED'), (4, 'pgtap asleep', 'cancelled', 'CANCELLED'),
      (5, 'pgtap dead', 'cancelled', 'CANCELLED'), (6, 'pgtap delayed', 'cancelled', 'CANCELLED')
  $$,
  'a row for each that was named'
);
select is((select array_agg(distinct error ->> 'name') from get_result('pgtap dead')), '{WorkflowCancelled}');
select is((select count(*)::int from tasks t join workflows w using (key) where w.workflow_id ~ '^pgtap '), 0);
select lives_ok(
  $$select enqueue('pgtap', queue => 'pgtap', workflow_id => 'pgtap next', deduplication_id => 'd')$$,
  'the deduplication id is free'
);

-- What has ended stays as it is.
select key as done, token as done_token from pg_temp.running(:worker, 'pgtap done') \gset
select finish(:done, :done_token, '1') \g /dev/null
select key as failed, token as failed_token from pg_temp.running(:worker, 'pgtap failed') \gset
select finish(:failed, :failed_token, error => '{"name": "E", "message": "m"}') \g /dev/null
select results_eq(
  $$select outcome, status from cancel_many('{pgtap done, pgtap failed, pgtap delayed}')$$,
  $$values ('ended before', 'SUCCESS'), ('ended before', 'ERROR'), ('ended before', 'CANCELLED')$$
);
select ok(not cancel('pgtap done'), 'it was not cancelled');
select is(output::text, '1') from get_result('pgtap done');

-- Its place in the limits is free.
select enqueue_many('pgtap', '{1, 2}', 'pgtap limited', '{pgtap 1, pgtap 2}') \g /dev/null
select is((select workflow_id from claim(:worker, '{pgtap limited}')), 'pgtap 1');
select ok(cancel('pgtap 1'));
select is((select workflow_id from claim(:worker, '{pgtap limited}')), 'pgtap 2', 'a place in the limit is free');

select * from finish();
rollback;
