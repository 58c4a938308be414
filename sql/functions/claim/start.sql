-- Calls: _hold_executor, _pin_version, _internal_queue, start_many.
-- Writes: workflows, tasks.
--
-- What start_many does for one workflow without a deadline and an origin is done here, without arrays and without the
-- functions in between; everything else, also an id that exists already, goes there.
create or replace function start(
  executor_id bigint,
  workflow text,
  input json default null,
  workflow_id text default null,
  max_recovery_attempts int default 100,
  app_version text default null,
  timeout interval default null,
  deadline timestamptz default null,
  attributes jsonb default null,
  authenticated_user text default null,
  authenticated_roles text[] default null,
  assumed_role text default null,
  class_name text default null,
  config_name text default null
)
returns started
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz;
  v_application text;
  v_started started;
begin
  if octet_length(workflow) between 1 and 512 and octet_length(coalesce(start.workflow_id, '-')) between 1 and 512
    and max_recovery_attempts >= 0
    and num_nonnulls(
      timeout, deadline, attributes, authenticated_user, authenticated_roles, assumed_role, class_name, config_name
    ) = 0
  then
    v_application := _hold_executor(start.executor_id);
    if start.app_version is not null then
      perform _pin_version(start.app_version);
    end if;
    v_now := _now();
    -- The transaction has its id before it draws a key: _raise_floor relies on that.
    perform pg_current_xact_id();
    v_started.workflow_key := nextval('task_keys');
    v_started.workflow_id := coalesce(start.workflow_id, _new_workflow_id());

    insert into workflows (
      key, workflow_id, name, max_recovery_attempts, input, app_version, created_at, application
    )
    values (
      v_started.workflow_key, v_started.workflow_id, workflow, start.max_recovery_attempts, start.input,
      start.app_version, v_now, v_application
    )
    on conflict (workflow_id) do nothing;
    if found then
      insert into tasks (
        key, queue_id, rank, status, attempts, max_recovery_attempts, token, executor_id, started_at,
        app_version
      )
      values (
        v_started.workflow_key,
        case
          when v_application is null then (select q.queue_id from queues q where q.name = '_internal')
          else _internal_queue(v_application)
        end,
        0, 'PENDING', 1, start.max_recovery_attempts, 0, start.executor_id, v_now,
        coalesce(
          start.app_version,
          (select e.app_version from executors e where e.executor_id = start.executor_id),
          ''
        )
      );
      v_started.token := 0;
      return v_started;
    end if;
  end if;

  select s.workflow_key, s.workflow_id, s.token, s.time_left into v_started
  from start_many(
    start.executor_id, array[start.workflow], array[start.input],
    workflow_ids => array[start.workflow_id],
    max_recovery_attempts => array[start.max_recovery_attempts],
    app_version => start.app_version,
    timeouts => case when start.timeout is not null then array[start.timeout] end,
    deadlines => case when start.deadline is not null then array[start.deadline] end,
    attributes => case when start.attributes is not null then array[start.attributes] end,
    authenticated_user => start.authenticated_user,
    authenticated_roles => start.authenticated_roles,
    assumed_role => start.assumed_role,
    class_names => case when start.class_name is not null then array[start.class_name] end,
    config_names => case when start.config_name is not null then array[start.config_name] end
  ) as s;
  return v_started;
end
$$;

comment on function start(
  bigint, text, json, text, int, text, interval, timestamptz, jsonb, text, text[], text, text, text
) is
  'Starts one workflow that the calling executor runs itself, at once, without a queue. If its worker
dies, any other worker takes it over.
executor_id: from register_executor. For the rest see enqueue.
Returns workflow_key, workflow_id, token (to write under) and time_left (until its deadline; null without one).
The token is null if the id existed already, or the deadline has passed: then that workflow is not the caller''s
to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD006 (executor without lease).';
