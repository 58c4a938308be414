-- Calls: _queue, _lane_ids, _check_options, _check_deadline, _check_application, _origins, _create_workflows,
-- keep_traces.
-- Locks: the task that is waiting; then its workflow, which nobody else writes.
create or replace function debounce(
  workflow text,
  debounce_key text,
  delay interval,
  input json default null,
  queue text default 'default',
  max_delay interval default null,
  partition_key text default null,
  workflow_id text default null,
  priority int default 0,
  timeout interval default null,
  deadline timestamptz default null,
  attributes jsonb default null,
  authenticated_user text default null,
  authenticated_roles text[] default null,
  assumed_role text default null,
  class_name text default null,
  config_name text default null,
  application text default null,
  create_queue boolean default false,
  traceparent text default null
)
returns text
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_queue queues := _queue(debounce.queue, create_queue, debounce.application);
  v_options enqueue_options;
  v_now timestamptz := _now();
  v_created record;
  v_name text;
begin
  perform _check_text('debounce key', debounce_key);
  perform _check_options('reject', delay, null, null, null, null, null);
  perform _check_deadline(timeout, deadline);
  if delay > interval '0' is not true or max_delay not between delay and interval '100 years' then
    perform _raise(
      'PD001',
      'a debounce needs a delay of more than 0, and a max_delay that is not shorter, up to 100 years',
      detail => format('delay %s, max_delay %s', coalesce(delay::text, 'null'), coalesce(max_delay::text, 'null')),
      hint => 'Each call puts the start off by delay; max_delay bounds it, from the first call on.'
    );
  end if;

  v_options.lane_ids := _lane_ids(v_queue, case when partition_key is not null then array[partition_key] end, 1);
  v_options.deduplication_ids := array[debounce_key];
  v_options.return_existing := true;
  v_options.delay := delay;
  v_options.debounce := true;
  v_options.timeouts := array[timeout];
  v_options.deadlines := array[deadline];
  if debounce.application is not null then
    perform _check_application(debounce.application);
    v_options.application := debounce.application;
  end if;
  v_options.origins := _origins(
    1, case when attributes is not null then array[attributes] end,
    authenticated_user, authenticated_roles, assumed_role,
    case when class_name is not null then array[class_name] end,
    case when config_name is not null then array[config_name] end
  );

  loop
    select c.workflow_key, c.workflow_id, c.created into v_created
    from _create_workflows(
      array[workflow], array[input], array[debounce.workflow_id], v_queue.queue_id, array[priority],
      null, null, null, null, null, null, v_options
    ) as c;
    exit when v_created.created;

    -- Somebody was first: the start is put off, and this input counts.
    update tasks t
    set wake_at = least(v_now + _exact_span(delay), w.created_at + _exact_span(max_delay))
    from workflows w
    where t.key = v_created.workflow_key and w.key = t.key
      and t.status = 'DELAYED' and t.debounced
    returning w.name into v_name;
    if found then
      if v_name <> workflow then
        perform _raise(
          'PD012',
          format('debounce key %L is held by a workflow named %L', debounce_key, v_name),
          hint => 'Use a key of its own for each workflow.'
        );
      end if;
      update workflows w
      set input = debounce.input
      where w.key = v_created.workflow_key;
      exit;
    end if;

    -- An id that is given exists and is not waiting to start: it was started before.
    exit when v_created.workflow_id = debounce.workflow_id;
    -- The key is held by a workflow that is not debounced, or that is waking up at this moment.
    if exists (
      select from tasks t
      where t.key = v_created.workflow_key and t.deduplicated and not t.debounced
    ) then
      perform _raise(
        'PD012',
        format('debounce key %L is held as deduplication id by workflow %L', debounce_key, v_created.workflow_id),
        hint => 'Use another key.'
      );
    end if;
  end loop;
  if debounce.traceparent is not null then
    perform keep_traces(array[v_created.workflow_id], array[debounce.traceparent]);
  end if;
  return v_created.workflow_id;
end
$$;

comment on function debounce(
  text, text, interval, json, text, interval, text, text, int, interval, timestamptz,
  jsonb, text, text[], text, text, text, text, boolean, text
) is
  'Starts a workflow once its calls have been quiet: the first call enqueues it, DELAYED; each further
one with the same key, before it starts, puts it off and replaces its input. A call after that begins anew.
workflow, queue, partition_key, priority: as for enqueue.
debounce_key: 1 to 512 bytes; what belongs together, for each queue or partition.
delay: how long it waits after the last call.
input: a JSON value; that of the last call counts.
max_delay: null, or how long after the first call it starts at the latest.
workflow_id: null, or the id if this call is the first.
timeout, deadline, attributes, authenticated_user, authenticated_roles, assumed_role, class_name, config_name,
application, traceparent: as for enqueue; those of the first call count.
create_queue: true to make the queue, without limits, if it does not exist.
Returns the id of the workflow that will run with this input.
Raises PD001 (bad argument), PD003 (id of another workflow), PD007 (no such queue), PD012 (the key is held by
another workflow).';
