-- Calls: _queue, _lane_ids, _check_repeated_ids, _check_options, _check_deadline, _check_application, _origins,
-- _create_workflows, _notify_queue, keep_traces.
create or replace function enqueue_many(
  workflow text,
  inputs json[],
  queue text default 'default',
  workflow_ids text[] default null,
  priorities int[] default null,
  max_recovery_attempts int default 100,
  app_version text default null,
  parent_keys bigint[] default null,
  parent_tokens bigint[] default null,
  parent_steps int[] default null,
  partition_keys text[] default null,
  deduplication_ids text[] default null,
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
  attributes jsonb[] default null,
  authenticated_user text default null,
  authenticated_roles text[] default null,
  assumed_role text default null,
  class_name text default null,
  config_name text default null,
  application text default null,
  traceparents text[] default null
)
returns table (
  item int,
  workflow_id text,
  created boolean
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_many int := cardinality(inputs);
  v_queue queues := _queue(enqueue_many.queue, create_queue, enqueue_many.application);
  v_options enqueue_options;
  v_ids text[] := workflow_ids;
  -- Here current_user is the owner; a role that was set holds, be it more or less than the session's.
  v_caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(priorities), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many),
    coalesce(cardinality(partition_keys), v_many),
    coalesce(cardinality(deduplication_ids), v_many),
    coalesce(cardinality(attributes), v_many),
    coalesce(cardinality(traceparents), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to enqueue_many differ in length',
      detail => format('inputs has %s elements', coalesce(v_many::text, 'no')),
      hint => 'Give each array one element for each workflow, or leave it out. Without input, give nulls.'
    );
  end if;

  if cardinality(workflow_ids) > 1 then
    perform _check_repeated_ids(workflow_ids, inputs);
  end if;

  -- A start of a child is a step of its parent: a client that may not run workflows may not write one.
  if parent_keys is not null
    and not has_function_privilege(v_caller, 'claim(bigint, text[], int)', 'execute')
  then
    perform _raise(
      'PD014',
      format('%s may not start children: that writes a step of the parent', v_caller),
      hint => format('Leave out parent_keys, or grant the role %I_worker.', current_schema())
    );
  end if;

  v_options.lane_ids := _lane_ids(v_queue, partition_keys, v_many);
  v_options.deduplication_ids := enqueue_many.deduplication_ids;
  v_options.return_existing := on_duplicate = 'return_existing';
  v_options.delay := enqueue_many.delay;
  v_options.expires_in := enqueue_many.expires_in;
  if enqueue_many.retries > 0 then
    v_options.retries := enqueue_many.retries;
    v_options.retry_interval := enqueue_many.retry_interval;
    v_options.retry_backoff := enqueue_many.retry_backoff;
    v_options.retry_max_interval := enqueue_many.retry_max_interval;
  end if;
  perform _check_options(on_duplicate, delay, expires_in, retries, retry_interval, retry_backoff, retry_max_interval);
  if timeout is not null or deadline is not null then
    perform _check_deadline(timeout, deadline);
    v_options.timeouts := array_fill(timeout, array[v_many]);
    v_options.deadlines := array_fill(deadline, array[v_many]);
  end if;
  if enqueue_many.application is not null then
    perform _check_application(enqueue_many.application);
    v_options.application := enqueue_many.application;
  end if;
  v_options.origins := _origins(
    v_many, attributes, authenticated_user, authenticated_roles, assumed_role,
    case when class_name is not null then array_fill(class_name, array[v_many]) end,
    case when config_name is not null then array_fill(config_name, array[v_many]) end
  );

  if traceparents is not null then
    -- Known before, as what is returned is not seen here.
    v_ids := array(
      select coalesce(enqueue_many.workflow_ids[i], _new_workflow_id()) from generate_series(1, v_many) as i order by i
    );
  end if;

  return query
  select c.item, c.workflow_id, c.created
  from _create_workflows(
    array_fill(workflow, array[v_many]), inputs, v_ids, v_queue.queue_id, priorities,
    array_fill(enqueue_many.max_recovery_attempts, array[v_many]), null, enqueue_many.app_version,
    parent_keys, parent_tokens, parent_steps, v_options
  ) as c;

  if traceparents is not null then
    perform keep_traces(v_ids, traceparents);
  end if;
  perform _notify_queue(v_queue.queue_id);
end
$$;

comment on function enqueue_many(
  text, json[], text, text[], int[], int, text, bigint[], bigint[], int[],
  text[], text[], text, interval, interval, int, interval, double precision, interval, boolean,
  interval, timestamptz, jsonb[], text, text[], text, text, text, text, text[]
) is
  'Enqueues many workflows of one name in one call: all of them or, on an error, none.
workflow: the name under which workers know the function; it need not be known yet.
inputs: one JSON value each. An array holds positional arguments, an object named ones.
queue: where they wait; null: in the queue of the application, which has its name and is made when it is needed.
workflow_ids: null, or an id each (1 to 512 bytes; null: a new time-ordered one). An id starts one
workflow, once: if it exists, that workflow is returned and created is false. An id that comes twice has the
same input.
priorities: null, or a number each; lower runs first.
max_recovery_attempts: how often each may be taken over from a dead worker.
app_version: null: executors of the latest version take them; or the version they belong to: only executors of that,
or without version, take them. It may be one that nobody has registered yet.
parent_keys, parent_tokens, parent_steps: for workers. The running workflows that start these as
children, with their tokens; the start is recorded as that step in the same transaction.
partition_keys: for a partitioned queue: a key each (1 to 512 bytes). Partitions are served in turn.
deduplication_ids: null, or an id each (1 to 512 bytes; null: none). One active workflow of a queue, or of
a partition, may have it.
on_duplicate: what to do when it is held: ''reject'' (raise PD012, enqueue nothing), or
''return_existing'' (return the workflow that holds it; if that has another name, raise PD012).
delay: null, or how long they stay DELAYED before they can be claimed.
expires_in: null, or after how long they are CANCELLED unless they have started.
retries: null, or how often a workflow that fails is run again; then retry n waits
retry_interval * retry_backoff ^ (n - 1), at most retry_max_interval.
create_queue: true to make the queue, without limits, if it does not exist.
timeout: null, or how long each may take from its first start to its end; more than 0, at most 100 years.
deadline: null, or when each has to have ended. If it has passed, they are CANCELLED and never run.
Whichever of both comes first counts, and that of the parent. It holds over all attempts and retries.
attributes: null, or a JSON object each (null: none), for those who search; see set_attributes.
authenticated_user, authenticated_roles, assumed_role: null, or on whose behalf they run; 1 to 512 bytes each.
Children for which none of the three is given have those of their parent.
class_name, config_name: null, or the class whose method it is, and the name of the configured instance.
application: null, or the application that asks. They belong to that of their queue, if it has one; else to this,
or to that of their parent.
traceparents: null, or the trace context in which each is enqueued (null: none); see keep_traces.
Returns a row for each, in order: its id and whether this call created it.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD007 (no such queue), PD012 (deduplication id held), PD014 (children, by a role
that is no worker).';
