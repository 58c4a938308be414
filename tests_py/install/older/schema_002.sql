-- A database with version 2 of the schema, frozen. See tests_py/install/freeze.py.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA perdure;
CREATE TYPE perdure.workflow_status AS ENUM (
    'DELAYED',
    'ENQUEUED',
    'PENDING',
    'SUCCESS',
    'ERROR',
    'CANCELLED',
    'MAX_RECOVERY_ATTEMPTS_EXCEEDED'
);
CREATE FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_conflict record;
begin
  select g.workflow_id, g.name as wanted, w.name as existing
  into v_conflict
  from unnest(workflow_ids, names) as g (workflow_id, name)
  cross join lateral (
    select e.name from workflows e where e.workflow_id = g.workflow_id
  ) as w
  where w.name <> g.name
  limit 1;
  if found then
    perform _raise(
      'PD003',
      format('workflow id %L belongs to a workflow named %L', v_conflict.workflow_id, v_conflict.existing),
      detail => format('It was to be started as %L. Nothing was started.', v_conflict.wanted),
      hint => 'An id starts one workflow, once. Use another id, or the name it was started with.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[]) IS 'Raises PD003 if one of these ids exists under another workflow name.';
CREATE FUNCTION perdure._check_text(what text, value text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if value is null or value = '' then
    perform _raise(
      'PD001',
      format('%s is empty', what),
      hint => format('give the %s 1 to 512 bytes', what)
    );
  end if;
  if octet_length(value) > 512 then
    perform _raise(
      'PD001',
      format('%s is too long: %s bytes', what, octet_length(value)),
      detail => format('it begins with %L', left(value, 60)),
      hint => format('give the %s 1 to 512 bytes', what)
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_text(what text, value text) IS 'Raises PD001 unless the value has 1 to 512 bytes. Identifiers and names go through here.';
CREATE FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_keys bigint[];
begin
  with ready as materialized (
    select t.key
    from tasks t
    where t.status = 'ENQUEUED'
      and t.queue_id = _claim_queue.queue_id
    order by t.queue_id, t.lane_id, t.priority, t.key
    limit max_workflows
    for update skip locked
  ),
  claimed as (
    update tasks t
    set status = 'PENDING',
        executor_id = _claim_queue.executor_id,
        token = nextval('claim_tokens'),
        attempts = t.attempts + 1,
        started_at = v_now
    from ready r
    where t.key = r.key
    returning t.key
  )
  select array_agg(c.key) into v_keys from claimed c;
  return coalesce(v_keys, '{}');
end
$$;
COMMENT ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer) IS 'Hands the first workflows of one queue to an executor. Returns their keys, in no order.';
CREATE FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, created boolean)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_direct boolean := executor_id is not null;
  v_task_queue int := coalesce(queue_id, _queue_id('_internal'));
  v_keys bigint[];
  v_ids text[];
  v_created int;
begin
  if parent_keys is not null then
    perform _hold_parents(parent_keys, parent_tokens);
  end if;
  -- Keys are drawn in the order given: that is the order in which they will be claimed.
  select
    array_agg(nextval('task_keys') order by g.item),
    array_agg(
      coalesce(
        g.workflow_id,
        (select p.workflow_id || '-' || g.parent_step from workflows p where p.key = g.parent_key),
        _new_workflow_id()
      )
      order by g.item
    )
  into v_keys, v_ids
  from unnest(names, workflow_ids, parent_keys, parent_steps)
    with ordinality as g (name, workflow_id, parent_key, parent_step, item);
  perform _check_text('workflow name', g.name)
  from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;
  perform _check_text('workflow id', g.workflow_id)
  from unnest(v_ids) as g (workflow_id)
  where octet_length(g.workflow_id) between 1 and 512 is not true;
  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, priority, max_recovery_attempts,
      input, parent_key, parent_step, app_version, created_at
    )
    select
      g.key, g.workflow_id, g.name, _create_workflows.queue_id, coalesce(g.priority, 0),
      coalesce(g.max_recovery_attempts, 100), g.input, g.parent_key, g.parent_step,
      _create_workflows.app_version, v_now
    from unnest(v_keys, v_ids, names, inputs, priorities, max_recovery_attempts, parent_keys, parent_steps)
      as g (key, workflow_id, name, input, priority, max_recovery_attempts, parent_key, parent_step)
    -- Of two items with the same id the first is created.
    order by g.workflow_id collate "C", g.key
    on conflict (workflow_id) do nothing
    returning key, priority, max_recovery_attempts
  ),
  activated as (
    insert into tasks (
      key, queue_id, priority, status, attempts, max_recovery_attempts, token, executor_id, started_at
    )
    select
      c.key, v_task_queue, c.priority,
      (case when v_direct then 'PENDING' else 'ENQUEUED' end)::workflow_status,
      case when v_direct then 1 else 0 end,
      c.max_recovery_attempts,
      case when v_direct then 0 end,
      _create_workflows.executor_id,
      case when v_direct then v_now end
    from created c
    returning 1
  )
  select count(*) into v_created from activated;
  if v_created < cardinality(names) then
    perform _check_same_workflows(v_ids, names);
  end if;
  if parent_keys is not null then
    perform _record_children(parent_keys, parent_steps, names, v_ids, v_now);
  end if;
  if v_created = cardinality(names) then
    return query
    select g.item::int, g.key, g.workflow_id, true
    from unnest(v_keys, v_ids) with ordinality as g (key, workflow_id, item);
  else
    -- One that was there already is named by the key it has.
    return query
    select g.item::int, w.key, g.workflow_id, w.key = g.key
    from unnest(v_keys, v_ids) with ordinality as g (key, workflow_id, item)
    cross join lateral (
      select e.key from workflows e where e.workflow_id = g.workflow_id
    ) as w
    order by g.item;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) IS 'Writes new workflows: ENQUEUED in a queue, or PENDING and owned by an executor. One row for each
