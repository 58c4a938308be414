-- Calls: _check_exported, _import_place, _raise_unreadable, _import_records, _import_task.
create or replace function _import_one(
  workflow json,
  create_queues boolean,
  first_key bigint
)
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_given exported_workflow := json_populate_record(null::exported_workflow, workflow);
  v_place record;
  v_parent_key bigint;
  v_key bigint;
begin
  perform _check_exported(v_given);
  v_place := _import_place(v_given, create_queues);
  if v_given.parent_id is not null then
    select w.key into v_parent_key
    from workflows w
    where w.workflow_id = v_given.parent_id and w.key >= first_key;
    if not found then
      perform _raise_unreadable(
        format('the parent of workflow %L is not before it in the document', v_given.workflow_id)
      );
    end if;
  end if;

  v_key := nextval('task_keys');
  insert into workflows (
    key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts, input, parent_key, parent_step,
    app_version, created_at, deduplication_id, retries, retry_interval, retry_backoff, retry_max_interval,
    timeout, deadline, attributes, application, class_name, config_name,
    authenticated_user, authenticated_roles, assumed_role, forked_from, was_forked, schedule
  )
  values (
    v_key, v_given.workflow_id, v_given.name, v_place.queue_id, v_place.lane_id, v_given.priority,
    v_given.max_recovery_attempts, v_given.input::json, v_parent_key, v_given.parent_step,
    v_given.app_version, v_given.created_at, v_given.deduplication_id, v_given.retries, v_given.retry_interval,
    v_given.retry_backoff, v_given.retry_max_interval,
    v_given.timeout, v_given.deadline, v_given.attributes, v_given.application, v_given.class_name,
    v_given.config_name, v_given.authenticated_user, v_given.authenticated_roles, v_given.assumed_role,
    v_given.forked_from, v_given.was_forked, v_given.schedule
  )
  on conflict (workflow_id) do nothing;
  if not found then
    if exists (select from workflows w where w.workflow_id = v_given.workflow_id and w.key >= first_key) then
      perform _raise_unreadable(format('workflow %L is twice in the document', v_given.workflow_id));
    end if;
    perform _raise(
      'PD003',
      format('workflow %L exists', v_given.workflow_id),
      detail => 'Nothing was imported.',
      hint => 'Delete it first, if the one of the document is to take its place.'
    );
  end if;
  perform _import_records(v_key, v_given);

  if v_given.completed_at is null then
    return _import_task(v_key, v_given, v_place.queue_id, v_place.lane_id);
  end if;
  insert into outcomes (
    key, status, output, error, attempts, failures, token, started_at, completed_at, deadline,
    app_version
  )
  values (
    v_key, v_given.status, v_given.output::json, v_given.error::json, v_given.attempts, v_given.failures,
    case when v_given.status in ('SUCCESS', 'ERROR') then 0 end, v_given.started_at, v_given.completed_at,
    v_given.deadline_now, v_given.app_version_now
  );
  return null;
end
$$;

comment on function _import_one(json, boolean, bigint) is
  'Writes one workflow of a document, of which all have keys from the first on. Returns the queue in which it is active, or null.';
