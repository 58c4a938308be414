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
    'alerts', 'cancel', 'cancel_many', 'cron_next', 'cron_ticks', 'debounce', 'delete_workflows', 'enqueue', 'enqueue_many',
    'explain_wait', 'fork', 'fork_many', 'get_all_events', 'get_event', 'get_result', 'get_results',
    'get_schedule', 'get_workflow', 'keep_traces', 'list_queues', 'list_schedules', 'list_steps',
    'list_versions', 'list_workflows', 'metrics', 'queue_stats', 'read_stream', 'resume', 'resume_many',
    'schema_version', 'send', 'send_many', 'set_attributes', 'set_delay', 'step_aggregates',
    'trigger_schedule', 'watch', 'workflow_aggregates', 'workflow_durations', 'workflow_tree'
  ],
  'clients'
);
select set_eq(
  format('select pg_temp.granted_to(%L, %L)', :'schema', :'worker_role'),
  array[
    'apply_schedules', 'await_events', 'cancel_in_step', 'claim', 'close_stream', 'create_schedule',
    'delete_in_step', 'deprecate_patch', 'deregister_executor', 'fail_step', 'finish', 'finish_many',
    'fire_schedules', 'fork_in_step', 'heartbeat', 'list_executors', 'lost_workflows', 'patch', 'place_steps', 'reconcile',
    'record_step', 'record_steps', 'recv', 'recv_many', 'register_executor', 'register_queue',
    'register_version', 'release', 'release_many', 'resume_in_step', 'run_maintenance', 'send_in_step',
    'set_attributes_in_step', 'set_event', 'set_events', 'sleep', 'sleep_many', 'start', 'start_many',
    'suspend', 'suspend_many', 'suspend_until_ended', 'write_stream', 'write_streams'
  ],
  'workers'
);
select set_eq(
  format('select pg_temp.granted_to(%L, %L)', :'schema', :'operator'),
  array[
    'backfill_schedule', 'delete_queue', 'delete_retention', 'delete_schedule', 'export_workflow',
    'import_workflow', 'list_retention', 'notify_alerts', 'pause_queue', 'pause_schedule',
    'preview_retention', 'rename_application', 'resume_queue', 'resume_schedule', 'run_maintenance',
    'set_latest_version', 'set_retention', 'set_version', 'status', 'update_queue'
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
