-- Calls: _check_text, _check_options, _check_deadline, _check_origins, _check_application, _queue, _internal_queue,
-- _lane_ids, _pin_version.
--
-- What ran, or was put down, is put down here too, and due at once: the next claim takes it, and it goes on from its
-- last recorded step and waits again for what it waited for.
--
-- Nothing gets in that enqueueing would have refused, or that a claim or run_maintenance could not reckon with: one such
-- row would stop them for all others too.
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
  v_given record;
  v_queue queues;
  v_lane_id int := 0;
  v_task_queue int;
  v_parent_key bigint;
  v_ageing double precision;
  v_key bigint;
  v_wrong text;
  v_first constant timestamptz := timestamptz '0001-01-01 00:00+00';
  v_last constant timestamptz := timestamptz '9999-12-31 00:00+00';
  v_most constant int := 1000000000;
begin
  select * into v_given
  from json_to_record(workflow) as g (
    workflow_id text, name text, status workflow_status, queue text, partition_key text,
    priority int, max_recovery_attempts int, input text, parent_id text, parent_step int,
    app_version text, created_at timestamptz, deduplication_id text,
    retries int, retry_interval interval, retry_backoff double precision, retry_max_interval interval,
    timeout interval, deadline timestamptz, attributes jsonb, application text, class_name text, config_name text,
    authenticated_user text, authenticated_roles text[], assumed_role text,
    forked_from text, was_forked boolean, schedule text,
    attempts int, failures int, started_at timestamptz, completed_at timestamptz, output text, error text,
    deadline_now timestamptz, app_version_now text, timeout_left interval, wake_at timestamptz, expires_at timestamptz,
    deduplicated boolean, debounced boolean, steps json, events json, messages json, streams json
  );
  perform _check_text('workflow id', v_given.workflow_id);
  perform _check_text('workflow name', v_given.name);
  if (v_given.status in ('DELAYED', 'ENQUEUED', 'PENDING')) is distinct from (v_given.completed_at is null) then
    perform _raise(
      'PD001',
      format('workflow %L of the document is %s but %s', v_given.workflow_id, coalesce(v_given.status::text, 'in no status'),
        case when v_given.completed_at is null then 'has not ended' else 'has ended' end),
      hint => 'Give the document as export_workflow has made it.'
    );
  end if;
  perform _check_text(t.what, t.value)
  from (values ('deduplication id', v_given.deduplication_id), ('partition key', v_given.partition_key)) as t (what, value)
  where t.value is not null;
  if v_given.application is not null then
    perform _check_application(v_given.application);
  end if;
  perform _check_options(
    'reject', null, null, v_given.retries, v_given.retry_interval, v_given.retry_backoff, v_given.retry_max_interval
  );
  perform _check_deadline(v_given.timeout, v_given.deadline);
  perform _check_deadline(v_given.timeout_left, v_given.deadline_now);
  perform _check_origins(array[row(
    v_given.attributes, v_given.class_name, v_given.config_name, v_given.authenticated_user,
    v_given.authenticated_roles, v_given.assumed_role
  )::workflow_origin]);
  select g.what into v_wrong
  from (
    select m.what, m.at between v_first and v_last as fits
    from (values
      ('created_at', v_given.created_at), ('started_at', v_given.started_at), ('completed_at', v_given.completed_at),
      ('deadline', v_given.deadline), ('deadline_now', v_given.deadline_now),
      ('wake_at', v_given.wake_at), ('expires_at', v_given.expires_at)
    ) as m (what, at)
    union all
    select n.what, n.number between 0 and v_most
    from (values
      ('attempts', v_given.attempts), ('failures', v_given.failures),
      ('max_recovery_attempts', v_given.max_recovery_attempts)
    ) as n (what, number)
    union all
    select 'wake_at', v_given.status <> 'DELAYED' or v_given.wake_at is not null
    union all
    select 'debounced', not v_given.debounced or v_given.status = 'DELAYED' and v_given.deduplicated
    union all
    select l.what, coalesce(json_typeof(l.list), 'null') = 'array'
    from (values
      ('steps', v_given.steps), ('events', v_given.events),
      ('messages', v_given.messages), ('streams', v_given.streams)
    ) as l (what, list)
  ) as g
  where not g.fits
  limit 1;
  if v_wrong is null then
    select 'a step' into v_wrong
    from json_to_recordset(v_given.steps) as s (
      step int, attempts int, started_at timestamptz, completed_at timestamptz, retry_at timestamptz
    )
    where not (
      s.step between 0 and v_most and s.attempts between 0 and v_most
      and coalesce(s.started_at, v_first) between v_first and v_last
      and coalesce(s.completed_at, v_first) between v_first and v_last
      and coalesce(s.retry_at, v_first) between v_first and v_last
    )
    limit 1;
  end if;
  if v_wrong is not null then
    perform _raise(
      'PD001',
      format('%s of workflow %L of the document is missing or out of range', v_wrong, v_given.workflow_id),
      detail => 'Nothing was imported.',
      hint => 'Give the document as export_workflow has made it.'
    );
  end if;

  if v_given.queue is not null then
    if create_queues and v_given.partition_key is not null then
      perform _check_text('queue', v_given.queue);
      insert into queues (name, partitioned) values (v_given.queue, true) on conflict (name) do nothing;
    end if;
    v_queue := _queue(v_given.queue, create_queues);
    if v_given.completed_at is null then
      v_lane_id := coalesce((_lane_ids(v_queue, array[v_given.partition_key], 1))[1], 0);
    elsif v_given.partition_key is not null then
      insert into lanes (queue_id, partition_key)
      select v_queue.queue_id, v_given.partition_key
      where not exists (
        select from lanes e where e.queue_id = v_queue.queue_id and e.partition_key = v_given.partition_key
      )
      on conflict (queue_id, partition_key) do nothing;
      select l.lane_id into v_lane_id
      from lanes l
      where l.queue_id = v_queue.queue_id and l.partition_key = v_given.partition_key;
    end if;
  end if;
  if v_given.parent_id is not null then
    select w.key into v_parent_key
    from workflows w
    where w.workflow_id = v_given.parent_id and w.key >= first_key;
    if not found then
      perform _raise(
        'PD001',
        format('the parent of workflow %L is not before it in the document', v_given.workflow_id),
        hint => 'Give the document as export_workflow has made it.'
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
    v_key, v_given.workflow_id, v_given.name, v_queue.queue_id, v_lane_id, v_given.priority,
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
      perform _raise(
        'PD001',
        format('workflow %L is twice in the document', v_given.workflow_id),
        hint => 'Give the document as export_workflow has made it.'
      );
    end if;
    perform _raise(
      'PD003',
      format('workflow %L exists', v_given.workflow_id),
      detail => 'Nothing was imported.',
      hint => 'Delete it first, if the one of the document is to take its place.'
    );
  end if;

  insert into steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at)
  select
    v_key, s.step, s.name, s.output::json, s.error::json, s.child_id, s.attempts, s.started_at, s.completed_at,
    s.retry_at
  from json_to_recordset(v_given.steps) as s (
    step int, name text, output text, error text, child_id text, attempts int, started_at timestamptz,
    completed_at timestamptz, retry_at timestamptz
  );
  insert into events (key, name, value, step, set_at)
  select v_key, e.name, e.value::json, e.step, e.set_at
  from json_array_elements(v_given.events) with ordinality as g (event, place)
  cross join lateral json_to_record(g.event) as e (name text, value text, step int, set_at timestamptz)
  order by g.place;
  insert into messages (message_id, key, topic, message, idempotency_key, sent_at, received)
  select nextval('message_ids'), v_key, m.topic, m.message::json, m.idempotency_key, m.sent_at, m.received
  from (
    select e.*
    from json_array_elements(v_given.messages) with ordinality as g (message, place)
    cross join lateral json_to_record(g.message) as e (
      topic text, message text, idempotency_key text, sent_at timestamptz, received boolean
    )
    order by g.place
    offset 0
  ) as m;
  insert into stream_entries (key, name, entry, value, closes, step, written_at)
  select v_key, s.name, s.entry, s.value::json, s.closes, s.step, s.written_at
  from json_to_recordset(v_given.streams) as s (
    name text, entry int, value text, closes boolean, step int, written_at timestamptz
  );

  if v_given.completed_at is not null then
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
  end if;

  if v_given.app_version_now is not null then
    perform _pin_version(v_given.app_version_now);
  end if;
  if v_given.deduplicated then
    insert into deduplications (queue_id, lane_id, deduplication_id, key)
    values (v_queue.queue_id, v_lane_id, v_given.deduplication_id, v_key)
    on conflict (queue_id, lane_id, deduplication_id) do nothing;
    if not found then
      perform _raise(
        'PD012',
        format('deduplication id %L of workflow %L is held by another workflow',
          v_given.deduplication_id, v_given.workflow_id),
        detail => 'Nothing was imported.',
        hint => 'Import it when that has ended.'
      );
    end if;
  end if;
  v_task_queue := coalesce(v_queue.queue_id, _internal_queue(v_given.application));
  select extract(epoch from q.priority_ageing) into v_ageing from queues q where q.queue_id = v_task_queue;
  insert into tasks (
    key, queue_id, lane_id, rank, status, attempts, failures, max_recovery_attempts, started_at, wake_at,
    resumed, deduplicated, debounced, expires_at, retries, timeout, deadline,
    app_version
  )
  values (
    v_key, v_task_queue, v_lane_id,
    v_given.priority + coalesce(extract(epoch from v_given.created_at) / v_ageing, 0),
    v_given.status, v_given.attempts, v_given.failures, v_given.max_recovery_attempts, v_given.started_at,
    case v_given.status when 'PENDING' then _now() when 'DELAYED' then v_given.wake_at end,
    true, v_given.deduplicated, v_given.debounced, v_given.expires_at, v_given.retries,
    v_given.timeout_left, v_given.deadline_now, coalesce(v_given.app_version_now, '')
  );
  return v_task_queue;
end
$$;

comment on function _import_one(json, boolean, bigint) is
  'Writes one workflow of a document, of which all have keys from the first on. Returns the queue in which it is active, or null.';