item, in order: its key, its id, and whether it is new.';
CREATE FUNCTION perdure._hold_executor(executor_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform from executors e
  where e.executor_id = _hold_executor.executor_id and not e.lapsed
  for key share;
  if not found then
    perform _raise(
      'PD006',
      format('executor %s is not registered', coalesce(_hold_executor.executor_id::text, 'null')),
      detail => 'It never was, it has been deregistered, or its lease has lapsed and its work was taken over.',
      hint => 'Call register_executor and use the id it returns.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._hold_executor(executor_id bigint) IS 'Keeps an executor from being taken over until the end of the transaction. Raises PD006 if it
has no lease.';
CREATE FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_wanted int;
  v_held int;
begin
  select count(distinct (g.key, g.token)) into v_wanted
  from unnest(parent_keys, parent_tokens) as g (key, token);
  with held as (
    select t.key
    from (select distinct key, token from unnest(parent_keys, parent_tokens) as p (key, token)) as g
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key
    for no key update of t
  )
  select count(*) into v_held from held;
  if v_held < v_wanted then
    perform _raise(
      'PD004',
      'lease lost: another executor owns the parent workflow now, or it has ended',
      detail => 'No child was started.',
      hint => 'Stop running this workflow: its owner goes on from the last recorded step.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) IS 'Locks the active parents that these tokens own. Raises PD004 unless all of them are owned.';
CREATE FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  with stale as (
    select q.queue_id
    from queues q
    where q.queue_id = any (queue_ids)
      and case
        when idle then coalesce(q.listening_until < clock_timestamp() + interval '5 seconds', true)
        else q.listening_until > clock_timestamp()
      end
    order by q.queue_id
    for no key update skip locked
  )
  update queues q
  set listening_until = case when idle then clock_timestamp() + interval '10 seconds' end
  from stale s
  where q.queue_id = s.queue_id
$$;
COMMENT ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) IS 'Keeps the mark by which enqueueing knows whether a worker is idle on these queues.';
CREATE FUNCTION perdure._migrate(number integer, name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  -- What this installation knows; 999_check.sql compares it with what the schema has.
  perform set_config('perdure.newest_known_migration', _migrate.number::text, true);
  insert into schema_migrations (number, name)
  values (_migrate.number, _migrate.name)
  on conflict (number) do nothing;
  return found;
end
$$;
COMMENT ON FUNCTION perdure._migrate(number integer, name text) IS 'True if this migration has not run in this schema before; records it as run.';
CREATE FUNCTION perdure._new_workflow_id() RETURNS text
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid::text
$$;
COMMENT ON FUNCTION perdure._new_workflow_id() IS 'A new time-ordered workflow id (UUID version 7).';
CREATE FUNCTION perdure._notify_finished(workflow_keys bigint[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  select pg_notify(current_schema() || '.finished', w.workflow_id)
  from workflows w
  where w.key = any (workflow_keys)
$$;
COMMENT ON FUNCTION perdure._notify_finished(workflow_keys bigint[]) IS 'Tells on channel <schema>.finished, one notification each, that these workflows have ended.';
CREATE FUNCTION perdure._notify_queue(queue_id integer) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select pg_notify(current_schema() || '.work', q.name)
  from queues q
  where q.queue_id = _notify_queue.queue_id
    and q.listening_until > clock_timestamp()
$$;
COMMENT ON FUNCTION perdure._notify_queue(queue_id integer) IS 'Tells idle workers, if there are any, on channel <schema>.work that this queue has work.';
CREATE FUNCTION perdure._now() RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_moved text := current_setting('perdure.test_clock', true);
begin
  if v_moved is null or v_moved = '' then
    return clock_timestamp();
  end if;
  if not pg_has_role(session_user, (select nspowner from pg_namespace where nspname = current_schema()), 'member') then
    perform _raise(
      'PD009',
      'only the owner of the schema may move the clock',
      detail => format('perdure.test_clock is set to %L in the session of %I', v_moved, session_user),
      hint => 'reset perdure.test_clock'
    );
  end if;
  return v_moved::timestamptz;
end
$$;
COMMENT ON FUNCTION perdure._now() IS 'The present moment, or the one a test has set in perdure.test_clock.';
CREATE FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) RETURNS TABLE(item integer, outcome text)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_held bigint[];
begin
  if workflow_keys is null
    or cardinality(workflow_keys) <> coalesce(cardinality(tokens), 0)
    or cardinality(workflow_keys) <> coalesce(cardinality(delays), cardinality(workflow_keys))
  then
    perform _raise(
      'PD001',
      'the arrays given differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;
  with held as materialized (
    select t.key, g.delay, g.item
    from unnest(workflow_keys, tokens, delays) with ordinality as g (key, token, delay, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for no key update of t
  ),
  put_down as (
    update tasks t
    set status = case when h.delay > interval '0' then status_until_then else 'ENQUEUED' end,
        wake_at = case when h.delay > interval '0' then v_now + h.delay end,
        executor_id = null,
        token = null,
        attempts = t.attempts - 1,
        resumed = true
    from held h
    where t.key = h.key
    returning t.queue_id, t.status, h.item
  ),
  told as (
    select _notify_queue(b.queue_id)
    from (select distinct queue_id from put_down where status = 'ENQUEUED') as b
  )
  select (select array_agg(p.item) from put_down p) into v_held
  from (select count(*) from told) as t;
  return query
  select g.item, 'lease lost'
  from generate_series(1, cardinality(workflow_keys)) as g (item)
  where (g.item = any (v_held)) is not true
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) IS 'Takes workflows from the executor that owns them and gives back the attempt; until its delay has
passed each has the status given. Returns a row for each that the caller does not own.';
CREATE FUNCTION perdure._queue_id(queue text) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_queue_id int;
begin
  select q.queue_id into v_queue_id
  from queues q
  where q.name = _queue_id.queue;
  if not found then
    perform _check_text('queue', _queue_id.queue);
    perform _raise(
      'PD007',
      format('queue %L does not exist', _queue_id.queue),
      hint => format('register it first: select register_queue(%L)', _queue_id.queue)
    );
  end if;
  return v_queue_id;
end
$$;
COMMENT ON FUNCTION perdure._queue_id(queue text) IS 'The key of a queue. Raises PD007 if there is none of that name.';
CREATE FUNCTION perdure._raise(code text, message text, detail text DEFAULT ''::text, hint text DEFAULT ''::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  -- An empty detail would still be printed as a line of its own.
  if detail = '' then
    raise exception using
      errcode = _raise.code, message = _raise.message, hint = _raise.hint;
  end if;
  raise exception using
    errcode = _raise.code, message = _raise.message, detail = _raise.detail, hint = _raise.hint;
end
$$;
COMMENT ON FUNCTION perdure._raise(code text, message text, detail text, hint text) IS 'Raises an error with an SQLSTATE of class PD, a message for people, and the remedy as hint.';
CREATE FUNCTION perdure._raise_lease_lost(workflow_key bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _raise(
    'PD004',
    'lease lost: another executor owns the workflow now, or it has ended',
    detail => format('workflow_key %s', workflow_key),
    hint => 'Stop running this workflow: its owner goes on from the last recorded step.'
  );
end
$$;
COMMENT ON FUNCTION perdure._raise_lease_lost(workflow_key bigint) IS 'Raises PD004 for a workflow that the caller does not own.';
CREATE FUNCTION perdure._raise_workflow_not_found(workflow_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _raise(
    'PD002',
    format('workflow %L does not exist', left(workflow_id, 600)),
    hint => 'Check the id. A workflow exists once the transaction that enqueued it has committed.'
  );
end
$$;
COMMENT ON FUNCTION perdure._raise_workflow_not_found(workflow_id text) IS 'Raises PD002.';
CREATE FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_other record;
begin
  if parent_steps is null or array_position(parent_steps, null) is not null then
    perform _raise(
      'PD001',
      'a child has no step of its parent',
      hint => 'Give parent_steps a number for each element of parent_keys.'
    );
  end if;
  insert into steps (key, step, name, child_id, started_at, completed_at)
  select g.parent_key, g.parent_step, g.name, g.child_id, at, at
  from unnest(parent_keys, parent_steps, names, child_ids) as g (parent_key, parent_step, name, child_id)
  on conflict (key, step) do nothing;
  -- Already there: a call that is repeated after a lost connection, or code that has changed.
  select g.parent_step, g.name as wanted, s.name as recorded
  into v_other
  from unnest(parent_keys, parent_steps, names, child_ids) as g (parent_key, parent_step, name, child_id)
  cross join lateral (
    select r.name, r.child_id from steps r where r.key = g.parent_key and r.step = g.parent_step
  ) as s
  where s.child_id is distinct from g.child_id
  limit 1;
  if found then
    perform _raise(
      'PD005',
      format('step %s is recorded as %L, the workflow now runs %L there',
        v_other.parent_step, v_other.recorded, v_other.wanted),
      hint => 'A workflow must take the same steps in the same order on every run.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) IS 'Records the start of children as steps of their parents. Raises PD001 without a step, PD005
if such a step is recorded as something else.';
CREATE FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  return query
  with given as materialized (
    select
      g.*,
      row_number() over (partition by g.key, g.token, g.step order by g.item) as turn,
      exists (select from tasks t where t.key = g.key and t.token = g.token) as held
    from unnest(workflow_keys, tokens, _record_remaining.steps, names, outputs, errors, durations)
      with ordinality as g (key, token, step, name, output, error, duration, item)
  ),
  written as (
    select n.key, n.step
    from unnest(new_keys, new_steps) as n (key, step)
  ),
  retried as (
    update steps s
    set output = g.output,
        error = g.error,
        attempts = s.attempts + 1,
        started_at = v_now - g.duration,
        completed_at = v_now,
        retry_at = null
    from given g
    where g.held and g.turn = 1
      and s.key = g.key and s.step = g.step and s.name = g.name and s.completed_at is null
    returning s.key, s.step
  )
  select
    g.item::int,
    case
      when not g.held then 'lease lost'
      when s.name <> g.name then 'unexpected step'
      else 'recorded before'
    end,
    s.name, s.output, s.error
  from given g
  left join steps s on g.held and s.key = g.key and s.step = g.step
  where not (
    g.held and g.turn = 1
    and (g.key, g.step) in (select w.key, w.step from written w union all select r.key, r.step from retried r)
  )
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) IS 'Ends retried steps and returns what record_steps returns: a row for each item not recorded now.';
CREATE FUNCTION perdure._recorded_steps(workflow_key bigint) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select json_agg(
    json_build_object(
      'step', s.step,
      'name', s.name,
      'output', s.output,
      'error', s.error,
      'child_id', s.child_id,
      'attempts', s.attempts,
      'completed', s.completed_at is not null,
      'retry_in', extract(epoch from s.retry_at - _now())
    )
    order by s.step
  )
  from steps s
  where s.key = _recorded_steps.workflow_key
$$;
COMMENT ON FUNCTION perdure._recorded_steps(workflow_key bigint) IS 'What is recorded of the steps of a workflow, as a JSON array in the order of the steps; null if
nothing is. retry_in: seconds until a failed step is to be tried again.';
CREATE FUNCTION perdure._take_over(max_workflows integer) RETURNS TABLE(executors integer, workflows_requeued integer, workflows_dead_lettered integer)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_executor_id bigint;
  v_left int := max_workflows;
  v_requeued int;
  v_dead bigint[];
  v_watched bigint[];
begin
  executors := 0;
  workflows_requeued := 0;
  workflows_dead_lettered := 0;
  for v_executor_id in
    select e.executor_id
    from executors e
    where e.lapsed or e.lease_until < clock_timestamp()
    order by e.executor_id
    limit 100
    for update skip locked
  loop
    exit when v_left <= 0;
    update executors e
    set lapsed = true
    where e.executor_id = v_executor_id and not e.lapsed;
    if found then
      executors := executors + 1;
    end if;
    with lost as materialized (
      select t.key, t.attempts > t.max_recovery_attempts as spent
      from tasks t
      where t.executor_id = v_executor_id
      order by t.key
      limit v_left
      for update skip locked
    ),
    requeued as (
      update tasks t
      set status = 'ENQUEUED', executor_id = null, token = null, resumed = true
      from lost l
      where t.key = l.key and not l.spent
      returning t.queue_id
    ),
    dead as (
      delete from tasks t
      using lost l
      where t.key = l.key and l.spent
      returning t.key, t.attempts, t.executor_id, t.started_at, t.watched
    ),
    written as (
      insert into outcomes (key, status, error, attempts, executor_id, started_at, completed_at)
      select
        d.key, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED',
        json_build_object(
          'name', 'MaxRecoveryAttemptsExceeded',
          'message', format('the worker that ran it died %s times', d.attempts),
          'code', 'PD010',
          'data', json_build_object('attempts', d.attempts)
        ),
        d.attempts, d.executor_id, d.started_at, _now()
      from dead d
      returning key
    ),
    told as (
      select _notify_queue(r.queue_id)
      from (select distinct queue_id from requeued) as r
    )
    select
      (select count(*) from requeued),
      (select array_agg(d.key) from dead d),
      (select array_agg(d.key) from dead d where d.watched)
    into v_requeued, v_dead, v_watched
    from (select count(*) from told) as t, (select count(*) from written) as w;
    if v_watched is not null then
      perform _notify_finished(v_watched);
    end if;
    workflows_requeued := workflows_requeued + v_requeued;
    workflows_dead_lettered := workflows_dead_lettered + coalesce(cardinality(v_dead), 0);
    v_left := v_left - v_requeued - coalesce(cardinality(v_dead), 0);
    delete from executors e
    where e.executor_id = v_executor_id
      and not exists (select from tasks t where t.executor_id = v_executor_id);
  end loop;
  return next;
end
$$;
COMMENT ON FUNCTION perdure._take_over(max_workflows integer) IS 'Takes workflows from executors whose lease has lapsed, at most so many: back to their queues, or,
when they have been taken over too often, to MAX_RECOVERY_ATTEMPTS_EXCEEDED. Returns one row: how many
executors were found lapsed, how many workflows went back, how many were dead-lettered.';
CREATE FUNCTION perdure._wake_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_woken int;
begin
  with due as (
    select t.key
    from tasks t
    where t.wake_at <= v_now
    order by t.wake_at, t.key
    limit max_workflows
    for update skip locked
  )
  update tasks t
  set status = 'ENQUEUED', wake_at = null
  from due d
  where t.key = d.key;
  get diagnostics v_woken = row_count;
  return v_woken;
end
$$;
COMMENT ON FUNCTION perdure._wake_due(max_workflows integer) IS 'Enqueues workflows whose moment has come, earliest first, at most so many. Returns how many.';
CREATE FUNCTION perdure.claim(executor_id bigint, queues text[] DEFAULT NULL::text[], max_workflows integer DEFAULT 1) RETURNS TABLE(workflow_key bigint, token bigint, workflow_id text, workflow text, queue text, input json, attempt integer, created_at timestamp with time zone, steps json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_listened int[];
  v_busy int[];
  v_queue_id int;
  v_found bigint[];
  v_keys bigint[] := '{}';
  v_left int := claim.max_workflows;
begin
  if v_left between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('cannot claim %s workflows', coalesce(v_left::text, 'null')),
      hint => 'Ask for 1 to 10000 at a time.'
    );
  end if;
  perform _hold_executor(claim.executor_id);
  perform _wake_due(1000);
  select array_agg(q.queue_id) into v_listened
  from queues q
  where claim.queues is null or q.name = any (claim.queues) or q.name = '_internal';
  -- In a new order each time, and with an equal share for each, so that no queue with a long
  -- backlog starves the others; what the short ones leave goes to the long ones afterwards.
  -- `offset 0` keeps the look at each queue apart: as a join that was planned while nothing waited
  -- it reads the whole backlog.
  select array_agg(b.queue_id order by random()) into v_busy
  from unnest(v_listened) as b (queue_id)
  where exists (select from tasks t where t.status = 'ENQUEUED' and t.queue_id = b.queue_id offset 0);
  for v_turn in 1 .. 2 loop
    for v_index in 1 .. coalesce(cardinality(v_busy), 0) loop
      exit when v_left = 0;
      v_queue_id := v_busy[v_index];
      v_found := _claim_queue(
        v_queue_id,
        claim.executor_id,
        case
          when v_turn = 1 then ceil(v_left / (cardinality(v_busy) - v_index + 1)::numeric)::int
          else v_left
        end
      );
      v_keys := v_keys || v_found;
      v_left := v_left - cardinality(v_found);
    end loop;
  end loop;
  perform _mark_listening(v_listened, idle => v_left > 0);
  return query
  select
    t.key, t.token, w.workflow_id, w.name, q.name, w.input, t.attempts, w.created_at,
    case when t.resumed then _recorded_steps(t.key) end
  from tasks t
  join workflows w on w.key = t.key
  join queues q on q.queue_id = t.queue_id
  where t.key = any (v_keys)
  order by t.priority, t.key;
end
$$;
COMMENT ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer) IS 'Hands waiting workflows to an executor: from now on it owns them, and only its writes count.
executor_id: from register_executor.
queues: null for all, or the names of those to serve. Recovered direct runs are served in any case.
max_workflows: how many at the most, 1 to 10000. Several queues share them evenly.
Returns a row for each, in the order of its queue: workflow_key and token, which every write for this
workflow must name; its id, name, queue and input; attempt, 1 for the first; and steps, null or what
is recorded of earlier attempts: an array of {step, name, output, error, child_id, attempts,
completed, retry_in}.
An unknown queue is served as soon as it exists. No row: nothing waits.
Raises PD001 (bad number), PD006 (executor without lease).';
CREATE FUNCTION perdure.deregister_executor(executor_id bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_handed_back int;
begin
  perform from executors e
  where e.executor_id = deregister_executor.executor_id
  for update;
  with held as (
    select t.key
    from tasks t
    where t.executor_id = deregister_executor.executor_id
    order by t.key
    for update
  ),
  handed_back as (
    update tasks t
    set status = 'ENQUEUED', executor_id = null, token = null, resumed = true,
        attempts = t.attempts - 1
    from held h
    where t.key = h.key
    returning t.queue_id
  ),
  told as (
    select _notify_queue(b.queue_id)
    from (select distinct queue_id from handed_back) as b
  )
  select (select count(*) from handed_back) + 0 * (select count(*) from told) into v_handed_back;
  delete from executors e
  where e.executor_id = deregister_executor.executor_id;
  return v_handed_back;
end
$$;
COMMENT ON FUNCTION perdure.deregister_executor(executor_id bigint) IS 'Ends an executor in good order: what it still runs goes back to its queues at once, without
counting as an attempt. Returns how many workflows went back. An unknown executor is no error.';
CREATE FUNCTION perdure.enqueue(workflow text, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select e.workflow_id
  from enqueue_many(
    enqueue.workflow,
    array[enqueue.input],
    queue => enqueue.queue,
    workflow_ids => array[enqueue.workflow_id],
    priorities => array[enqueue.priority],
    max_recovery_attempts => enqueue.max_recovery_attempts,
    app_version => enqueue.app_version
  ) as e
$$;
COMMENT ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text) IS 'Puts a workflow into a queue, in the transaction of the caller: it can be claimed when that
commits, and never was there when it rolls back.
workflow: the name under which workers know the function; it need not be known yet.
input: a JSON value. An array holds positional arguments, an object named ones.
queue: where it waits; first in, first out.
workflow_id: 1 to 512 bytes; null: a new time-ordered one. An id starts one workflow, once.
priority: lower runs first; 0 unless given.
max_recovery_attempts: how often it may be taken over from a dead worker.
app_version: null, or the version of the application that enqueues.
Returns the id.
Raises PD001 (bad argument), PD003 (id of another workflow), PD007 (no such queue).';
CREATE FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text DEFAULT 'default'::text, workflow_ids text[] DEFAULT NULL::text[], priorities integer[] DEFAULT NULL::integer[], max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[]) RETURNS TABLE(item integer, workflow_id text, created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(inputs);
  v_queue_id int := _queue_id(enqueue_many.queue);
  v_created boolean;
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(priorities), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to enqueue_many differ in length',
      detail => format('inputs has %s elements', coalesce(v_many::text, 'no')),
      hint => 'Give each array one element for each workflow, or leave it out. Without input, give nulls.'
    );
  end if;
  return query
  select c.item, c.workflow_id, c.created
  from _create_workflows(
    array_fill(workflow, array[v_many]), inputs, workflow_ids, v_queue_id, priorities,
    array_fill(enqueue_many.max_recovery_attempts, array[v_many]), null, enqueue_many.app_version,
    parent_keys, parent_tokens, parent_steps
  ) as c;
  perform _notify_queue(v_queue_id);
end
$$;
COMMENT ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) IS 'Enqueues many workflows of one name in one call: all of them or, on an error, none.
workflow: the name under which workers know the function; it need not be known yet.
inputs: one JSON value each. An array holds positional arguments, an object named ones.
queue: where they wait; first in, first out.
workflow_ids: null, or an id each (1 to 512 bytes; null: a new time-ordered one). An id starts one
workflow, once: if it exists, that workflow is returned and created is false.
priorities: null, or a number each; lower runs first.
max_recovery_attempts: how often each may be taken over from a dead worker.
app_version: null, or the version of the application that enqueues.
parent_keys, parent_tokens, parent_steps: for workers. The running workflows that start these as
children, with their tokens; the start is recorded as that step in the same transaction.
Returns a row for each, in order: its id and whether this call created it.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD007 (no such queue).';
CREATE FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval DEFAULT '00:00:01'::interval, backoff double precision DEFAULT 2.0, max_interval interval DEFAULT '01:00:00'::interval) RETURNS TABLE(retry_in interval, final_error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_step steps;
  v_errors json;
  v_base double precision := extract(epoch from "interval");
  v_most double precision := extract(epoch from max_interval);
  v_delay double precision;
  v_message text;
begin
  if (attempt >= 1 and max_attempts >= 1 and v_base >= 0 and v_most >= 0 and backoff >= 1) is not true then
    perform _raise(
      'PD001',
      'a retry policy is out of range',
      detail => format('attempt %s, max_attempts %s, interval %s, backoff %s, max_interval %s',
        attempt, max_attempts, "interval", backoff, max_interval),
      hint => 'Attempts count from 1, intervals are not negative, backoff is at least 1.'
    );
  end if;
  perform from tasks t
  where t.key = workflow_key and t.token = fail_step.token
  for no key update;
  if not found then
    perform _raise_lease_lost(workflow_key);
  end if;
  select s.* into v_step
  from steps s
  where s.key = workflow_key and s.step = fail_step.step;
  if found and v_step.name <> fail_step.name then
    perform _raise(
      'PD005',
      format('step %s is recorded as %L, the workflow now runs %L there',
        fail_step.step, v_step.name, fail_step.name),
      hint => 'A workflow must take the same steps in the same order on every run.'
    );
  end if;
  if v_step.completed_at is not null then
    return query select null::interval, v_step.error;
    return;
  end if;
  if v_step.attempts >= attempt then
    -- The same call again: this attempt is counted already.
    return query select greatest(v_step.retry_at - v_now, interval '0'), null::json;
    return;
  end if;
  -- The last hundred errors are kept: a step may be tried for years.
  select json_agg(e.error order by e.place) into v_errors
  from (
    select r.error, r.place
    from json_array_elements(coalesce(v_step.error, '[]')) with ordinality as r (error, place)
    where r.place > json_array_length(coalesce(v_step.error, '[]')) - 99
    union all
    select fail_step.error, 1000
  ) as e;
  if attempt >= max_attempts then
    -- What `->>` cannot turn into text, as \u0000 and half a surrogate pair, is shown as JSON.
    v_message := case
      when fail_step.error::text !~* '\\u(0000|d[89a-f])' then fail_step.error ->> 'message'
    end;
    final_error := json_build_object(
      'name', 'StepRetriesExceeded',
      'message', format('step %s (%s) failed %s times; the last error: %s',
        fail_step.step, fail_step.name, attempt, coalesce(v_message, fail_step.error::text)),
      'code', null,
      'data', json_build_object('step', fail_step.step, 'name', fail_step.name, 'attempts', attempt, 'errors', v_errors)
    );
  else
    v_delay := case
      when v_base = 0 or v_most = 0 then 0
      -- Compared as logarithms: the power itself may overflow.
      when ln(v_base) + (attempt - 1) * ln(backoff) >= ln(v_most) then v_most
      else v_base * power(backoff, attempt - 1)
    end;
    retry_in := make_interval(secs => v_delay);
  end if;
  insert into steps (key, step, name, error, attempts, started_at, completed_at, retry_at)
  values (
    workflow_key, fail_step.step, fail_step.name, coalesce(final_error, v_errors), attempt, v_now,
    case when retry_in is null then v_now end, v_now + retry_in
  )
  on conflict (key, step) do update
  set error = excluded.error,
      attempts = excluded.attempts,
      completed_at = excluded.completed_at,
      retry_at = excluded.retry_at;
  return next;
end
$$;
COMMENT ON FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval, backoff double precision, max_interval interval) IS 'Records that an attempt of a step failed, and decides whether and when it is tried again. Count and
moment are kept here: a crash does not begin them anew.
workflow_key, token: from claim or start. step, name: as in record_steps.
error: what it raised: {name, message, code, data}.
attempt: which attempt failed, from 1. The same attempt told twice counts once.
max_attempts: how many there are in all.
interval, backoff, max_interval: retry n waits interval * backoff ^ (n - 1), at most max_interval.
Returns retry_in, the time until the next attempt; or null when the attempts are spent: then
final_error is recorded as the result of the step and holds the errors of the last hundred attempts.
Raises PD001 (policy out of range), PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.finish(workflow_key bigint, token bigint, output json DEFAULT NULL::json, error json DEFAULT NULL::json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
begin
  select f.outcome into v_outcome
  from finish_many(array[workflow_key], array[finish.token], array[finish.output], array[finish.error]) as f;
  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) IS 'Ends one workflow that the caller owns: SUCCESS with the output, or ERROR if there is an error.
Returns true if it ended now, false if the caller had ended it under this token before.
Raises PD004 if another executor owns it, or somebody else has ended it.';
CREATE FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[] DEFAULT NULL::json[]) RETURNS TABLE(item integer, outcome text, status text, output json, error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_ended bigint[];
  v_watched bigint[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(outputs), 0),
    coalesce(cardinality(errors), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to finish_many differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;
  with held as materialized (
    select g.*
    from unnest(workflow_keys, tokens, outputs, errors) with ordinality as g (key, token, output, error, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for update of t
  ),
  ended as (
    delete from tasks t
    using held h
    where t.key = h.key
    returning t.key, t.token, t.attempts, t.executor_id, t.started_at, t.watched, h.output, h.error, h.item
  ),
  written as (
    insert into outcomes (key, status, output, error, attempts, executor_id, token, started_at, completed_at)
    select
      e.key,
      (case when e.error is null then 'SUCCESS' else 'ERROR' end)::workflow_status,
      case when e.error is null then e.output end,
      e.error, e.attempts, e.executor_id, e.token, e.started_at, v_now
    from ended e
    returning key
  )
  select array_agg(e.item), array_agg(e.key) filter (where e.watched)
  into v_ended, v_watched
  from ended e;
  if v_watched is not null then
    perform _notify_finished(v_watched);
  end if;
  if cardinality(v_ended) = v_many then
    return;
  end if;
  return query
  select
    g.item::int,
    case when o.token = g.token then 'finished before' else 'lease lost' end,
    o.status::text, o.output, o.error
  from unnest(workflow_keys, tokens) with ordinality as g (key, token, item)
  left join outcomes o on o.key = g.key
  where (g.item = any (v_ended)) is not true
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[]) IS 'Ends workflows that the caller owns: SUCCESS with an output, or ERROR with an error.
workflow_keys, tokens: from claim or start.
outputs: a JSON value each.
errors: null, or for a failed workflow what it raised: {name, message, code, data}; null elsewhere.
Returns no row if all ended now; else a row for each that did not, in order, with the status, output
and error that stand (null while it is active):
  ''finished before'': the caller had ended it under this token already;
  ''lease lost'': another executor owns it, or somebody else has ended it.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.get_result(workflow_id text) RETURNS TABLE(status text, output json, error json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key
  from workflows w
  where w.workflow_id = get_result.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_result.workflow_id);
  end if;
  -- Each row is looked up by the key itself: joined to each other, in a plan made on an empty
  -- database, they are found by reading all of them.
  return query
  select coalesce(o.status, t.status)::text, o.output, o.error
  from (select) as one
  left join outcomes o on o.key = v_key
  left join tasks t on t.key = v_key;
end
$$;
COMMENT ON FUNCTION perdure.get_result(workflow_id text) IS 'The status of a workflow and, once it has ended, its output or its error: one row.
Statuses: DELAYED, ENQUEUED, PENDING while it is active; SUCCESS, ERROR, CANCELLED,
MAX_RECOVERY_ATTEMPTS_EXCEEDED when it has ended.
Raises PD002 if it does not exist.';
CREATE FUNCTION perdure.get_results(workflow_ids text[], watch boolean DEFAULT false) RETURNS TABLE(workflow_id text, status text, output json, error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_unknown text;
begin
  select array_agg(w.key order by w.key), min(g.workflow_id) filter (where w.key is null)
  into v_keys, v_unknown
  from unnest(workflow_ids) as g (workflow_id)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  if watch then
    with unfinished as (
      select t.key
      from tasks t
      where t.key = any (v_keys) and not t.watched
      order by t.key
      for no key update
    )
    update tasks t
    set watched = true
    from unfinished u
    where t.key = u.key;
  end if;
  return query
  select
    (select w.workflow_id from workflows w where w.key = g.key),
    o.status::text, o.output, o.error
  from unnest(v_keys) as g (key)
  cross join lateral (
    select f.status, f.output, f.error from outcomes f where f.key = g.key offset 0
  ) as o;
end
$$;
COMMENT ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) IS 'The results of those of these workflows that have ended; no row for one that is active.
watch: true to be notified, on channel <schema>.finished with the id as payload, when another ends.
Returns the id, the status, and the output or the error.
Raises PD002 if one of them does not exist.';
CREATE FUNCTION perdure.get_workflow(workflow_id text) RETURNS TABLE(workflow text, status text, queue text, priority integer, input json, output json, error json, attempts integer, max_recovery_attempts integer, executor text, app_version text, parent_id text, created_at timestamp with time zone, started_at timestamp with time zone, completed_at timestamp with time zone, wake_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key
  from workflows w
  where w.workflow_id = get_workflow.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_workflow.workflow_id);
  end if;
  -- Each row is looked up by its own key: joined to each other, in a plan made on an empty
  -- database, they are found by reading all of them.
  return query
  select
    w.name, coalesce(o.status, t.status)::text,
    (select q.name from queues q where q.queue_id = w.queue_id), w.priority,
    w.input, o.output, o.error, coalesce(o.attempts, t.attempts), w.max_recovery_attempts,
    (select e.name from executors e where e.executor_id = coalesce(o.executor_id, t.executor_id)),
    w.app_version, (select p.workflow_id from workflows p where p.key = w.parent_key), w.created_at,
    coalesce(o.started_at, t.started_at), o.completed_at, t.wake_at
  from workflows w
  left join outcomes o on o.key = v_key
  left join tasks t on t.key = v_key
  where w.key = v_key;
end
$$;
COMMENT ON FUNCTION perdure.get_workflow(workflow_id text) IS 'All about one workflow: one row. queue is null for a direct start; executor is the name of the one
that runs it, or ran it, while that is registered; wake_at is set while it waits for a moment.
Raises PD002 if it does not exist.';
CREATE FUNCTION perdure.heartbeat(executor_id bigint) RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  update executors e
  set lease_until = clock_timestamp() + e.lease
  where e.executor_id = heartbeat.executor_id and not e.lapsed
  returning e.lease_until
$$;
COMMENT ON FUNCTION perdure.heartbeat(executor_id bigint) IS 'Renews the lease of an executor by the span it was registered with.
Returns when the lease ends; null if it is lost: then its workflows belong to others, it should stop
running them and register again.';
CREATE FUNCTION perdure.list_executors() RETURNS TABLE(executor_id bigint, name text, app_version text, registered_at timestamp with time zone, lease_until timestamp with time zone, alive boolean, running bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select
    e.executor_id, e.name, e.app_version, e.registered_at, e.lease_until,
    not e.lapsed and e.lease_until >= clock_timestamp(),
    (select count(*) from tasks t where t.executor_id = e.executor_id)
  from executors e
  order by e.executor_id
$$;
COMMENT ON FUNCTION perdure.list_executors() IS 'The registered executors, whether their lease holds, and how many workflows each runs.';
CREATE FUNCTION perdure.list_queues() RETURNS TABLE(queue text, created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select q.name, q.created_at
  from queues q
  where q.name <> '_internal'
  order by q.name
$$;
COMMENT ON FUNCTION perdure.list_queues() IS 'The queues by name, without the internal one.';
CREATE FUNCTION perdure.list_steps(workflow_id text) RETURNS TABLE(step integer, name text, output json, error json, child_id text, attempts integer, started_at timestamp with time zone, completed_at timestamp with time zone, retry_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key
  from workflows w
  where w.workflow_id = list_steps.workflow_id;
  if not found then
    perform _raise_workflow_not_found(list_steps.workflow_id);
  end if;
  return query
  select
    s.step, s.name, s.output, s.error, s.child_id, s.attempts,
    s.started_at, s.completed_at, s.retry_at
  from steps s
  where s.key = v_key
  order by s.step;
end
$$;
COMMENT ON FUNCTION perdure.list_steps(workflow_id text) IS 'The recorded steps of a workflow, in order. child_id is set where the step started a child. While a
failed step waits for its next attempt, completed_at is null, retry_at is that moment, and error is the
list of its errors so far.
Raises PD002 if the workflow does not exist.';
CREATE FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_handed_back int;
begin
  perform _hold_executor(reconcile.executor_id);
  with unknown as (
    select t.key
    from tasks t
    where t.executor_id = reconcile.executor_id
      and t.key <> all (coalesce(reconcile.workflow_keys, '{}'))
    order by t.key
    for update
  ),
  handed_back as (
    update tasks t
    set status = 'ENQUEUED', executor_id = null, token = null, resumed = true,
        attempts = t.attempts - 1
    from unknown u
    where t.key = u.key
    returning t.queue_id
  ),
  told as (
    select _notify_queue(b.queue_id)
    from (select distinct queue_id from handed_back) as b
  )
  select (select count(*) from handed_back) + 0 * (select count(*) from told) into v_handed_back;
  return v_handed_back;
end
$$;
COMMENT ON FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) IS 'For a worker that has lost the answer to claim or start: whatever the executor owns besides the
workflows it names goes back to its queue, without counting as an attempt.
executor_id: from register_executor.
workflow_keys: all that the worker knows it is running.
Returns how many workflows went back.
Raises PD006 (executor without lease).';
CREATE FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json DEFAULT NULL::json, error json DEFAULT NULL::json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_result record;
begin
  select r.outcome, r.name into v_result
  from record_steps(
    array[workflow_key], array[token], array[record_step.step], array[record_step.name],
    array[record_step.output], array[record_step.error]
  ) as r;
  if not found then
    return true;
  end if;
  if v_result.outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_result.outcome = 'unexpected step' then
    perform _raise(
      'PD005',
      format('step %s is recorded as %L, the workflow now runs %L there',
        record_step.step, v_result.name, record_step.name),
      hint => 'A workflow must take the same steps in the same order on every run.'
    );
  end if;
  return false;
end
$$;
COMMENT ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json) IS 'Records one completed step; see record_steps.
Returns true if it was recorded now, false if it was recorded before: list_steps tells what stands.
Raises PD004 (lease lost), PD005 (a step of another name is recorded there).';
CREATE FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[] DEFAULT NULL::json[], durations interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_new_keys bigint[];
  v_new_steps int[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(record_steps.steps), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality(outputs), 0),
    coalesce(cardinality(errors), v_many),
    coalesce(cardinality(durations), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to record_steps differ in length',
      hint => 'Give each array one element for each step.'
    );
  end if;
  with held as materialized (
    select g.*
    from unnest(workflow_keys, tokens, record_steps.steps, names, outputs, errors, durations)
      with ordinality as g (key, token, step, name, output, error, duration, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for no key update of t
  ),
  recorded as (
    insert into steps (key, step, name, output, error, started_at, completed_at)
    select h.key, h.step, h.name, h.output, h.error, v_now - h.duration, v_now
    from held h
    on conflict (key, step) do nothing
    returning key, step
  )
  select array_agg(r.key), array_agg(r.step)
  into v_new_keys, v_new_steps
  from recorded r;
  if cardinality(v_new_keys) = v_many then
    return;
  end if;
  return query
  select r.*
  from _record_remaining(
    workflow_keys, tokens, record_steps.steps, names, outputs, errors, durations,
    v_new_keys, v_new_steps
  ) as r;
end
$$;
COMMENT ON FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[]) IS 'Records completed steps of workflows that the caller owns, as one transaction. What is recorded
never changes: the first write wins.
workflow_keys, tokens: from claim or start.
steps: the number of each step within its workflow, from 1, in the order in which steps begin.
names, outputs: an element each.
errors: null, or for a failed step what it raised: {name, message, code, data}; null elsewhere.
durations: null, or how long each ran.
Returns no row if all were recorded now; else a row for each that was not, in order:
  ''recorded before'': the caller had recorded it already; name, output and error are what stands;
  ''unexpected step'': a step of another name stands there; name, output and error are what stands;
  ''lease lost'': another executor owns the workflow, or it has ended; nothing was written for it.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.register_executor(name text, lease interval DEFAULT '00:00:30'::interval, app_version text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_executor_id bigint;
begin
  perform _check_text('executor name', register_executor.name);
  if register_executor.lease between interval '1 second' and interval '1 day' is not true then
    perform _raise(
      'PD001',
      format('a lease of %s is out of range', coalesce(register_executor.lease::text, 'null')),
      hint => 'Give a lease between 1 second and 1 day, and renew it three times in that span.'
    );
  end if;
  insert into executors (name, app_version, lease, lease_until, registered_at)
  values (
    register_executor.name, register_executor.app_version, register_executor.lease,
    clock_timestamp() + register_executor.lease, clock_timestamp()
  )
  returning executor_id into v_executor_id;
  return v_executor_id;
end
$$;
COMMENT ON FUNCTION perdure.register_executor(name text, lease interval, app_version text) IS 'Makes a worker known. Each call is a new executor, also under the same name: two processes that
share a name by mistake never share work.
name: for people: a host and process, a pod.
lease: how long it counts as alive without a heartbeat; 1 second to 1 day.
app_version: null, or the version of the application that it runs.
Returns its executor_id, which the functions for workers ask for.
Raises PD001 for an empty name or a lease out of range.';
CREATE FUNCTION perdure.register_queue(queue text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform _check_text('queue', register_queue.queue);
  insert into queues (name)
  values (register_queue.queue)
  on conflict (name) do nothing;
  return found;
end
$$;
COMMENT ON FUNCTION perdure.register_queue(queue text) IS 'Makes a queue. A queue is a row: any number of them may exist, and every worker serves a new
one from its next claim on.
queue: its name, 1 to 512 bytes.
Returns true if it is new, false if it was there already.
Raises PD001 for an empty or overlong name.';
CREATE FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval DEFAULT NULL::interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform from release_many(array[workflow_key], array[token], array[delay]);
  if found then
    perform _raise_lease_lost(workflow_key);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval) IS 'Gives one claimed workflow back to its queue; see release_many. Raises PD004 if the caller does not
own it.';
CREATE FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select p.item, p.outcome
  from _put_down(release_many.workflow_keys, release_many.tokens, release_many.delays, 'DELAYED') as p
$$;
COMMENT ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[]) IS 'Gives claimed workflows back to their queues: at shutdown, or when the worker does not know their
function. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each stays DELAYED before it can be claimed again.
Returns a row for each that was not given back: ''lease lost''.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.run_maintenance(max_workflows integer DEFAULT 1000) RETURNS TABLE(executors_lapsed integer, workflows_requeued integer, workflows_dead_lettered integer, workflows_woken integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot maintain %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may move.'
    );
  end if;
  select t.executors, t.workflows_requeued, t.workflows_dead_lettered
  into executors_lapsed, workflows_requeued, workflows_dead_lettered
  from _take_over(max_workflows) as t;
  workflows_woken := _wake_due(max_workflows);
  return next;
end
$$;
COMMENT ON FUNCTION perdure.run_maintenance(max_workflows integer) IS 'What keeps things going, in a bounded amount a call: hands the work of executors whose lease has
lapsed to the living, and enqueues workflows whose moment has come. Any worker calls it with its
heartbeat; so may pg_cron or a person. Safe to call at any time by any number of sessions.
max_workflows: how many workflows one call may take over or wake, 1 to 100000.
Returns one row of counts.
Raises PD001 for a number out of range.';
CREATE FUNCTION perdure.schema_version() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select max(number) from schema_migrations
$$;
COMMENT ON FUNCTION perdure.schema_version() IS 'The version of this schema: the number of its newest migration. A client compares it with
what it was written for.';
CREATE FUNCTION perdure.start(executor_id bigint, workflow text, input json DEFAULT NULL::json, workflow_id text DEFAULT NULL::text, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text) RETURNS TABLE(workflow_key bigint, workflow_id text, token bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select s.workflow_key, s.workflow_id, s.token
  from start_many(
    start.executor_id, array[start.workflow], array[start.input],
    workflow_ids => array[start.workflow_id],
    max_recovery_attempts => array[start.max_recovery_attempts],
    app_version => start.app_version
  ) as s
$$;
COMMENT ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text) IS 'Starts one workflow that the calling executor runs itself, at once, without a queue. If its worker
dies, any other worker takes it over.
executor_id: from register_executor. For the rest see enqueue.
Returns its key, its id, and the token to write under; the token is null if the id existed already:
then that workflow is not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD006 (executor without lease).';
CREATE FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[] DEFAULT NULL::text[], max_recovery_attempts integer[] DEFAULT NULL::integer[], app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[]) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, token bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(start_many.workflows);
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(inputs), 0),
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(start_many.max_recovery_attempts), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to start_many differ in length',
      hint => 'Give each array one element for each workflow, or leave it out.'
    );
  end if;
  perform _hold_executor(start_many.executor_id);
  return query
  select c.item, c.workflow_key, c.workflow_id, case when c.created then 0::bigint end
  from _create_workflows(
    start_many.workflows, inputs, workflow_ids, null, null,
    start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
    parent_keys, parent_tokens, parent_steps
  ) as c;
end
$$;
COMMENT ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) IS 'Starts workflows that the calling executor runs itself, at once, without a queue.
executor_id: from register_executor.
workflows, inputs, workflow_ids, max_recovery_attempts: an element each; see enqueue.
app_version: null, or the version of the application.
parent_keys, parent_tokens, parent_steps: the running workflows that start these as children; the
start is recorded as that step in the same transaction.
Returns a row for each, in order: its key, its id, and the token to write under; the token is null if
the id existed already, then that workflow is not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD006 (executor without lease).';
CREATE FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval DEFAULT NULL::interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform from suspend_many(array[workflow_key], array[token], array[delay]);
  if found then
    perform _raise_lease_lost(workflow_key);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval) IS 'Puts one running workflow down until the delay has passed; see suspend_many. Raises PD004 if the
caller does not own it.';
CREATE FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select p.item, p.outcome
  from _put_down(suspend_many.workflow_keys, suspend_many.tokens, suspend_many.delays, 'PENDING') as p
$$;
COMMENT ON FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[]) IS 'Puts running workflows down until their delay has passed: they leave the worker, stay PENDING, and
are then claimed again, by any executor, which replays their recorded steps. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each waits; null or zero: it is enqueued again at once.
Returns a row for each that was not put down: ''lease lost''.
Raises PD001 if the arrays differ in length.';
CREATE SEQUENCE perdure.claim_tokens
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE perdure.executors (
    executor_id bigint NOT NULL,
    name text NOT NULL,
    app_version text,
    lease interval NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    lapsed boolean DEFAULT false NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE perdure.executors IS 'One row for each living worker process: its lease.';
ALTER TABLE perdure.executors ALTER COLUMN executor_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.executors_executor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE perdure.outcomes (
    key bigint NOT NULL,
    status perdure.workflow_status NOT NULL,
    output json,
    error json,
    attempts integer NOT NULL,
    executor_id bigint,
    token bigint,
    started_at timestamp with time zone,
    completed_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE perdure.outcomes IS 'How each finished workflow ended.';
CREATE TABLE perdure.queues (
    queue_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    listening_until timestamp with time zone
)
WITH (fillfactor='50');
COMMENT ON TABLE perdure.queues IS 'One row a queue.';
ALTER TABLE perdure.queues ALTER COLUMN queue_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.queues_queue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE perdure.schema_functions (
    signature text NOT NULL
);
COMMENT ON TABLE perdure.schema_functions IS 'The functions that the engine itself has installed in this schema.';
CREATE TABLE perdure.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE perdure.schema_migrations IS 'Which numbered migrations this schema has had. The highest number is the version of the schema.';
CREATE TABLE perdure.steps (
    key bigint NOT NULL,
    step integer NOT NULL,
    name text NOT NULL,
    output json,
    error json,
    child_id text,
    attempts integer DEFAULT 1 NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    retry_at timestamp with time zone
);
COMMENT ON TABLE perdure.steps IS 'What is recorded of each step. A completed one never changes.';
CREATE SEQUENCE perdure.task_keys
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE perdure.tasks (
    key bigint NOT NULL,
    queue_id integer NOT NULL,
    lane_id integer DEFAULT 0 NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    status perdure.workflow_status NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_recovery_attempts integer NOT NULL,
    token bigint,
    executor_id bigint,
    started_at timestamp with time zone,
    wake_at timestamp with time zone,
    resumed boolean DEFAULT false NOT NULL,
    watched boolean DEFAULT false NOT NULL
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='2000', autovacuum_analyze_scale_factor='0.05', autovacuum_vacuum_cost_delay='0');
COMMENT ON TABLE perdure.tasks IS 'The active workflows: one narrow row each, from enqueue to finish.';
CREATE TABLE perdure.workflows (
    key bigint NOT NULL,
    workflow_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    queue_id integer,
    priority integer DEFAULT 0 NOT NULL,
    max_recovery_attempts integer NOT NULL,
    input json,
    parent_key bigint,
    parent_step integer,
    app_version text,
    created_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE perdure.workflows IS 'What was asked for: one row a workflow, written once.';
COPY perdure.executors (executor_id, name, app_version, lease, lease_until, registered_at, lapsed) FROM stdin;
1	old	1	00:00:30	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	f
\.
COPY perdure.outcomes (key, status, output, error, attempts, executor_id, token, started_at, completed_at) FROM stdin;
1	SUCCESS	{"a": 1.0}	\N	1	1	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00
2	ERROR	\N	{"name": "E", "message": "m"}	1	1	2	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00
\.
COPY perdure.queues (queue_id, name, created_at, listening_until) FROM stdin;
1	_internal	2026-11-21 10:04:13.192383+00	\N
2	default	2026-11-21 10:04:13.192383+00	\N
3	orders	2026-11-21 10:04:13.239163+00	\N
\.
COPY perdure.schema_functions (signature) FROM stdin;
_check_same_workflows(text[],text[])
_check_text(text,text)
_claim_queue(integer,bigint,integer)
_create_workflows(text[],json[],text[],integer,integer[],integer[],bigint,text,bigint[],bigint[],integer[])
_hold_executor(bigint)
_hold_parents(bigint[],bigint[])
_mark_listening(integer[],boolean)
_migrate(integer,text)
_new_workflow_id()
_notify_finished(bigint[])
_notify_queue(integer)
_now()
_put_down(bigint[],bigint[],interval[],workflow_status)
_queue_id(text)
_raise(text,text,text,text)
_raise_lease_lost(bigint)
_raise_workflow_not_found(text)
_record_children(bigint[],integer[],text[],text[],timestamp with time zone)
_record_remaining(bigint[],bigint[],integer[],text[],json[],json[],interval[],bigint[],integer[])
_recorded_steps(bigint)
_take_over(integer)
_wake_due(integer)
claim(bigint,text[],integer)
deregister_executor(bigint)
enqueue(text,json,text,text,integer,integer,text)
enqueue_many(text,json[],text,text[],integer[],integer,text,bigint[],bigint[],integer[])
fail_step(bigint,bigint,integer,text,json,integer,integer,interval,double precision,interval)
finish(bigint,bigint,json,json)
finish_many(bigint[],bigint[],json[],json[])
get_result(text)
get_results(text[],boolean)
get_workflow(text)
heartbeat(bigint)
list_executors()
list_queues()
list_steps(text)
reconcile(bigint,bigint[])
record_step(bigint,bigint,integer,text,json,json)
record_steps(bigint[],bigint[],integer[],text[],json[],json[],interval[])
register_executor(text,interval,text)
register_queue(text)
release(bigint,bigint,interval)
release_many(bigint[],bigint[],interval[])
run_maintenance(integer)
schema_version()
start(bigint,text,json,text,integer,text)
start_many(bigint,text[],json[],text[],integer[],text,bigint[],bigint[],integer[])
suspend(bigint,bigint,interval)
suspend_many(bigint[],bigint[],interval[])
\.
COPY perdure.schema_migrations (number, name, applied_at) FROM stdin;
1	engine	2026-11-21 10:04:13.192383+00
2	function list	2026-11-21 10:04:13.192383+00
\.
COPY perdure.steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at) FROM stdin;
1	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
3	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
5	1	first	\N	[{"message": "m"}]	\N	1	2026-01-01 00:00:00+00	\N	2026-01-01 01:00:00+00
6	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
7	1	w	\N	\N	child	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N
9	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
\.
COPY perdure.tasks (key, queue_id, lane_id, priority, status, attempts, max_recovery_attempts, token, executor_id, started_at, wake_at, resumed, watched) FROM stdin;
10	2	0	0	PENDING	1	0	9	1	2026-01-01 00:00:00+00	\N	f	f
11	1	0	0	PENDING	1	100	0	1	2026-01-01 00:00:00+00	\N	f	f
12	3	0	5	ENQUEUED	0	100	\N	\N	\N	\N	f	t
13	3	0	-1	ENQUEUED	0	100	\N	\N	\N	\N	f	f
3	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f
4	2	0	0	DELAYED	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f
5	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f
6	2	0	0	PENDING	1	100	6	1	2026-01-01 00:00:00+00	\N	f	f
7	2	0	0	PENDING	1	100	7	1	2026-01-01 00:00:00+00	\N	f	f
8	3	0	0	ENQUEUED	0	100	\N	\N	\N	\N	f	f
9	2	0	0	PENDING	1	100	8	1	2026-01-01 00:00:00+00	\N	f	f
\.
COPY perdure.workflows (key, workflow_id, name, queue_id, priority, max_recovery_attempts, input, parent_key, parent_step, app_version, created_at) FROM stdin;
1	succeeded	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
10	spent	w	2	0	0	[1]	\N	\N	\N	2026-01-01 00:00:00+00
11	direct	w	\N	0	100	[3]	\N	\N	\N	2026-01-01 00:00:00+00
12	waiting	w	3	5	100	\N	\N	\N	\N	2026-01-01 00:00:00+00
13	urgent	w	3	-1	100	\N	\N	\N	\N	2026-01-01 00:00:00+00
2	failed	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
3	sleeping	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
4	delayed	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
5	retrying	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
6	running	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
7	parent	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
8	child	w	3	0	100	[2]	7	1	\N	2026-01-01 00:00:00+00
9	orphaned	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00
\.
SELECT pg_catalog.setval('perdure.claim_tokens', 9, true);
SELECT pg_catalog.setval('perdure.executors_executor_id_seq', 1, true);
SELECT pg_catalog.setval('perdure.queues_queue_id_seq', 3, true);
SELECT pg_catalog.setval('perdure.task_keys', 13, true);
ALTER TABLE ONLY perdure.executors
    ADD CONSTRAINT executors_pkey PRIMARY KEY (executor_id);
ALTER TABLE ONLY perdure.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.queues
    ADD CONSTRAINT queues_name_key UNIQUE (name);
ALTER TABLE ONLY perdure.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (queue_id);
ALTER TABLE ONLY perdure.schema_functions
    ADD CONSTRAINT schema_functions_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY perdure.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY perdure.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (key, step);
ALTER TABLE ONLY perdure.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.workflows
    ADD CONSTRAINT workflows_workflow_id_key UNIQUE (workflow_id);
CREATE INDEX tasks_held ON perdure.tasks USING btree (executor_id, key) WHERE (executor_id IS NOT NULL);
CREATE INDEX tasks_ready ON perdure.tasks USING btree (queue_id, lane_id, priority, key) WHERE (status = 'ENQUEUED'::perdure.workflow_status);
CREATE INDEX tasks_waking ON perdure.tasks USING btree (wake_at, key) WHERE (wake_at IS NOT NULL);
CREATE INDEX workflows_children ON perdure.workflows USING btree (parent_key, parent_step) WHERE (parent_key IS NOT NULL);
