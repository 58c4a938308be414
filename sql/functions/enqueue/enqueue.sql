-- Calls: _enqueue_plain, enqueue_many, keep_traces.
create or replace function enqueue(
  workflow text,
  input json default null,
  queue text default 'default',
  workflow_id text default null,
  priority int default 0,
  max_recovery_attempts int default 100,
  app_version text default null,
  partition_key text default null,
  deduplication_id text default null,
  on_duplicate text default 'reject',
  delay interval default null,
  expires_in interval default null,
  retries int default null,
  retry_interval interval default '1 second',
  retry_backoff double precision default 2.0,
  retry_max_interval interval default '1 hour',
  create_queue boolean default false,
  timeout interval default null,
  deadline timestamptz default null,
  attributes jsonb default null,
  authenticated_user text default null,
  authenticated_roles text[] default null,
  assumed_role text default null,
  class_name text default null,
  config_name text default null,
  application text default null,
  traceparent text default null
)
returns text
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_id text;
begin
  if octet_length(workflow) between 1 and 512 and octet_length(coalesce(enqueue.workflow_id, '-')) between 1 and 512
    and num_nonnulls(
      partition_key, deduplication_id, delay, expires_in, timeout, deadline, attributes, authenticated_user,
      authenticated_roles, assumed_role, class_name, config_name
    ) = 0
    and on_duplicate = 'reject' and coalesce(retries, 0) = 0
    and (enqueue.application is null or octet_length(enqueue.application) between 1 and 400)
    and max_recovery_attempts >= 0
  then
    v_id := _enqueue_plain(
      workflow, enqueue.input, coalesce(enqueue.queue, enqueue.application), coalesce(enqueue.workflow_id, _new_workflow_id()),
      coalesce(enqueue.priority, 0), enqueue.max_recovery_attempts, enqueue.app_version, enqueue.application
    );
    if v_id is not null then
      if enqueue.traceparent is not null then
        perform keep_traces(array[v_id], array[enqueue.traceparent]);
      end if;
      return v_id;
    end if;
  end if;

  select e.workflow_id into v_id
  from enqueue_many(
    enqueue.workflow,
    array[enqueue.input],
    queue => enqueue.queue,
    workflow_ids => array[enqueue.workflow_id],
    priorities => array[enqueue.priority],
    max_recovery_attempts => enqueue.max_recovery_attempts,
    app_version => enqueue.app_version,
    partition_keys => case when enqueue.partition_key is not null then array[enqueue.partition_key] end,
    deduplication_ids => case when enqueue.deduplication_id is not null then array[enqueue.deduplication_id] end,
    on_duplicate => enqueue.on_duplicate,
    delay => enqueue.delay,
    expires_in => enqueue.expires_in,
    retries => enqueue.retries,
    retry_interval => enqueue.retry_interval,
    retry_backoff => enqueue.retry_backoff,
    retry_max_interval => enqueue.retry_max_interval,
    create_queue => enqueue.create_queue,
    timeout => enqueue.timeout,
    deadline => enqueue.deadline,
    attributes => case when enqueue.attributes is not null then array[enqueue.attributes] end,
    authenticated_user => enqueue.authenticated_user,
    authenticated_roles => enqueue.authenticated_roles,
    assumed_role => enqueue.assumed_role,
    class_name => enqueue.class_name,
    config_name => enqueue.config_name,
    application => enqueue.application
  ) as e;
  if enqueue.traceparent is not null then
    perform keep_traces(array[v_id], array[enqueue.traceparent]);
  end if;
  return v_id;
end
$$;

comment on function enqueue(
  text, json, text, text, int, int, text, text, text, text, interval, interval,
  int, interval, double precision, interval, boolean, interval, timestamptz,
  jsonb, text, text[], text, text, text, text, text
) is
  'Puts a workflow into a queue, in the transaction of the caller: it can be claimed when that
commits, and never was there when it rolls back.
workflow: the name under which workers know the function; it need not be known yet.
input: a JSON value. An array holds positional arguments, an object named ones.
queue: where it waits; null: in the queue of the application, which has its name and is made when it is needed.
workflow_id: 1 to 512 bytes; null: a new time-ordered one. An id starts one workflow, once.
priority: lower runs first; 0 unless given.
max_recovery_attempts: how often it may be taken over from a dead worker.
app_version: null: an executor of the latest version takes it; or the version it belongs to.
traceparent: null, or the trace context in which it is enqueued; see keep_traces.
For the rest, with one value instead of an array, see enqueue_many.
Returns the id.
Raises PD001 (bad argument), PD003 (id of another workflow), PD007 (no such queue), PD012 (deduplication
id held).';
