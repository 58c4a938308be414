-- Roles and grants, as data. The functions run with the rights of the schema's owner; the
-- tables and the functions that begin with an underscore are granted to nobody.
--
--   <schema>_client    may ask for work and look at it
--   <schema>_worker    may also run it
--   <schema>_operator  may also manage it
--
-- An owner that may not create roles can grant by itself, or use the schema alone.
do $$
declare
  v_schema text := current_schema();
  v_role text;
  v_grant record;
begin
  execute format('revoke all on all functions in schema %I from public', v_schema);
  execute format('revoke all on all tables in schema %I from public', v_schema);
  execute format('revoke all on schema %I from public', v_schema);

  foreach v_role in array array['client', 'worker', 'operator'] loop
    begin
      if to_regrole(quote_ident(v_schema || '_' || v_role)) is null then
        execute format('create role %I nologin', v_schema || '_' || v_role);
      end if;
    exception
      when duplicate_object or unique_violation then
        null; -- an installation into another database of this cluster was first
      when insufficient_privilege then
        raise warning 'no role %_%: % may not create roles', v_schema, v_role, current_user
          using hint = 'Create it, or grant usage on the schema and execute on its functions yourself.';
    end;
  end loop;

  for v_grant in
    select g.role, g.function
    from (values
      ('client', 'schema_version'),
      ('client', 'enqueue'),
      ('client', 'enqueue_many'),
      ('client', 'get_result'),
      ('client', 'get_results'),
      ('client', 'get_workflow'),
      ('client', 'list_steps'),
      ('client', 'list_workflows'),
      ('client', 'workflow_tree'),
      ('client', 'workflow_aggregates'),
      ('client', 'workflow_durations'),
      ('client', 'step_aggregates'),
      ('client', 'metrics'),
      ('client', 'list_queues'),
      ('client', 'queue_stats'),
      ('client', 'debounce'),
      ('client', 'set_delay'),
      ('client', 'set_attributes'),
      ('client', 'keep_traces'),
      ('client', 'explain_wait'),
      ('client', 'list_versions'),
      ('client', 'send'),
      ('client', 'send_many'),
      ('client', 'get_event'),
      ('client', 'get_all_events'),
      ('client', 'read_stream'),
      ('client', 'watch'),
      ('client', 'cron_next'),
      ('client', 'cron_ticks'),
      ('client', 'list_schedules'),
      ('client', 'get_schedule'),
      ('client', 'trigger_schedule'),
      ('client', 'cancel'),
      ('client', 'cancel_many'),
      ('client', 'resume'),
      ('client', 'resume_many'),
      ('client', 'fork'),
      ('client', 'fork_many'),
      ('client', 'delete_workflows'),
      ('client', 'alerts'),
      ('worker', 'register_executor'),
      ('worker', 'heartbeat'),
      ('worker', 'deregister_executor'),
      ('worker', 'reconcile'),
      ('worker', 'lost_workflows'),
      ('worker', 'list_executors'),
      ('worker', 'register_queue'),
      ('worker', 'register_version'),
      ('worker', 'claim'),
      ('worker', 'start'),
      ('worker', 'start_many'),
      ('worker', 'record_step'),
      ('worker', 'place_steps'),
      ('worker', 'record_steps'),
      ('worker', 'fail_step'),
      ('worker', 'patch'),
      ('worker', 'deprecate_patch'),
      ('worker', 'suspend'),
      ('worker', 'suspend_many'),
      ('worker', 'release'),
      ('worker', 'release_many'),
      ('worker', 'finish'),
      ('worker', 'finish_many'),
      ('worker', 'run_maintenance'),
      ('worker', 'sleep'),
      ('worker', 'sleep_many'),
      ('worker', 'suspend_until_ended'),
      ('worker', 'send_in_step'),
      ('worker', 'set_attributes_in_step'),
      ('worker', 'recv'),
      ('worker', 'recv_many'),
      ('worker', 'set_event'),
      ('worker', 'set_events'),
      ('worker', 'await_events'),
      ('worker', 'write_stream'),
      ('worker', 'write_streams'),
      ('worker', 'close_stream'),
      ('worker', 'create_schedule'),
      ('worker', 'apply_schedules'),
      ('worker', 'fire_schedules'),
      ('operator', 'status'),
      ('worker', 'cancel_in_step'),
      ('worker', 'delete_in_step'),
      ('worker', 'resume_in_step'),
      ('worker', 'fork_in_step'),
      ('operator', 'run_maintenance'),
      ('operator', 'set_latest_version'),
      ('operator', 'set_version'),
      ('operator', 'update_queue'),
      ('operator', 'pause_queue'),
      ('operator', 'resume_queue'),
      ('operator', 'delete_queue'),
      ('operator', 'pause_schedule'),
      ('operator', 'resume_schedule'),
      ('operator', 'delete_schedule'),
      ('operator', 'backfill_schedule'),
      ('operator', 'set_retention'),
      ('operator', 'delete_retention'),
      ('operator', 'list_retention'),
      ('operator', 'preview_retention'),
      ('operator', 'export_workflow'),
      ('operator', 'import_workflow'),
      ('operator', 'notify_alerts'),
      ('operator', 'rename_application')
    ) as g (role, function)
    where to_regrole(quote_ident(v_schema || '_' || g.role)) is not null
  loop
    execute format('grant execute on function %I.%I to %I',
      v_schema, v_grant.function, v_schema || '_' || v_grant.role);
  end loop;

  foreach v_role in array array['client', 'worker', 'operator'] loop
    if to_regrole(quote_ident(v_schema || '_' || v_role)) is not null then
      execute format('grant usage on schema %I to %I', v_schema, v_schema || '_' || v_role);
    end if;
  end loop;
  -- What a client may, a worker may, and what a worker may, an operator may.
  for v_grant in
    select v_schema || g.role as role, v_schema || g.includes as includes
    from (values ('_worker', '_client'), ('_operator', '_worker')) as g (role, includes)
    where to_regrole(quote_ident(v_schema || g.role)) is not null
      and to_regrole(quote_ident(v_schema || g.includes)) is not null
  loop
    continue when pg_has_role(v_grant.role, v_grant.includes, 'member');
    begin
      execute format('grant %I to %I', v_grant.includes, v_grant.role);
    exception
      when unique_violation then
        null; -- again that other installation
      when insufficient_privilege then
        raise warning 'role % does not include %: % may not grant it', v_grant.role, v_grant.includes, current_user
          using hint = format('As a role that may: grant %I to %I', v_grant.includes, v_grant.role);
    end;
  end loop;
end
$$;
