-- Calls: _queue, _pin_version, _check_same_workflows, _notify_queue.
-- Writes: workflows, tasks.
--
-- What enqueue_many does for one workflow without options, and nothing else: without arrays and
-- without the functions in between. Measured, one enqueue inside a transaction: 0.41 ms through
-- enqueue_many, 0.13 ms so.
create or replace function _enqueue_plain(
  workflow text,
  input json,
  queue text,
  workflow_id text,
  priority int,
  max_recovery_attempts int,
  app_version text,
  create_queue boolean,
  application text
)
returns text
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_queue queues := _queue(_enqueue_plain.queue, create_queue, _enqueue_plain.application);
  v_key bigint;
begin
  if v_queue.partitioned then
    return null;
  end if;
  if _enqueue_plain.app_version is not null then
    perform _pin_version(_enqueue_plain.app_version);
  end if;
  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  perform pg_current_xact_id();
  v_key := nextval('task_keys');

  insert into workflows (
    key, workflow_id, name, queue_id, priority, max_recovery_attempts, input, app_version, created_at,
    application
  )
  values (
    v_key, _enqueue_plain.workflow_id, workflow, v_queue.queue_id, _enqueue_plain.priority,
    _enqueue_plain.max_recovery_attempts, _enqueue_plain.input, _enqueue_plain.app_version, v_now,
    coalesce(v_queue.application, _enqueue_plain.application)
  )
  on conflict (workflow_id) do nothing;
  if not found then
    perform _check_same_workflows(array[_enqueue_plain.workflow_id], array[workflow]);
    if not exists (select from workflows w where w.workflow_id = _enqueue_plain.workflow_id) then
      perform _raise_deleted();
    end if;
    return _enqueue_plain.workflow_id;
  end if;

  insert into tasks (key, queue_id, rank, status, attempts, max_recovery_attempts, app_version)
  values (
    v_key, v_queue.queue_id,
    _enqueue_plain.priority
      + coalesce(extract(epoch from v_now) / extract(epoch from v_queue.priority_ageing), 0),
    'ENQUEUED', 0, _enqueue_plain.max_recovery_attempts, coalesce(_enqueue_plain.app_version, '')
  );
  perform _notify_queue(v_queue.queue_id);
  return _enqueue_plain.workflow_id;
end
$$;

comment on function _enqueue_plain(text, json, text, text, int, int, text, boolean, text) is
  'Enqueues one workflow that has no options, as enqueue_many does. Returns its id; null, and does nothing, if the
queue has partitions.';
