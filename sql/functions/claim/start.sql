-- Calls: start_many.
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
returns table (
  workflow_key bigint,
  workflow_id text,
  token bigint
)
language sql
volatile
security definer
set search_path from current
as $$
  select s.workflow_key, s.workflow_id, s.token
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
  ) as s
$$;

comment on function start(
  bigint, text, json, text, int, text, interval, timestamptz, jsonb, text, text[], text, text, text
) is
  'Starts one workflow that the calling executor runs itself, at once, without a queue. If its worker
dies, any other worker takes it over.
executor_id: from register_executor. For the rest see enqueue.
Returns its key, its id, and the token to write under; the token is null if the id existed already,
or the deadline has passed: then that workflow is not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD006 (executor without lease).';
