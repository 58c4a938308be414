-- Calls: _pin_version, _check_same_workflows, _notify_queue.
-- Writes: workflows, tasks.
-- Locks: the queue, as _queue does.
--
-- What enqueue_many does for one workflow without options, and nothing else: without arrays and
-- without the functions in between. What is rare goes there: a queue that is not there, is internal or has partitions, and
-- a snapshot that is older than the lock. Each statement that is spared counts twice, because after a commit that waited
-- for the disk nothing of it is in the processor's cache. Measured, one enqueue inside a transaction: 0.41 ms through
-- enqueue_many, 0.10 ms so.
create or replace function _enqueue_plain(
  workflow text,
  input json,
  queue text,
  workflow_id text,
  priority int,
  max_recovery_attempts int,
  app_version text,
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
  v_space int := 'tasks'::regclass::oid::bigint::bit(32)::int;
  v_now timestamptz := _now();
  v_queue_id int;
  v_application text;
  v_ageing double precision;
  v_key bigint;
  v_marked boolean;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    return null;
  end if;
  -- Tried first, because an expression costs less than a statement.
  if not pg_try_advisory_xact_lock_shared(v_space, hashtext(queue)) then
    perform pg_advisory_xact_lock_shared(v_space, hashtext(queue));
  end if;
  select q.queue_id, coalesce(q.application, _enqueue_plain.application), extract(epoch from q.priority_ageing)
  into v_queue_id, v_application, v_ageing
  from queues q
  where q.name = _enqueue_plain.queue and not q.partitioned and not q.internal;
  if not found then
    return null;
  end if;
  if _enqueue_plain.app_version is not null then
    perform _pin_version(_enqueue_plain.app_version);
  end if;
  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  v_key := case when pg_current_xact_id() is not null then nextval('task_keys') end;

  insert into workflows (
    key, workflow_id, name, queue_id, priority, max_recovery_attempts, input, app_version, created_at,
    application
  )
  values (
    v_key, _enqueue_plain.workflow_id, workflow, v_queue_id, _enqueue_plain.priority,
    _enqueue_plain.max_recovery_attempts, _enqueue_plain.input, _enqueue_plain.app_version, v_now,
    v_application
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
    v_key, v_queue_id,
    _enqueue_plain.priority + coalesce(extract(epoch from v_now) / v_ageing, 0),
    'ENQUEUED', 0, _enqueue_plain.max_recovery_attempts, coalesce(_enqueue_plain.app_version, '')
  )
  returning (select q.listening_until is not null from queues q where q.queue_id = v_queue_id)
  into v_marked;
  if v_marked then
    perform _notify_queue(v_queue_id);
  end if;
  return _enqueue_plain.workflow_id;
end
$$;

comment on function _enqueue_plain(text, json, text, text, int, int, text, text) is
  'Enqueues one workflow that has no options, as enqueue_many does. Returns its id; null, and does nothing, if
that is for enqueue_many to do or to refuse.';
