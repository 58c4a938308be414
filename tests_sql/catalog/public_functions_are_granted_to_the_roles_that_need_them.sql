begin;
\ir ../_setup.inc
select plan(5);

create function pg_temp.granted_to(schema text, role text)
returns setof text
language sql
as $$
  select p.proname::text
  from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
  where p.pronamespace = quote_ident(schema)::regnamespace and x.grantee <> p.proowner
    and case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee) end = role
$$;

select set_eq(
  format('select pg_temp.granted_to(%L, %L)', :'schema', :'client'),
  array[
    'schema_version', 'enqueue', 'enqueue_many', 'get_result', 'get_results', 'get_workflow', 'list_steps', 'list_workflows', 'workflow_tree',
    'workflow_aggregates', 'workflow_durations', 'step_aggregates', 'metrics',
    'list_queues', 'queue_stats', 'debounce', 'set_delay', 'explain_wait', 'cron_next', 'list_schedules', 'get_schedule',
    'trigger_schedule', 'send', 'send_many', 'get_event', 'get_all_events', 'read_stream', 'watch'
  ],
  'clients'
);
select set_eq(
  format('select pg_temp.granted_to(%L, %L)', :'schema', :'worker_role'),
  array[
    'register_executor', 'heartbeat', 'deregister_executor', 'reconcile', 'lost_workflows', 'list_executors',
    'register_queue', 'claim', 'start', 'start_many', 'record_step', 'record_steps', 'fail_step', 'suspend', 'suspend_many',
    'release', 'release_many', 'finish', 'finish_many', 'run_maintenance', 'create_schedule', 'apply_schedules',
    'fire_schedules', 'sleep', 'sleep_many', 'suspend_until_ended', 'send_in_step', 'recv', 'recv_many', 'set_event',
    'set_events', 'await_events', 'write_stream', 'write_streams', 'close_stream'
  ],
  'workers'
);
select set_eq(
  format('select pg_temp.granted_to(%L, %L)', :'schema', :'operator'),
  array[
    'run_maintenance', 'update_queue', 'pause_queue', 'resume_queue', 'delete_queue', 'pause_schedule',
    'resume_schedule', 'delete_schedule', 'backfill_schedule'
  ],
  'operators'
);
select is_empty(format('select pg_temp.granted_to(%L, %L)', :'schema', 'public'), 'everybody');
select is_empty(
  format(
    $$
      select proname from pg_proc where pronamespace = %1$L::regnamespace and proname !~ '^_'
      except
      select pg_temp.granted_to(%2$L, r) from unnest(array[%3$L, %4$L, %5$L]) as r
    $$,
    quote_ident(:'schema'), :'schema', :'client', :'worker_role', :'operator'
  ),
  'no public function is nobody''s'
);

select * from finish();
rollback;
