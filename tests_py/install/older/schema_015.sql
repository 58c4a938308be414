-- A database with version 15 of the schema, frozen. See tests_py/install/freeze.py.
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
CREATE TYPE perdure.alert_info AS (
	kind text,
	subject text,
	since timestamp with time zone,
	detail text,
	severity text
);
CREATE TYPE perdure.cron_line AS (
	seconds integer[],
	minutes integer[],
	hours integer[],
	days integer[],
	months integer[],
	weekdays integer[]
);
CREATE TYPE perdure.workflow_origin AS (
	attributes jsonb,
	class_name text,
	config_name text,
	authenticated_user text,
	authenticated_roles text[],
	assumed_role text
);
CREATE TYPE perdure.enqueue_options AS (
	lane_ids integer[],
	deduplication_ids text[],
	return_existing boolean,
	delay interval,
	debounce boolean,
	expires_in interval,
	retries integer,
	retry_interval interval,
	retry_backoff double precision,
	retry_max_interval interval,
	timeouts interval[],
	deadlines timestamp with time zone[],
	origins perdure.workflow_origin[],
	application text,
	schedule text
);
CREATE TYPE perdure.workflow_status AS ENUM (
    'DELAYED',
    'ENQUEUED',
    'PENDING',
    'SUCCESS',
    'ERROR',
    'CANCELLED',
    'MAX_RECOVERY_ATTEMPTS_EXCEEDED'
);
CREATE TYPE perdure.exported_workflow AS (
	workflow_id text,
	name text,
	status perdure.workflow_status,
	queue text,
	partition_key text,
	priority integer,
	max_recovery_attempts integer,
	input text,
	parent_id text,
	parent_step integer,
	app_version text,
	created_at timestamp with time zone,
	deduplication_id text,
	retries integer,
	retry_interval interval,
	retry_backoff double precision,
	retry_max_interval interval,
	timeout interval,
	deadline timestamp with time zone,
	attributes jsonb,
	application text,
	class_name text,
	config_name text,
	authenticated_user text,
	authenticated_roles text[],
	assumed_role text,
	forked_from text,
	was_forked boolean,
	schedule text,
	attempts integer,
	failures integer,
	started_at timestamp with time zone,
	completed_at timestamp with time zone,
	output text,
	error text,
	deadline_now timestamp with time zone,
	app_version_now text,
	timeout_left interval,
	wake_at timestamp with time zone,
	expires_at timestamp with time zone,
	deduplicated boolean,
	debounced boolean,
	steps json,
	events json,
	messages json,
	streams json,
	places json,
	traceparent text
);
CREATE TYPE perdure.started AS (
	workflow_key bigint,
	workflow_id text,
	token bigint,
	time_left interval
);
CREATE TYPE perdure.workflow_filter AS (
	workflow_ids text[],
	id_patterns text[],
	names text[],
	app_versions text[],
	users text[],
	queue_ids integer[],
	queued boolean,
	executor_ids bigint[],
	parent_keys bigint[],
	has_parent boolean,
	forked_from text[],
	is_fork boolean,
	was_forked boolean,
	schedules text[],
	attributes jsonb,
	applications text[],
	created_from timestamp with time zone,
	created_until timestamp with time zone,
	started_from timestamp with time zone,
	started_until timestamp with time zone,
	completed_from timestamp with time zone,
	completed_until timestamp with time zone
);
CREATE TYPE perdure.workflow_info AS (
	workflow_key bigint,
	workflow_id text,
	workflow text,
	status text,
	queue text,
	partition_key text,
	deduplication_id text,
	priority integer,
	input json,
	output json,
	error json,
	attempts integer,
	failures integer,
	retries integer,
	max_recovery_attempts integer,
	executor text,
	app_version text,
	application text,
	class_name text,
	config_name text,
	attributes jsonb,
	authenticated_user text,
	authenticated_roles text[],
	assumed_role text,
	parent_id text,
	forked_from text,
	was_forked boolean,
	schedule text,
	created_at timestamp with time zone,
	started_at timestamp with time zone,
	completed_at timestamp with time zone,
	wake_at timestamp with time zone,
	timeout interval,
	deadline timestamp with time zone,
	cursor text
);
CREATE TYPE perdure.workflow_node AS (
	depth integer,
	workflow_key bigint,
	workflow_id text,
	parent_id text,
	parent_step integer,
	workflow text,
	status text,
	queue text,
	executor text,
	app_version text,
	created_at timestamp with time zone,
	started_at timestamp with time zone,
	completed_at timestamp with time zone,
	more boolean
);
CREATE FUNCTION perdure._alert(kind text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if exists (select from alerting) then
    perform pg_notify(current_schema() || '.alert', kind);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._alert(kind text) IS 'Tells of this on channel <schema>.alert, if notify_alerts was called.';
CREATE FUNCTION perdure._alerts_of_ended(since timestamp with time zone, max_failures double precision, min_ended integer) RETURNS SETOF perdure.alert_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  return query
  select
    'dead letter', w.name, min(o.completed_at),
    format('%s whose worker died too often, the last one is %s',
      case when count(*) >= 1000 then 'at least 1000' else count(*)::text end,
      (array_agg(w.workflow_id order by o.completed_at desc, o.key desc))[1]),
    'critical'
  from (
    select d.key, d.completed_at
    from outcomes d
    where d.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' and d.completed_at > _alerts_of_ended.since
    order by d.completed_at desc, d.key desc
    limit 1000
  ) as o
  cross join lateral (
    select f.name, f.workflow_id from workflows f where f.key = o.key offset 0
  ) as w
  group by w.name
  order by w.name;
  return query
  select
    'failing workflow', w.name, min(o.completed_at) filter (where o.status <> 'SUCCESS'),
    format('%s of the last %s have failed', count(*) filter (where o.status <> 'SUCCESS'), count(*)),
    case when bool_or(o.status = 'SUCCESS') then 'warning' else 'critical' end
  from (
    select d.key, d.completed_at, d.status
    from outcomes d
    where d.completed_at > _alerts_of_ended.since
    order by d.completed_at desc, d.key desc
    limit 5000
  ) as o
  cross join lateral (
    select f.name from workflows f where f.key = o.key offset 0
  ) as w
  where o.status in ('SUCCESS', 'ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
  group by w.name
  having count(*) >= min_ended
    and count(*) filter (where o.status <> 'SUCCESS') >= greatest(max_failures * count(*), 1)
  order by w.name;
end
$$;
COMMENT ON FUNCTION perdure._alerts_of_ended(since timestamp with time zone, max_failures double precision, min_ended integer) IS 'Of alerts: dead letters, and names of which too many have failed.';
CREATE FUNCTION perdure._alerts_of_upkeep(max_lateness interval) RETURNS SETOF perdure.alert_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  return query
  select
    'lapsed executor', format('%s (%s)', e.name, e.executor_id), e.lease_until,
    format('%s workflows wait to be taken from it', case when h.many > 1000 then 'more than 1000' else h.many::text end),
    'warning'
  from executors e
  cross join lateral (
    select count(*) as many
    from (select from tasks t where t.executor_id = e.executor_id limit 1001) as t
  ) as h
  where (e.lapsed or e.lease_until < clock_timestamp()) and h.many > 0
  order by e.executor_id;
  return query
  select
    'late schedule', s.name, coalesce(s.next_at, s.reckoned_at),
    case
      when s.next_at is null then format('it has no next tick: is time zone %s still known?', s.zone)
      else 'its tick was not fired: does a worker, or anybody else, call run_maintenance?'
    end,
    'critical'
  from schedules s
  where not s.paused and (s.next_at is null or s.next_at < _now() - max_lateness)
  order by s.name;
end
$$;
COMMENT ON FUNCTION perdure._alerts_of_upkeep(max_lateness interval) IS 'Of alerts: what maintenance has not done that it should have: takeovers, and ticks of schedules.';
CREATE FUNCTION perdure._alerts_of_waiting(max_waiting interval) RETURNS SETOF perdure.alert_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_living executors[] := array(select e from _living_executors() as e);
  v_alive int := cardinality(v_living);
begin
  return query
  select
    case when s.served then 'slow queue' else 'unserved queue' end, q.name, s.oldest,
    case
      when s.served then format('its oldest workflow waits for longer than %s', _span(max_waiting))
      when v_alive = 0 then 'work waits and no executor is alive'
      else format('work waits and none of %s executors serves it', v_alive)
    end,
    case when s.served then 'warning' else 'critical' end
  from queues q
  cross join lateral (
    select e.served, _oldest_waiting(q.queue_id, not e.served) as oldest
    from (
      select exists (
        select from unnest(v_living) as e
        where (e.queues is null or q.name = any (e.queues) or q.internal)
          and (q.application is null or q.application = e.application)
      ) as served
    ) as e
  ) as s
  where q.queue_id = any (_with_work(array(select g.queue_id from queues g where not g.paused), null))
    and s.oldest < v_now - max_waiting
  order by q.name;
  -- Work that comes back to its queue again and again is delayed for a while each time.
  return query
  select
    'unknown workflow', w.name, min(w.created_at),
    format('%s, and no living executor knows a workflow of this name',
      case when count(*) >= 1000 then 'at least 1000 wait' when count(*) = 1 then 'one waits' else count(*) || ' wait' end),
    'critical'
  from (
    (
      select t.key, t.queue_id from tasks t
      where t.status = 'ENQUEUED' and not t.placed
      order by t.queue_id, t.app_version
      limit 1000
    )
    union all
    (
      select t.key, t.queue_id from tasks t
      where t.wake_at is not null and t.status = 'DELAYED'
      order by t.wake_at
      limit 1000
    )
  ) as t
  cross join lateral (
    select f.name, f.created_at from workflows f where f.key = t.key offset 0
  ) as w
  cross join lateral (
    select f.application from queues f where f.queue_id = t.queue_id offset 0
  ) as q
  where w.created_at < v_now - max_waiting
    -- Null: nobody serves the queue, which was told above.
    and (
      select bool_or(e.workflows is null or w.name = any (e.workflows))
      from unnest(v_living) as e
      where q.application is null or q.application = e.application
    ) is false
  group by w.name
  order by w.name;
  return query
  select
    'unserved version', format('%s of queue %s', v.app_version, q.name), null::timestamptz,
    'work waits for this version, and no living executor runs it', 'critical'
  from queues q
  cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
  where not q.paused and v.app_version <> ''
    and (
      select bool_or(coalesce(e.app_version, v.app_version) = v.app_version)
      from unnest(v_living) as e
      where q.application is null or q.application = e.application
    ) is false
  order by q.name, v.app_version;
end
$$;
COMMENT ON FUNCTION perdure._alerts_of_waiting(max_waiting interval) IS 'Of alerts: what waits too long, and what waits for somebody who is not there.';
CREATE FUNCTION perdure._anything_due() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  return exists (select from schedules s where s.next_at is not null and s.next_at <= v_now)
    or exists (
      select from tasks t
      where t.expires_at is not null and t.status in ('ENQUEUED', 'DELAYED') and t.expires_at <= v_now
    )
    or exists (select from tasks t where t.deadline is not null and t.deadline <= v_now)
    or exists (select from tasks t where t.wake_at is not null and t.wake_at <= v_now)
    or exists (select from wakes);
end
$$;
COMMENT ON FUNCTION perdure._anything_due() IS 'Whether a schedule, an expiry, a deadline or a wake-up is due. Five index probes.';
CREATE FUNCTION perdure._apply_retention(max_workflows integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_policy retention;
  v_swept retention;
  v_step record;
  v_all_done boolean := true;
  v_left int := least(max_workflows, 500);
begin
  perform _forget_removed();
  if not exists (select from retention) then
    return true;
  end if;
  for v_policy in
    select r.*
    from retention r
    where r.max_age is not null or r.max_count is not null
    -- By lot: no policy keeps the others waiting.
    order by random()
    limit 20
    for update skip locked
  loop
    v_swept := v_policy;
    if v_swept.max_count is not null then
      v_swept := _count_back(v_swept);
      v_all_done := v_all_done and v_swept.counting_at is null;
    end if;
    v_step := _sweep(v_swept, v_left);
    v_swept.swept_at := v_step.swept_at;
    v_swept.swept_key := v_step.swept_key;
    v_swept.sweep_began_at := v_step.sweep_began_at;
    v_left := v_left - v_step.removed;
    v_all_done := v_all_done and v_step.is_done;
    if v_swept is distinct from v_policy then
      update retention r
      set swept_at = v_swept.swept_at,
          swept_key = v_swept.swept_key,
          sweep_began_at = v_swept.sweep_began_at,
          cutoff_at = v_swept.cutoff_at,
          cutoff_key = v_swept.cutoff_key,
          counting_at = v_swept.counting_at,
          counting_key = v_swept.counting_key,
          counted = v_swept.counted,
          count_began_at = v_swept.count_began_at,
          newest_at = v_swept.newest_at,
          newest_key = v_swept.newest_key
      where r.workflow = v_policy.workflow;
    end if;
    exit when v_left <= 0;
  end loop;
  return v_all_done;
end
$$;
COMMENT ON FUNCTION perdure._apply_retention(max_workflows integer) IS 'Removes what no policy keeps, some hundreds at a call. Returns whether there is nothing more for now.';
CREATE FUNCTION perdure._await(target_key bigint, kind text, name text, waiter_key bigint) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  if not _hold_writers(target_key) then
    return false;
  end if;
  insert into waits (target_key, kind, name, waiter_key)
  values (_await.target_key, _await.kind, _await.name, _await.waiter_key)
  on conflict (target_key, kind, name, waiter_key) do nothing;
  return true;
end
$$;
COMMENT ON FUNCTION perdure._await(target_key bigint, kind text, name text, waiter_key bigint) IS 'Notes who waits for what, so that its writer wakes it. The caller looks once more afterwards. Returns false
if a writer is under way: then nothing is noted, and the caller looks again soon.';
CREATE FUNCTION perdure._backoff(first interval, factor double precision, most interval, retry integer) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_first double precision := extract(epoch from first);
  v_most double precision := extract(epoch from most);
begin
  if v_first = 0 or v_most = 0 then
    return interval '0';
  end if;
  -- Compared as logarithms: the power itself may overflow.
  if ln(v_first) + (retry - 1) * ln(factor) >= ln(v_most) then
    return make_interval(secs => v_most);
  end if;
  return make_interval(secs => v_first * power(factor, retry - 1));
end
$$;
COMMENT ON FUNCTION perdure._backoff(first interval, factor double precision, most interval, retry integer) IS 'The wait before retry n, from 1: first * factor ^ (n - 1), at most the most.';
CREATE FUNCTION perdure._cancel_held(active bigint[], dead bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_error json := json_build_object(
    'name', 'WorkflowCancelled', 'message', 'the workflow was cancelled', 'code', null, 'data', null
  );
begin
  if active <> '{}' then
    perform _end_tasks(active, 'CANCELLED', v_error);
  end if;
  if dead <> '{}' then
    update outcomes o
    set status = 'CANCELLED', error = v_error, completed_at = _now()
    where o.key = any (dead);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._cancel_held(active bigint[], dead bigint[]) IS 'Cancels workflows that are active, and others that are dead-lettered. The caller holds them.';
CREATE FUNCTION perdure._cancelled(workflow_keys bigint[], cancelled_keys bigint[]) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    AS $$
#variable_conflict use_column
begin
  return query
  select
    g.item::int,
    (select w.workflow_id from workflows w where w.key = g.key),
    case when c.key is not null then 'cancelled' else 'ended before' end,
    (select o.status::text from outcomes o where o.key = g.key)
  from (
    select k.key, k.item from unnest(workflow_keys) with ordinality as k (key, item)
    union all
    select c.key, null
    from (
      select a.key from unnest(cancelled_keys) as a (key) except select k.key from unnest(workflow_keys) as k (key)
    ) as c
  ) as g
  left join unnest(cancelled_keys) as c (key) on c.key = g.key
  order by g.item nulls last, g.key;
end
$$;
COMMENT ON FUNCTION perdure._cancelled(workflow_keys bigint[], cancelled_keys bigint[]) IS 'What cancel_many returns: a row for each workflow that was named, then one for each child that was cancelled.';
CREATE FUNCTION perdure._check_application(application text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _check_text('application', _check_application.application);
  if octet_length(_check_application.application) > 400 then
    perform _raise(
      'PD001',
      format('application is too long: %s bytes', octet_length(_check_application.application)),
      hint => 'Give the application 1 to 400 bytes.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_application(application text) IS 'Raises PD001 unless the name of an application has 1 to 400 bytes.';
CREATE FUNCTION perdure._check_children(children json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_unknown text;
begin
  if children is null then
    return;
  end if;
  if json_typeof(children) <> 'object'
    or exists (select from json_each(children) as c where json_typeof(c.value) <> 'string')
  then
    perform _raise(
      'PD001',
      'children that take the place of others are not an object of ids',
      hint => 'Give an object like {"old id": "new id"}.'
    );
  end if;
  select c.value into v_unknown
  from json_each_text(children) as c
  where not exists (select from workflows w where w.workflow_id = c.value offset 0)
  limit 1;
  if found then
    perform _raise_workflow_not_found(v_unknown);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_children(children json) IS 'Raises PD001 unless this is null or an object of ids, PD002 if a workflow that takes the place of another does not
exist.';
CREATE FUNCTION perdure._check_deadline(timeout interval, deadline timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if timeout <= interval '0' or timeout > interval '100 years' then
    perform _raise(
      'PD001',
      format('a timeout of %s is out of range', _span(timeout)),
      hint => 'Give a span of more than 0 and at most 100 years.'
    );
  end if;
  if not isfinite(deadline) or deadline > _now() + interval '100 years' then
    perform _raise(
      'PD001',
      format('a deadline at %s is out of range', deadline),
      hint => 'Give a moment within the next 100 years.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_deadline(timeout interval, deadline timestamp with time zone) IS 'Raises PD001 if a timeout or a deadline is out of range. A deadline may have passed.';
CREATE FUNCTION perdure._check_exported(workflow perdure.exported_workflow) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  v_wrong text;
  v_first constant timestamptz := timestamptz '0001-01-01 00:00+00';
  v_last constant timestamptz := timestamptz '9999-12-31 00:00+00';
  v_most constant int := 1000000000;
begin
  perform _check_text('workflow id', workflow.workflow_id);
  perform _check_text('workflow name', workflow.name);
  if (workflow.status in ('DELAYED', 'ENQUEUED', 'PENDING')) is distinct from (workflow.completed_at is null) then
    perform _raise_unreadable(
      format('workflow %L of the document is %s but %s', workflow.workflow_id,
        coalesce(workflow.status::text, 'in no status'),
        case when workflow.completed_at is null then 'has not ended' else 'has ended' end)
    );
  end if;
  perform _check_text(t.what, t.value)
  from (values ('deduplication id', workflow.deduplication_id), ('partition key', workflow.partition_key)) as t (what, value)
  where t.value is not null;
  if workflow.application is not null then
    perform _check_application(workflow.application);
  end if;
  perform _check_options(
    'reject', null, null, workflow.retries, workflow.retry_interval, workflow.retry_backoff, workflow.retry_max_interval
  );
  perform _check_deadline(workflow.timeout, workflow.deadline);
  perform _check_deadline(workflow.timeout_left, workflow.deadline_now);
  perform _check_origins(array[row(
    workflow.attributes, workflow.class_name, workflow.config_name, workflow.authenticated_user,
    workflow.authenticated_roles, workflow.assumed_role
  )::workflow_origin]);
  select g.what into v_wrong
  from (
    select m.what, m.at between v_first and v_last as fits
    from (values
      ('created_at', workflow.created_at), ('started_at', workflow.started_at), ('completed_at', workflow.completed_at),
      ('deadline', workflow.deadline), ('deadline_now', workflow.deadline_now),
      ('wake_at', workflow.wake_at), ('expires_at', workflow.expires_at)
    ) as m (what, at)
    union all
    select n.what, n.number between 0 and v_most
    from (values
      ('attempts', workflow.attempts), ('failures', workflow.failures),
      ('max_recovery_attempts', workflow.max_recovery_attempts)
    ) as n (what, number)
    union all
    select 'wake_at', workflow.status <> 'DELAYED' or workflow.wake_at is not null
    union all
    select 'debounced', not workflow.debounced or workflow.status = 'DELAYED' and workflow.deduplicated
    union all
    select 'traceparent', coalesce(_is_traceparent(workflow.traceparent), true)
    union all
    select l.what, coalesce(json_typeof(l.list), 'null') = 'array'
    from (values
      ('steps', workflow.steps), ('events', workflow.events),
      ('messages', workflow.messages), ('streams', workflow.streams)
    ) as l (what, list)
    union all
    select 'places', coalesce(json_typeof(workflow.places), 'object') = 'object'
  ) as g
  where not g.fits
  limit 1;
  if v_wrong is null then
    select 'a step' into v_wrong
    from json_to_recordset(workflow.steps) as s (
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
  if v_wrong is null then
    select 'a place' into v_wrong
    from json_each_text(workflow.places) as p (step, place)
    where (p.step ~ '^[0-9]{1,9}$' and length(p.place) between 1 and 10000) is not true
    limit 1;
  end if;
  if v_wrong is not null then
    perform _raise_unreadable(
      format('%s of workflow %L of the document is missing or out of range', v_wrong, workflow.workflow_id)
    );
  end if;
end
$_$;
COMMENT ON FUNCTION perdure._check_exported(workflow perdure.exported_workflow) IS 'Raises PD001 if a workflow of a document is not as export_workflow has made it.';
CREATE FUNCTION perdure._check_filter(filter perdure.workflow_filter, statuses text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _check_statuses(statuses);
  if jsonb_typeof(filter.attributes) <> 'object' then
    perform _raise(
      'PD001',
      format('attributes are an object, not %s', left(filter.attributes::text, 80)),
      hint => 'Give what the attributes contain: {"customer": 7}'
    );
  end if;
  perform _check_span('created', filter.created_from, filter.created_until);
  perform _check_span('started', filter.started_from, filter.started_until);
  perform _check_span('completed', filter.completed_from, filter.completed_until);
end
$$;
COMMENT ON FUNCTION perdure._check_filter(filter perdure.workflow_filter, statuses text[]) IS 'Raises PD001 if a status is unknown, the attributes are no object, or a span ends before it begins.';
CREATE FUNCTION perdure._check_floors() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_wrong int[];
begin
  select array_agg(distinct q.queue_id) into v_wrong
  from queues q
  cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
  cross join lateral _floor(q.queue_id, v.app_version) as f
  where exists (
    select from tasks t
    where t.status = 'ENQUEUED' and not t.placed and t.queue_id = q.queue_id and t.app_version = v.app_version
      and t.lane_id = 0
      and t.rank = f.rank and t.key < f.key
    -- Kept apart: as a join, planned while little waits, it would read the whole backlog.
    offset 0
  );
  if v_wrong is not null then
    perform _drop_floors(v_wrong);
  end if;
  return coalesce(cardinality(v_wrong), 0);
end
$$;
COMMENT ON FUNCTION perdure._check_floors() IS 'Drops floors below which something waits. Returns how many: it should be none.';
CREATE FUNCTION perdure._check_groups(group_by text[], known text[], max_groups integer DEFAULT 1) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_unknown text;
begin
  select g.key into v_unknown
  from unnest(group_by) as g (key)
  where (g.key = any (known)) is not true
  limit 1;
  if found then
    perform _raise(
      'PD001',
      format('cannot group by %s', coalesce(quote_literal(v_unknown), 'null')),
      hint => format('Group by any of %s', array_to_string(known, ', '))
    );
  end if;
  if max_groups between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('figures have 1 to 100000 groups, not %s', coalesce(max_groups::text, 'null')),
      hint => 'Group by less, or give a span of time.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_groups(group_by text[], known text[], max_groups integer) IS 'Raises PD001 if figures are asked for by something unknown, or for too many groups.';
CREATE FUNCTION perdure._check_isolation(verb text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    perform _raise(
      'PD001',
      format('%s cannot run in a transaction that is %s', verb, current_setting('transaction_isolation')),
      detail => 'It must see what others have done since the transaction began.',
      hint => 'Call it in a transaction that is read committed.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_isolation(verb text) IS 'Raises PD001 in a transaction that is repeatable read or serializable.';
CREATE FUNCTION perdure._check_lanes() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_moved int;
begin
  with astray as (
    select t.key
    from queues q
    cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
    cross join lateral (
      select e.key
      from tasks e
      where e.status = 'ENQUEUED' and not e.placed and e.queue_id = q.queue_id
        and e.app_version = v.app_version and e.lane_id > 0
      limit 1000
      for update skip locked
    ) as t
    where not q.partitioned
  ),
  moved as (
    update tasks t
    set lane_id = 0
    from astray a
    where t.key = a.key
    returning t.queue_id
  )
  select count(*) into v_moved
  from moved m, lateral (select _drop_floors(array[m.queue_id])) as dropped;
  return v_moved;
end
$$;
COMMENT ON FUNCTION perdure._check_lanes() IS 'Moves what waits in a partition of a queue without partitions to where it is looked for. Returns how many.';
CREATE FUNCTION perdure._check_options(on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if on_duplicate in ('reject', 'return_existing') is not true then
    perform _raise(
      'PD001',
      format('on_duplicate cannot be %L', on_duplicate),
      hint => 'Give ''reject'' or ''return_existing''.'
    );
  end if;
  if delay < interval '0' or delay > interval '100 years' then
    perform _raise(
      'PD001',
      format('a delay of %s is out of range', _span(delay)),
      hint => 'Give a delay of 0 to 100 years.'
    );
  end if;
  if expires_in <= interval '0' or expires_in > interval '100 years' then
    perform _raise(
      'PD001',
      format('an expiry after %s is out of range', _span(expires_in)),
      hint => 'Give a span of more than 0 and at most 100 years.'
    );
  end if;
  if retries < 0 then
    perform _raise(
      'PD001',
      format('retries cannot be %s', retries),
      hint => 'Give 0 or more: how often a workflow that fails is run again.'
    );
  end if;
  if retries > 0 then
    perform _raise(
      'PD001',
      format('%s cannot be %s', p.name, p.value),
      hint => p.hint
    )
    from (values
      (
        'retry_interval', _span(retry_interval), retry_interval >= interval '0',
        'Give 0 or more.'
      ),
      (
        'retry_backoff', coalesce(retry_backoff::text, 'null'), retry_backoff between 1 and 1e6,
        'Give 1 to 1000000: retry n waits retry_interval * retry_backoff ^ (n - 1).'
      ),
      (
        'retry_max_interval', _span(retry_max_interval),
        retry_max_interval between interval '0' and interval '100 years', 'Give 0 to 100 years.'
      )
    ) as p (name, value, fits, hint)
    where p.fits is not true;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_options(on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval) IS 'Raises PD001 if an option of enqueueing is out of range.';
CREATE FUNCTION perdure._check_origins(origins perdure.workflow_origin[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_origin workflow_origin;
begin
  foreach v_origin in array origins loop
    if jsonb_typeof(v_origin.attributes) <> 'object' then
      perform _raise(
        'PD001',
        format('attributes are a JSON object, not %s', left(v_origin.attributes::text, 60)),
        hint => 'For example {"customer": "c-17", "trial": true}. Null is none.'
      );
    end if;
    perform _check_text(t.what, t.value)
    from (values
      ('class name', v_origin.class_name),
      ('config name', v_origin.config_name),
      ('authenticated user', v_origin.authenticated_user),
      ('assumed role', v_origin.assumed_role)
    ) as t (what, value)
    where t.value is not null;
    perform _check_text('authenticated role', r.role) from unnest(v_origin.authenticated_roles) as r (role);
  end loop;
end
$$;
COMMENT ON FUNCTION perdure._check_origins(origins perdure.workflow_origin[]) IS 'Raises PD001 if attributes are no JSON object, or a name is empty or too long.';
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE perdure.queues (
    queue_id integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    listening_until timestamp with time zone,
    paused boolean DEFAULT false NOT NULL,
    concurrency integer,
    worker_concurrency integer,
    rate_limit integer,
    rate_period interval,
    partitioned boolean DEFAULT false NOT NULL,
    partition_concurrency integer,
    partition_rate_limit integer,
    partition_rate_period interval,
    priority_ageing interval,
    limited boolean GENERATED ALWAYS AS ((partitioned OR (concurrency IS NOT NULL) OR (worker_concurrency IS NOT NULL) OR (rate_limit IS NOT NULL))) STORED NOT NULL,
    application text COLLATE pg_catalog."C",
    internal boolean GENERATED ALWAYS AS (((name = '_internal'::text) OR starts_with(name, '_internal/'::text))) STORED NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE perdure.queues IS 'One row a queue.';
CREATE FUNCTION perdure._check_queue(queue perdure.queues) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_limit record;
  v_year numeric := extract(epoch from interval '1 year');
begin
  for v_limit in
    select l.name, l.value
    from (values
      ('concurrency', queue.concurrency),
      ('worker_concurrency', queue.worker_concurrency),
      ('rate_limit', queue.rate_limit),
      ('partition_concurrency', queue.partition_concurrency),
      ('partition_rate_limit', queue.partition_rate_limit)
    ) as l (name, value)
    where l.value < 1 or l.value > 1000000
  loop
    perform _raise(
      'PD001',
      format('%s of queue %L cannot be %s', v_limit.name, queue.name, v_limit.value),
      hint => 'Give 1 to 1000000, or null for no limit. To stop a queue, pause it.'
    );
  end loop;
  if (queue.rate_limit is null) <> (queue.rate_period is null)
    or (queue.partition_rate_limit is null) <> (queue.partition_rate_period is null)
  then
    perform _raise(
      'PD001',
      format('a rate of queue %L is not complete', queue.name),
      hint => 'A rate is a limit and a period: give both, or neither.'
    );
  end if;
  -- In seconds: of intervals, 1 year is more than 365 days but less than 8766 hours.
  perform _raise(
    'PD001',
    format('%s of queue %L cannot be %s', p.name, queue.name, _span(p.value)),
    hint => format('Give %s to 1 year.', p.least)
  )
  from (values
    ('rate_period', queue.rate_period, interval '1 millisecond', '1 millisecond'),
    ('partition_rate_period', queue.partition_rate_period, interval '1 millisecond', '1 millisecond'),
    ('priority_ageing', queue.priority_ageing, interval '1 second', '1 second')
  ) as p (name, value, shortest, least)
  where extract(epoch from p.value) not between extract(epoch from p.shortest) and v_year;
  if not queue.partitioned and (queue.partition_concurrency is not null or queue.partition_rate_limit is not null) then
    perform _raise(
      'PD001',
      format('queue %L has limits for partitions, but no partitions', queue.name),
      hint => 'Set partitioned to true, or leave those limits out.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_queue(queue perdure.queues) IS 'Raises PD001 if the settings of a queue are out of range or do not go together.';
CREATE FUNCTION perdure._check_repeated_ids(workflow_ids text[], inputs json[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_repeated text[];
  v_conflict record;
begin
  -- The inputs, which may be large, are looked at only where an id comes twice.
  select array_agg(r.id) into v_repeated
  from (
    select g.id collate "C" as id
    from unnest(workflow_ids) as g (id)
    where g.id is not null
    group by 1
    having count(*) > 1
  ) as r;
  if v_repeated is null then
    return;
  end if;
  select g.id, min(g.item) as item into v_conflict
  from unnest(workflow_ids, inputs) with ordinality as g (id, input, item)
  where g.id = any (v_repeated)
  group by g.id
  having count(distinct coalesce(g.input::text, 'null') collate "C") > 1
  order by 2
  limit 1;
  if found then
    perform _raise(
      'PD001',
      format('workflow id %L is given to several workflows with different inputs', v_conflict.id),
      detail => format('The first of them is item %s. Nothing was enqueued.', v_conflict.item),
      hint => 'An id starts one workflow, once. Give each an id of its own, or leave the ids out.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_repeated_ids(workflow_ids text[], inputs json[]) IS 'Raises PD001 if an id comes more than once in a call, with different inputs.';
CREATE FUNCTION perdure._check_same_forks(new_ids text[], original_ids text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_conflict record;
begin
  select g.new_id, g.original into v_conflict
  from unnest(new_ids, original_ids) as g (new_id, original)
  cross join lateral (
    select e.forked_from from workflows e where e.workflow_id = g.new_id offset 0
  ) as w
  where w.forked_from is distinct from g.original
  limit 1;
  if found then
    perform _raise(
      'PD003',
      format('workflow id %L belongs to a workflow that is no fork of %L', v_conflict.new_id, v_conflict.original),
      detail => 'Nothing was forked.',
      hint => 'Give the fork another id, or none.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_same_forks(new_ids text[], original_ids text[]) IS 'Raises PD003 if one of these ids belongs to a workflow that is no fork of that original.';
CREATE FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[], origins perdure.workflow_origin[] DEFAULT NULL::perdure.workflow_origin[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_conflict record;
begin
  select
    g.workflow_id, g.name as wanted, w.name as existing,
    _place_name(g.class_name, g.config_name) as wanted_place, _place_name(w.class_name, w.config_name) as place
  into v_conflict
  from rows from (unnest(workflow_ids), unnest(names), unnest(origins)) as g (
    workflow_id, name, attributes, class_name, config_name, authenticated_user, authenticated_roles, assumed_role
  )
  cross join lateral (
    select e.name, e.class_name, e.config_name from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w
  where w.name <> g.name
    -- Who enqueues by name may not know the class.
    or w.class_name <> g.class_name
    or w.config_name is distinct from g.config_name
  limit 1;
  if found then
    perform _raise(
      'PD003',
      format('workflow id %L belongs to a workflow named %L', v_conflict.workflow_id, v_conflict.existing)
        || case when v_conflict.existing = v_conflict.wanted then v_conflict.place else '' end,
      detail => format('It was to be started as %L%s. Nothing was started.', v_conflict.wanted,
        case when v_conflict.existing = v_conflict.wanted then v_conflict.wanted_place else '' end),
      hint => 'An id starts one workflow, once. Use another id, or the name it was started with.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[], origins perdure.workflow_origin[]) IS 'Raises PD003 if one of these ids exists under another workflow name, or as that of another class or instance.';
CREATE TABLE perdure.schedules (
    name text NOT NULL COLLATE pg_catalog."C",
    workflow text NOT NULL,
    cron text NOT NULL,
    zone text NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    context json,
    automatic_backfill boolean NOT NULL,
    max_recovery_attempts integer NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    next_at timestamp with time zone,
    reckoned_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    application text COLLATE pg_catalog."C"
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='500');
COMMENT ON TABLE perdure.schedules IS 'What the clock starts: one row a schedule.';
CREATE FUNCTION perdure._check_schedule(schedule perdure.schedules, create_queue boolean) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _check_text('schedule', schedule.name);
  if octet_length(schedule.name) > 400 then
    perform _raise(
      'PD001',
      format('schedule is too long: %s bytes', octet_length(schedule.name)),
      hint => 'Give the schedule 1 to 400 bytes: the ids of its workflows begin with them.'
    );
  end if;
  perform _check_text('workflow name', schedule.workflow);
  if schedule.max_recovery_attempts >= 0 is not true then
    perform _raise(
      'PD001',
      format('max_recovery_attempts cannot be %s', coalesce(schedule.max_recovery_attempts::text, 'null')),
      hint => 'Give 0 or more.'
    );
  end if;
  if schedule.automatic_backfill is null then
    perform _raise('PD001', 'automatic_backfill is null', hint => 'Give true or false.');
  end if;
  if schedule.application is not null then
    perform _check_application(schedule.application);
  end if;
  perform _queue(schedule.queue, coalesce(create_queue, false), schedule.application);
  return cron_next(schedule.cron, schedule.zone, _now());
end
$$;
COMMENT ON FUNCTION perdure._check_schedule(schedule perdure.schedules, create_queue boolean) IS 'The next tick of a schedule. Raises PD001 if something in it is wrong, PD007 if its queue does not exist and
is not to be made.';
CREATE FUNCTION perdure._check_span(what text, since timestamp with time zone, until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if since > until then
    perform _raise(
      'PD001',
      format('%s_from, %s, is after %s_until, %s', what, since, what, until),
      hint => 'A span has its beginning, and not its end.'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_span(what text, since timestamp with time zone, until timestamp with time zone) IS 'Raises PD001 if a span ends before it begins.';
CREATE FUNCTION perdure._check_statuses(statuses text[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_unknown text;
begin
  select s.status into v_unknown
  from unnest(statuses) as s (status)
  where (s.status = any (enum_range(null::workflow_status)::text[])) is not true
  limit 1;
  if found then
    perform _raise(
      'PD001',
      format('unknown status %s', coalesce(quote_literal(v_unknown), 'null')),
      hint => format('Give any of %s', array_to_string(enum_range(null::workflow_status), ', '))
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_statuses(statuses text[]) IS 'Raises PD001 if a status is unknown.';
CREATE FUNCTION perdure._check_text(what text, value text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if value is null or value = '' then
    perform _raise(
      'PD001',
      format('%s is empty', what),
      hint => format('Give the %s 1 to 512 bytes', what)
    );
  end if;
  if octet_length(value) > 512 then
    perform _raise(
      'PD001',
      format('%s is too long: %s bytes', what, octet_length(value)),
      detail => format('it begins with %L', left(value, 60)),
      hint => format('Give the %s 1 to 512 bytes', what)
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._check_text(what text, value text) IS 'Raises PD001 unless the value has 1 to 512 bytes. Identifiers and names go through here.';
CREATE FUNCTION perdure._check_zone(zone text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
begin
  perform _check_text('time zone', zone);
  if zone !~ '[0-9]' or zone ~* '^((Etc/)?GMT[+-]?0|Etc/GMT[+-][0-9]{1,2}|(EST5E|CST6C|MST7M|PST8P)DT)$' then
    begin
      perform timestamptz 'epoch' at time zone zone;
      return;
    exception
      when invalid_parameter_value then
        null;
    end;
  end if;
  perform _raise(
    'PD001',
    format('time zone %L is not known', left(zone, 60)),
    hint => 'Give a name such as UTC, Europe/Berlin or America/New_York: select name from pg_timezone_names.'
  );
end
$_$;
COMMENT ON FUNCTION perdure._check_zone(zone text) IS 'Raises PD001 unless this is the name of a time zone.';
CREATE FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean, versions text[], own_version text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_limited boolean;
  v_queue queues;
  v_room int := max_workflows;
  v_at timestamptz;
  v_returning bigint[];
  v_new bigint[] := array[]::bigint[];
  v_versions text[] := coalesce(versions, _waiting_versions(queue_id));
begin
  select q.limited into v_limited
  from queues q
  where q.queue_id = _claim_queue.queue_id and not q.paused;
  if not found then
    return array[]::bigint[];
  end if;
  if not _lock_queue(queue_id, alone => v_limited, patient => patient) then
    return null;
  end if;
  select q.* into v_queue
  from queues q
  where q.queue_id = _claim_queue.queue_id and not q.paused and q.limited = v_limited;
  if not found then
    return null;
  end if;
  v_at := _now();
  if not v_limited then
    -- Some may return with a place from a time when the queue had limits.
    v_returning := _take_returning(queue_id, executor_id, v_room, v_versions, own_version);
    v_room := v_room - cardinality(v_returning);
    if cardinality(v_versions) = 1 then
      return v_returning || _take_first(queue_id, v_versions[1], executor_id, own_version, v_room, false, v_at);
    end if;
    return v_returning || _take_lane(queue_id, v_versions, 0, executor_id, own_version, v_room, false, v_at);
  end if;
  if v_queue.worker_concurrency is not null then
    v_room := least(v_room, v_queue.worker_concurrency
      - _places_taken(queue_id, null, executor_id, v_queue.worker_concurrency));
  end if;
  if v_room <= 0 then
    return array[]::bigint[];
  end if;
  v_returning := _take_returning(queue_id, executor_id, v_room, v_versions, own_version);
  v_room := v_room - cardinality(v_returning);
  if v_queue.concurrency is not null then
    v_room := least(v_room, v_queue.concurrency - _places_taken(queue_id, null, null, v_queue.concurrency));
  end if;
  if v_queue.rate_limit is not null or v_queue.partition_rate_limit is not null then
    -- Starts of a queue are in the order of their moments, also when the clock is set back.
    v_at := greatest(v_at, (
      select s.started_at + interval '1 microsecond'
      from starts s
      where s.queue_id = _claim_queue.queue_id and s.lane_id = 0
      order by s.started_at desc
      limit 1
    ));
    v_room := least(v_room, _rate_room(queue_id, 0, v_queue.rate_limit, v_queue.rate_period, v_at));
  end if;
  if v_room <= 0 then
    return v_returning;
  end if;
  if v_queue.partitioned then
    v_new := _take_partitions(v_queue, executor_id, v_room, v_at, v_versions, own_version);
  else
    v_new := _take_lane(queue_id, v_versions, 0, executor_id, own_version, v_room, true, v_at);
  end if;
  if v_queue.rate_limit is not null or v_queue.partition_rate_limit is not null then
    perform _count_starts(queue_id, 0, cardinality(v_new), v_at);
  end if;
  return v_returning || v_new;
end
$$;
COMMENT ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean, versions text[], own_version text) IS 'Hands workflows of one queue and these versions (null: of any) to an executor, within the limits of the queue. Returns their keys, in no
order; null if its turn did not come.';
CREATE FUNCTION perdure._claim_queues(queue_ids integer[], executor_id bigint, max_workflows integer, versions text[], own_version text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_open int[] := queue_ids;
  v_again int[];
  v_share int;
  v_found bigint[];
  v_keys bigint[] := array[]::bigint[];
  v_left int := max_workflows;
begin
  for v_turn in 1 .. 2 loop
    v_again := '{}';
    for v_index in 1 .. cardinality(v_open) loop
      exit when v_left = 0;
      v_share := case
        when v_turn = 1 then ceil(v_left / (cardinality(v_open) - v_index + 1)::numeric)::int
        else v_left
      end;
      v_found := _claim_queue(
        v_open[v_index],
        executor_id,
        v_share,
        -- Whoever has found something waits for no queue that another claim holds.
        patient => v_turn = 2 and v_keys = '{}',
        versions => versions,
        own_version => own_version
      );
      if v_found is null or cardinality(v_found) = v_share then
        v_again := v_again || v_open[v_index];
      end if;
      v_keys := v_keys || v_found;
      v_left := v_left - coalesce(cardinality(v_found), 0);
    end loop;
    v_open := v_again;
  end loop;
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._claim_queues(queue_ids integer[], executor_id bigint, max_workflows integer, versions text[], own_version text) IS 'Hands workflows of these queues and versions to an executor, so many at the most. Returns their keys, in no order.';
CREATE FUNCTION perdure._copy_history(from_keys bigint[], to_keys bigint[], first_steps integer[], children json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  with forks as materialized (
    select g.*
    from unnest(from_keys, to_keys, first_steps) as g (from_key, to_key, first_step)
    where g.first_step > 1
  ),
  copied_steps as (
    insert into steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at)
    select
      f.to_key, s.step, s.name, s.output, s.error, coalesce(children ->> s.child_id, s.child_id), s.attempts,
      s.started_at, s.completed_at, s.retry_at
    from forks f
    -- What has not completed the fork does itself. `offset 0`, here and below, keeps the look-ups apart: planned
    -- on an empty table, a join would read all there is.
    cross join lateral (
      select o.* from steps o
      where o.key = f.from_key and o.step < f.first_step and o.completed_at is not null
      offset 0
    ) as s
  ),
  copied_places as (
    insert into places (key, step, place)
    select f.to_key, p.step, p.place
    from forks f
    cross join lateral (
      select o.* from places o where o.key = f.from_key and o.step < f.first_step offset 0
    ) as p
    cross join lateral (
      select from steps o where o.key = p.key and o.step = p.step and o.completed_at is not null offset 0
    ) as s
  ),
  copied_events as (
    insert into events (key, name, value, step, set_at)
    select f.to_key, e.name, e.value, e.step, e.set_at
    from forks f
    cross join lateral (
      select o.* from events o where o.key = f.from_key and o.step < f.first_step offset 0
    ) as e
    order by e.event_id
  )
  insert into stream_entries (key, name, entry, value, closes, step, written_at)
  select
    f.to_key, e.name,
    -- Steps that ran at once may have written in turn: what is left out leaves no gap.
    row_number() over (partition by f.to_key, e.name order by e.entry) - 1,
    e.value, e.closes, e.step, e.written_at
  from forks f
  cross join lateral (
    select o.* from stream_entries o where o.key = f.from_key and o.step < f.first_step offset 0
  ) as e;
end
$$;
COMMENT ON FUNCTION perdure._copy_history(from_keys bigint[], to_keys bigint[], first_steps integer[], children json) IS 'Copies what workflows have recorded before a step (steps with their places, events, streams) to others, with other ids of children.';
CREATE TABLE perdure.retention (
    workflow text NOT NULL COLLATE pg_catalog."C",
    max_age interval,
    max_count bigint,
    statuses text[],
    created_at timestamp with time zone NOT NULL,
    swept_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    swept_key bigint DEFAULT 0 NOT NULL,
    sweep_began_at timestamp with time zone,
    cutoff_at timestamp with time zone,
    cutoff_key bigint,
    counting_at timestamp with time zone,
    counting_key bigint,
    counted bigint,
    count_began_at timestamp with time zone,
    newest_at timestamp with time zone,
    newest_key bigint
);
COMMENT ON TABLE perdure.retention IS 'How long to keep what has ended: one row for each workflow name, and one for the rest.';
CREATE FUNCTION perdure._count_back(policy perdure.retention) RETURNS perdure.retention
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_newest record;
  v_keys bigint[];
  v_roots bigint[];
  v_first_to_go bigint;
begin
  if policy.counting_at is null then
    if v_now < policy.count_began_at + interval '1 minute' then
      return policy;
    end if;
    select o.completed_at, o.key into v_newest
    from outcomes o
    where o.completed_at <= 'infinity'
    order by o.completed_at desc, o.key desc
    limit 1;
    if not found
      or (v_newest.completed_at, v_newest.key) is not distinct from (policy.newest_at, policy.newest_key)
    then
      return policy;
    end if;
    policy.newest_at := v_newest.completed_at;
    policy.newest_key := v_newest.key;
    policy.count_began_at := v_now;
    policy.counting_at := 'infinity';
    policy.counting_key := 0;
    policy.counted := 0;
  end if;
  select array_agg(s.key order by s.completed_at desc, s.key desc) into v_keys
  from (
    select o.completed_at, o.key
    from outcomes o
    where o.completed_at <= policy.counting_at
      and (o.completed_at, o.key) < (policy.counting_at, policy.counting_key)
    order by o.completed_at desc, o.key desc
    limit 1000
  ) as s;
  v_roots := _retained_roots(policy, v_keys);
  if policy.counted + cardinality(v_roots) > policy.max_count then
    v_first_to_go := v_roots[(policy.max_count - policy.counted + 1)::int];
    select o.completed_at, o.key into policy.cutoff_at, policy.cutoff_key
    from outcomes o
    where o.key = v_first_to_go;
    policy.counting_at := null;
  elsif coalesce(cardinality(v_keys), 0) < 1000 then
    policy.cutoff_at := null;
    policy.counting_at := null;
  else
    policy.counted := policy.counted + cardinality(v_roots);
    select o.completed_at, o.key into policy.counting_at, policy.counting_key
    from outcomes o
    where o.key = v_keys[1000];
  end if;
  return policy;
end
$$;
COMMENT ON FUNCTION perdure._count_back(policy perdure.retention) IS 'Goes on with the count of what a policy keeps, and notes from where on there are too many. Returns the policy.';
CREATE FUNCTION perdure._count_starts(queue_id integer, lane_id integer, many integer, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_total bigint;
begin
  if many = 0 then
    return;
  end if;
  select s.total into v_total
  from starts s
  where s.queue_id = _count_starts.queue_id and s.lane_id = _count_starts.lane_id
  order by s.started_at desc
  limit 1;
  insert into starts (queue_id, lane_id, started_at, total, many)
  values (_count_starts.queue_id, _count_starts.lane_id, at, many + coalesce(v_total, 0), many);
end
$$;
COMMENT ON FUNCTION perdure._count_starts(queue_id integer, lane_id integer, many integer, at timestamp with time zone) IS 'Adds to the starts of a queue (lane 0) or a lane, for its rate limit.';
CREATE FUNCTION perdure._create_forks(original_keys bigint[], new_keys bigint[], new_ids text[], queue_ids integer[], lane_ids integer[], priorities integer[], app_version text, timeout interval) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_created bigint[];
begin
  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts, input, app_version, created_at,
      retries, retry_interval, retry_backoff, retry_max_interval, timeout, attributes, application,
      class_name, config_name, authenticated_user, authenticated_roles, assumed_role, forked_from
    )
    select
      g.new_key, g.new_id, w.name, case when not q.internal then g.queue_id end, g.lane_id, coalesce(g.priority, 0),
      w.max_recovery_attempts, w.input, _create_forks.app_version, v_now,
      w.retries, w.retry_interval, w.retry_backoff, w.retry_max_interval,
      _exact_span(_create_forks.timeout), w.attributes, coalesce(q.application, w.application),
      w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role, w.workflow_id
    from unnest(original_keys, new_keys, new_ids, queue_ids, lane_ids, priorities)
      as g (key, new_key, new_id, queue_id, lane_id, priority)
    cross join lateral (select e.* from workflows e where e.key = g.key offset 0) as w
    cross join lateral (select e.internal, e.application from queues e where e.queue_id = g.queue_id offset 0) as q
    order by g.new_id collate "C", g.new_key
    on conflict (workflow_id) do nothing
    returning key, coalesce(queue_id, _internal_queue(application)) as queue_id, lane_id, priority, max_recovery_attempts,
      retries, timeout
  ),
  activated as (
    insert into tasks (key, queue_id, lane_id, rank, status, max_recovery_attempts, resumed, retries, timeout, app_version)
    select
      c.key, c.queue_id, c.lane_id,
      c.priority + coalesce(extract(epoch from v_now) / extract(epoch from (
        select q.priority_ageing from queues q where q.queue_id = c.queue_id
      )), 0),
      'ENQUEUED', c.max_recovery_attempts, true, c.retries, c.timeout,
      coalesce(_create_forks.app_version, '')
    from created c
    returning key
  )
  select array_agg(a.key) into v_created from activated a;
  return coalesce(v_created, '{}');
end
$$;
COMMENT ON FUNCTION perdure._create_forks(original_keys bigint[], new_keys bigint[], new_ids text[], queue_ids integer[], lane_ids integer[], priorities integer[], app_version text, timeout interval) IS 'Writes forks of these workflows, ENQUEUED in these queues, still without history. Returns the keys of those that
are new.';
CREATE FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], options perdure.enqueue_options DEFAULT NULL::perdure.enqueue_options) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, created boolean)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_direct boolean := executor_id is not null;
  v_task_queue int := coalesce(queue_id, case
    when options.application is null then (select q.queue_id from queues q where q.name = '_internal')
    else _internal_queue(options.application)
  end);
  v_ageing double precision;
  -- That of the queue, which decides who runs it.
  v_application text;
  -- What starts directly belongs to the version of its executor, unless another is given.
  v_version text := coalesce(app_version, case when v_direct then (
    select e.app_version from executors e where e.executor_id = _create_workflows.executor_id
  ) end);
  v_keys bigint[];
  v_ids text[];
  -- For each item the key of the workflow that holds its deduplication id; its own if it has none.
  v_holders bigint[];
  -- For each item the key of the workflow that has its id.
  v_found bigint[];
  v_created bigint[];
begin
  if app_version is not null then
    perform _pin_version(app_version);
  end if;
  if parent_keys is not null then
    perform _hold_parents(parent_keys, parent_tokens);
    options.origins := _inherit(options.origins, parent_keys);
  end if;
  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  perform pg_current_xact_id();
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
  if 0 > any (max_recovery_attempts) then
    perform _raise(
      'PD001',
      'max_recovery_attempts cannot be negative',
      hint => 'Give 0 to let the first death of a worker be the last.'
    );
  end if;
  v_holders := v_keys;
  if options.deduplication_ids is not null then
    v_holders := _deduplicate(queue_id, options, v_keys, v_ids, names);
  end if;
  select extract(epoch from q.priority_ageing), q.application into v_ageing, v_application
  from queues q
  where q.queue_id = v_task_queue;
  if v_application is null then
    v_application := options.application;
    if v_application is null and parent_keys is not null then
      select p.application into v_application from workflows p where p.key = parent_keys[1];
    end if;
  end if;
  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts,
      input, parent_key, parent_step, app_version, created_at,
      deduplication_id, retries, retry_interval, retry_backoff, retry_max_interval, timeout, deadline,
      application, schedule, attributes, class_name, config_name, authenticated_user, authenticated_roles,
      assumed_role
    )
    select
      g.key, g.workflow_id, g.name, _create_workflows.queue_id, coalesce(g.lane_id, 0),
      coalesce(g.priority, 0), coalesce(g.max_recovery_attempts, 100), g.input, g.parent_key,
      g.parent_step, _create_workflows.app_version, v_now,
      g.deduplication_id, options.retries, options.retry_interval, options.retry_backoff,
      options.retry_max_interval,
      _exact_span(g.timeout), g.deadline,
      v_application, options.schedule, g.attributes, g.class_name, g.config_name, g.authenticated_user,
      g.authenticated_roles, g.assumed_role
    from unnest(
      v_keys, v_ids, v_holders, names, inputs, priorities, max_recovery_attempts, parent_keys, parent_steps,
      options.lane_ids, options.deduplication_ids, options.timeouts, options.deadlines, options.origins
    ) as g (
      key, workflow_id, holder, name, input, priority, max_recovery_attempts, parent_key, parent_step,
      lane_id, deduplication_id, timeout, deadline, attributes, class_name, config_name, authenticated_user,
      authenticated_roles, assumed_role
    )
    where g.holder = g.key
    -- Of two items with the same id the first is created.
    order by g.workflow_id collate "C", g.key
    on conflict (workflow_id) do nothing
    returning key, lane_id, priority, max_recovery_attempts, deduplication_id, parent_key, timeout, deadline
  ),
  activated as (
    insert into tasks (
      key, queue_id, lane_id, rank, status, attempts, max_recovery_attempts, token, executor_id,
      started_at, wake_at, deduplicated, debounced, expires_at, retries, timeout, deadline,
      app_version
    )
    select
      c.key, v_task_queue, c.lane_id,
      c.priority + coalesce(extract(epoch from v_now) / v_ageing, 0),
      (case
        when v_direct then 'PENDING'
        when options.delay > interval '0' then 'DELAYED'
        else 'ENQUEUED'
      end)::workflow_status,
      case when v_direct then 1 else 0 end,
      c.max_recovery_attempts,
      case when v_direct then 0 end,
      _create_workflows.executor_id,
      case when v_direct then v_now end,
      case when options.delay > interval '0' then v_now + _exact_span(options.delay) end,
      c.deduplication_id is not null,
      coalesce(options.debounce, false),
      v_now + _exact_span(options.expires_in),
      options.retries,
      case when not v_direct then c.timeout end,
      -- Not later than that of its parent, which is held here.
      least(
        c.deadline,
        (select t.deadline from tasks t where t.key = c.parent_key),
        case when v_direct then v_now + c.timeout end
      ),
      coalesce(v_version, '')
    from created c
    returning key
  )
  select array_agg(a.key) into v_created from activated a;
  v_found := v_keys;
  if cardinality(v_created) is distinct from cardinality(names) then
    select e.ids, e.workflow_keys into v_ids, v_found
    from _existing_workflows(v_keys, v_holders, v_ids, names, options, v_created) as e;
  end if;
  if parent_keys is not null then
    perform _record_children(parent_keys, parent_steps, names, v_ids, v_now);
  end if;
  return query
  select g.item::int, g.found, g.workflow_id, g.found = g.key
  from unnest(v_keys, v_found, v_ids) with ordinality as g (key, found, workflow_id, item);
end
$$;
COMMENT ON FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], options perdure.enqueue_options) IS 'Writes new workflows: ENQUEUED in a queue, or PENDING and owned by an executor. One row for each
item, in order: its key, its id, and whether it is new.';
CREATE FUNCTION perdure._cron_days(line perdure.cron_line, year integer, month integer) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_first date := make_date(year, month, 1);
  v_many int := extract(day from v_first + interval '1 month' - interval '1 day');
  -- The day of the week of the day before the first.
  v_before int := extract(dow from v_first) + 6;
  v_near int;
begin
  if line.days is null and line.weekdays is null then
    return array(select generate_series(1, v_many));
  end if;
  if line.days[1] > 100 then
    v_near := least(line.days[1] - 100, v_many);
    -- A Saturday gives way to its Friday, a Sunday to its Monday, but not out of the month.
    return array[v_near + case (v_before + v_near) % 7
      when 6 then case when v_near > 1 then -1 else 2 end
      when 0 then case when v_near < v_many then 1 else -2 end
      else 0
    end];
  end if;
  -- Both restricted: either will do.
  return array(
    select g.day
    from generate_series(1, v_many) as g (day), lateral (select (v_before + g.day) % 7 as weekday) as w
    where g.day = any (line.days)
      or g.day = v_many and 32 = any (line.days)
      or w.weekday = any (line.weekdays)
      or (g.day + 6) / 7 * 10 + w.weekday = any (line.weekdays)
      or g.day > v_many - 7 and 60 + w.weekday = any (line.weekdays)
    order by g.day
  );
end
$$;
COMMENT ON FUNCTION perdure._cron_days(line perdure.cron_line, year integer, month integer) IS 'The days of a month on which a cron line fires, in order.';
CREATE FUNCTION perdure._cron_field(what text, field text, low integer, high integer, names text[] DEFAULT '{}'::text[]) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
declare
  v_weekday boolean := what = 'day of the week';
  v_item text;
  v_part text[];
  v_first int;
  v_last int;
  v_step int;
  v_found int[] := array[]::int[];
begin
  foreach v_item in array string_to_array(field, ',') loop
    -- The first value, the last one, the step.
    v_part := regexp_match(v_item, '^(?:[*]|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/([0-9]{1,4}))?$');
    v_step := coalesce(v_part[3]::int, 1);
    if v_part[1] is null then
      v_first := low;
      v_last := high;
    else
      v_first := _cron_value(v_part[1], low, names);
      v_last := coalesce(
        _cron_value(v_part[2], low, names),
        case when v_part[3] is null then v_first else high end
      );
    end if;
    if v_part is null or v_step = 0
      or v_part[1] is not null and v_first is null
      or v_part[2] is not null and _cron_value(v_part[2], low, names) is null
    then
      perform _raise(
        'PD001',
        format('a cron line cannot have %L as %s', left(v_item, 60), what),
        hint => 'Write a number, a range 1-5, a step */5 or 1-30/5, a list of them, or *; months and days may be names.'
      );
    end if;
    if least(v_first, v_last) < low or greatest(v_first, v_last) > high + v_weekday::int then
      perform _raise(
        'PD001',
        format('a cron line cannot have %L as %s', left(v_item, 60), what),
        hint => format('The %s is %s to %s.', what, low, high + v_weekday::int)
      );
    end if;
    -- Sunday is 0, and 7 where a range ends.
    if v_weekday then
      v_first := v_first % 7;
      v_last := case when v_part[2] is null then v_last % 7 when v_last = 0 and v_first > 0 then 7 else v_last end;
    end if;
    if v_part[2] is not null and (v_first = v_last or v_part[1] = v_part[2])
      or v_first > v_last and v_step > 1
    then
      perform _raise(
        'PD001',
        format('a cron line cannot have %L as %s', left(v_item, 60), what),
        hint => 'A range has two ends that differ, and one that goes past the highest value has no step.'
      );
    end if;
    v_found := v_found || case
      when v_first <= v_last then array(select v % (high + 1) from generate_series(v_first, v_last, v_step) as v)
      else array(select v from generate_series(low, high) as v where v >= v_first or v <= v_last)
    end;
  end loop;
  return array(select distinct v from unnest(v_found) as v order by v);
end
$_$;
COMMENT ON FUNCTION perdure._cron_field(what text, field text, low integer, high integer, names text[]) IS 'The numbers that a field of a cron line allows, in order. what: its name, for errors; names: words for the
numbers from the lowest on. Raises PD001 if it cannot be read.';
CREATE FUNCTION perdure._cron_line(expression text) RETURNS perdure.cron_line
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
declare
  v_text text;
  v_fields text[];
  v_days text;
  v_weekdays text;
  v_day_names constant text[] := array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  v_any_day boolean;
  v_any_weekday boolean;
  v_line cron_line;
begin
  perform _check_text('cron line', expression);
  v_text := lower(btrim(expression, E' \t\r\n'));
  v_text := case v_text
    when '@hourly' then '0 * * * *'
    when '@daily' then '0 0 * * *'
    when '@midnight' then '0 0 * * *'
    when '@weekly' then '0 0 * * 0'
    when '@monthly' then '0 0 1 * *'
    when '@yearly' then '0 0 1 1 *'
    when '@annually' then '0 0 1 1 *'
    else v_text
  end;
  v_fields := regexp_split_to_array(v_text, E'[ \t\r\n]+');
  if cardinality(v_fields) not in (5, 6) then
    perform _raise(
      'PD001',
      format('a cron line has 5 or 6 fields, not %s', cardinality(v_fields)),
      detail => format('It is %L.', left(expression, 100)),
      hint => 'Minute, hour, day of the month, month, day of the week, and, if you want them, seconds, last. Or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.'
    );
  end if;
  v_line.minutes := _cron_field('minute', v_fields[1], 0, 59);
  v_line.hours := _cron_field('hour', v_fields[2], 0, 23);
  v_line.months := _cron_field('month', v_fields[4], 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
  v_line.seconds := case when v_fields[6] is null then '{0}' else _cron_field('second', v_fields[6], 0, 59) end;
  v_days := v_fields[3];
  v_any_day := v_days = '?' or '*' = any (string_to_array(v_days, ','));
  if v_days ~ '^([0-9]{1,2}w|w[0-9]{1,2})$' then
    v_line.days := array[100 + (_cron_field('day of the month', translate(v_days, 'w', ''), 1, 31))[1]];
  elsif v_days <> '?' then
    -- L is the last day, alone; as the end of a range it is the 31st.
    v_days := regexp_replace(v_days, '-l(?=[,/]|$)', '-31', 'g');
    v_line.days := _cron_field('day of the month', array_to_string(array_remove(string_to_array(v_days, ','), 'l'), ','), 1, 31);
    if 'l' = any (string_to_array(v_days, ',')) then
      v_line.days := v_line.days || 32;
    end if;
  end if;
  v_weekdays := v_fields[5];
  v_any_weekday := v_weekdays = '?' or '*' = any (string_to_array(v_weekdays, ','));
  if v_weekdays ~ '^(([0-7]|[a-z]{3})#[1-5]|l[0-7])(,(([0-7]|[a-z]{3})#[1-5]|l[0-7]))*$' then
    v_line.weekdays := array(
      select 10 * coalesce(p.part[2]::int, 6)
        + (_cron_field('day of the week', translate(p.part[1], 'l', ''), 0, 6, v_day_names))[1]
      from unnest(string_to_array(v_weekdays, ',')) as g (item), string_to_array(g.item, '#') as p (part)
    );
  elsif v_weekdays <> '?' then
    v_line.weekdays := _cron_field('day of the week', v_weekdays, 0, 6, v_day_names);
  end if;
  -- A field that allows every day restricts nothing if the other one has a star.
  v_any_day := v_any_day or v_line.days @> array(select generate_series(1, 31)) and v_weekdays ~ '[*]';
  v_any_weekday := v_any_weekday or cardinality(v_line.weekdays) = 7 and v_line.weekdays[7] = 6 and v_fields[3] ~ '[*]';
  if v_any_day then
    v_line.days := null;
  end if;
  if v_any_weekday then
    v_line.weekdays := null;
  end if;
  if v_line.days is not null and v_line.weekdays is not null
    and greatest(v_line.days[1] - 90, v_line.weekdays[1]) >= 10
  then
    perform _raise(
      'PD001',
      'a cron line cannot have W, # or L of a weekday beside another day field',
      detail => format('It is %L.', left(expression, 100)),
      hint => 'Put * into the other day field, or make two schedules.'
    );
  end if;
  return v_line;
end
$_$;
COMMENT ON FUNCTION perdure._cron_line(expression text) IS 'Reads a cron line; cron_next says what it may hold. Raises PD001 if it cannot be read.';
CREATE FUNCTION perdure._cron_next(line perdure.cron_line, zone text, after timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_every_hour boolean := cardinality(line.hours) = 24;
  v_local timestamp := after at time zone zone;
  v_wall timestamp;
  v_times record;
begin
  select * into v_times from _wall_times(zone, v_local);
  if v_times.turn is not null and v_every_hour and after < v_times.turn then
    -- These hours will come again: first what is left of them now.
    v_wall := _cron_wall(line, v_local);
    if after + (v_wall - v_local) < v_times.turn then
      return after + (v_wall - v_local);
    end if;
    v_local := v_times.turn at time zone zone - interval '1 microsecond';
  elsif v_times.turn is not null and not v_every_hour and after >= v_times.turn then
    -- These hours have been before: on to where they end.
    v_local := v_times.turn at time zone zone + (v_times.last - v_times.first) - interval '1 microsecond';
  end if;
  loop
    v_wall := _cron_wall(line, v_local);
    select * into v_times from _wall_times(zone, v_wall);
    exit when v_wall is null or v_times.first is not null or not v_every_hour;
    -- Missing: on from where the clocks are put forward to.
    v_local := v_times.turn at time zone zone - interval '1 microsecond';
  end loop;
  return case when v_times.first > after then v_times.first else coalesce(v_times.last, v_times.turn) end;
end
$$;
COMMENT ON FUNCTION perdure._cron_next(line perdure.cron_line, zone text, after timestamp with time zone) IS 'The first tick of a cron line after a moment, in a zone that is known; null if there is none within 50 years.';
CREATE FUNCTION perdure._cron_value(token text, low integer, names text[]) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
begin
  if token ~ '^[0-9]{1,4}$' then
    return token::int;
  end if;
  return array_position(names, token) + low - 1;
end
$_$;
COMMENT ON FUNCTION perdure._cron_value(token text, low integer, names text[]) IS 'The number that a token of a cron line stands for; null if none. names: words for the numbers from low on.';
CREATE FUNCTION perdure._cron_wall(line perdure.cron_line, after timestamp without time zone) RETURNS timestamp without time zone
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_after timestamp := date_trunc('second', after);
  v_year int := extract(year from v_after);
  v_month int := extract(month from v_after);
  v_day int := extract(day from v_after);
  v_hour int := extract(hour from v_after);
  v_minute int := extract(minute from v_after);
  v_second int;
  v_last_year int := v_year + 50;
  v_days int[];
  v_next int;
begin
  if v_month = any (line.months) then
    v_days := _cron_days(line, v_year, v_month);
    if v_day = any (v_days) then
      -- Later in this minute, in this hour, on this day.
      if v_hour = any (line.hours) then
        if v_minute = any (line.minutes) then
          v_second := extract(second from v_after);
          v_second := line.seconds[width_bucket(v_second, line.seconds) + 1];
        end if;
        if v_second is null then
          v_minute := line.minutes[width_bucket(v_minute, line.minutes) + 1];
          v_second := line.seconds[1];
        end if;
      else
        v_minute := null;
      end if;
      if v_minute is null then
        v_hour := line.hours[width_bucket(v_hour, line.hours) + 1];
        v_minute := line.minutes[1];
        v_second := line.seconds[1];
      end if;
      if v_hour is not null then
        return make_timestamp(v_year, v_month, v_day, v_hour, v_minute, v_second);
      end if;
    end if;
    v_next := v_days[width_bucket(v_day, v_days) + 1];
  end if;
  while v_next is null loop
    v_month := line.months[width_bucket(v_month, line.months) + 1];
    if v_month is null then
      v_month := line.months[1];
      v_year := v_year + 1;
      if v_year > v_last_year then
        return null;
      end if;
    end if;
    v_next := (_cron_days(line, v_year, v_month))[1];
  end loop;
  return make_timestamp(v_year, v_month, v_next, line.hours[1], line.minutes[1], line.seconds[1]);
end
$$;
COMMENT ON FUNCTION perdure._cron_wall(line perdure.cron_line, after timestamp without time zone) IS 'The first time after this one, on a clock that is never put forward or back, at which a cron line fires;
null if there is none within 50 years.';
CREATE FUNCTION perdure._deadlines(workflow_keys bigint[]) RETURNS timestamp with time zone[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
begin
  return array(
    select (select t.deadline from tasks t where t.key = g.key)
    from unnest(workflow_keys) with ordinality as g (key, item)
    order by g.item
  );
end
$$;
COMMENT ON FUNCTION perdure._deadlines(workflow_keys bigint[]) IS 'The deadline of each of these workflows; null if it is not active.';
CREATE FUNCTION perdure._deduplicate(queue_id integer, options perdure.enqueue_options, keys bigint[], workflow_ids text[], names text[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_ids text[];
  v_holders bigint[];
  v_conflict record;
begin
  perform _check_text('deduplication id', g.id)
  from unnest(options.deduplication_ids) as g (id)
  where g.id is not null and octet_length(g.id) between 1 and 512 is not true;
  -- A workflow that exists is not enqueued again: it neither takes its deduplication id nor is
  -- turned away.
  select array_agg(case when w.key is null then g.id end order by g.item) into v_ids
  from unnest(options.deduplication_ids, workflow_ids) with ordinality as g (id, workflow_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w on true;
  loop
    begin
      insert into deduplications (queue_id, lane_id, deduplication_id, key)
      select _deduplicate.queue_id, coalesce(g.lane_id, 0), g.id, g.key
      from unnest(keys, options.lane_ids, v_ids) as g (key, lane_id, id)
      where g.id is not null
      order by coalesce(g.lane_id, 0), g.id collate "C", g.key
      on conflict (queue_id, lane_id, deduplication_id) do nothing;
      select array_agg(case when g.id is null then g.key else h.key end order by g.item) into v_holders
      from unnest(keys, options.lane_ids, v_ids) with ordinality as g (key, lane_id, id, item)
      cross join lateral (
        -- An old snapshot still shows a holder that has ended beside the one that came after it.
        select max(d.key) as key
        from deduplications d
        where d.queue_id = _deduplicate.queue_id
          and d.lane_id = coalesce(g.lane_id, 0)
          and d.deduplication_id = g.id
      ) as h;
      exit when array_position(v_holders, null) is null;
      -- A holder that has ended meanwhile has left its id free: once more. What was taken is given up
      -- first: somebody may have taken the free one and wait for another.
      raise no_data_found;
    exception
      when no_data_found then
        null;
    end;
  end loop;
  select g.id, g.name, w.workflow_id, w.name as held_by, g.holder = any (keys) as is_of_this_call
  into v_conflict
  from unnest(keys, v_holders, v_ids, workflow_ids, names) as g (key, holder, id, workflow_id, name)
  left join lateral (
    -- The holder is a workflow that exists, or one of these.
    select e.workflow_id, e.name from workflows e where e.key = g.holder
    union all
    select workflow_ids[p.place], names[p.place]
    from (select array_position(keys, g.holder)) as p (place)
    where p.place is not null
    limit 1
  ) as w on true
  where g.holder <> g.key
    and w.workflow_id is distinct from g.workflow_id
    -- A debounce has a message of its own for a holder of another name.
    and case
      when coalesce(options.return_existing, false)
        then w.name <> g.name and not coalesce(options.debounce, false)
      else true
    end
  limit 1;
  if found then
    if v_conflict.held_by <> v_conflict.name then
      perform _raise(
        'PD012',
        format('deduplication id %L is held by workflow %L, which is a %L',
          v_conflict.id, v_conflict.workflow_id, v_conflict.held_by),
        detail => format('It was wanted for a %L. Nothing was enqueued.', v_conflict.name),
        hint => 'Wait for that workflow, or give workflows of different names deduplication ids of their own.'
      );
    elsif v_conflict.is_of_this_call then
      perform _raise(
        'PD012',
        format('deduplication id %L is given to two workflows of this call', v_conflict.id),
        detail => 'One active workflow of a queue, or of a partition, may have it. Nothing was enqueued.',
        hint => 'Give each its own, or enqueue with on_duplicate => ''return_existing'' to start only the first.'
      );
    end if;
    perform _raise(
      'PD012',
      format('deduplication id %L is held by workflow %L', v_conflict.id, v_conflict.workflow_id),
      detail => 'One active workflow of a queue, or of a partition, may have it. Nothing was enqueued.',
      hint => 'Wait for that workflow, or enqueue with on_duplicate => ''return_existing'' to get its id.'
    );
  end if;
  return v_holders;
end
$$;
COMMENT ON FUNCTION perdure._deduplicate(queue_id integer, options perdure.enqueue_options, keys bigint[], workflow_ids text[], names text[]) IS 'Takes deduplication ids for new workflows. Returns for each the key of the workflow that holds its id,
which is its own if it took it or has none. Raises PD012 if one is held, unless existing ones are wanted and
that one has the same name.';
CREATE FUNCTION perdure._delete_held(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  -- Before the rows of workflows go: it names them to those whom it wakes.
  perform _forget_writings(workflow_keys);
  delete from outcomes o where o.key = any (workflow_keys);
  delete from steps s where s.key = any (workflow_keys);
  delete from events e where e.key = any (workflow_keys);
  delete from stream_entries e where e.key = any (workflow_keys);
  delete from places p where p.key = any (workflow_keys);
  delete from traces t where t.key = any (workflow_keys);
  delete from workflows w where w.key = any (workflow_keys);
  -- In parts that _forget_removed can deal with in a moment.
  insert into removals (transaction, removed_at, keys)
  select pg_current_xact_id(), _now(), array_agg(g.key)
  from unnest(workflow_keys) with ordinality as g (key, place)
  group by (g.place - 1) / 1000;
end
$$;
COMMENT ON FUNCTION perdure._delete_held(workflow_keys bigint[]) IS 'Removes workflows that have ended, with all that belongs to them. The caller holds them.';
CREATE FUNCTION perdure._descendants(workflow_keys bigint[], most integer DEFAULT NULL::integer) RETURNS TABLE(root_key bigint, key bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  return query
  with recursive tree as (
    select g.key as root_key, g.key from unnest(workflow_keys) as g (key)
    union all
    select t.root_key, c.key
    from tree t
    cross join lateral (
      select w.key from workflows w where w.parent_key = t.key offset 0
    ) as c
  )
  select t.root_key, t.key from tree t limit most;
end
$$;
COMMENT ON FUNCTION perdure._descendants(workflow_keys bigint[], most integer) IS 'These workflows and all below them, level by level, each with the one of these that it is below; at most so many.';
CREATE FUNCTION perdure._drop_floors(queue_ids integer[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  insert into floor_drops (queue_id, transaction)
  select distinct g.queue_id, pg_current_xact_id()
  from unnest(queue_ids) as g (queue_id)
  on conflict (queue_id, transaction) do nothing;
end
$$;
COMMENT ON FUNCTION perdure._drop_floors(queue_ids integer[]) IS 'Lets claims of these queues look from the front again, because something has returned to its old place.';
CREATE FUNCTION perdure._due_ticks(schedule perdure.schedules, now timestamp with time zone, max_ticks integer, OUT ticks timestamp with time zone[], OUT next_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_line cron_line;
  v_early timestamptz;
  v_late timestamptz := now;
  v_middle timestamptz;
begin
  v_line := _cron_line(schedule.cron);
  ticks := array[schedule.next_at];
  next_at := _cron_next(v_line, schedule.zone, schedule.next_at);
  if schedule.automatic_backfill then
    while next_at <= now and cardinality(ticks) < max_ticks loop
      ticks := ticks || next_at;
      next_at := _cron_next(v_line, schedule.zone, next_at);
    end loop;
  elsif next_at <= now then
    -- There is a tick between early and now, and none between late and now.
    v_early := schedule.next_at;
    while v_late - v_early > interval '1 second' loop
      v_middle := v_early + (v_late - v_early) / 2;
      if _cron_next(v_line, schedule.zone, v_middle) <= now then
        v_early := v_middle;
      else
        v_late := v_middle;
      end if;
    end loop;
    ticks := array[_cron_next(v_line, schedule.zone, v_early)];
    next_at := _cron_next(v_line, schedule.zone, ticks[1]);
  end if;
exception
  -- Its zone is not known any more, or its line is not read any more, by this version: it must not keep the
  -- others from going on.
  when invalid_parameter_value or sqlstate 'PD001' then
    ticks := '{}';
    next_at := null;
end
$$;
COMMENT ON FUNCTION perdure._due_ticks(schedule perdure.schedules, now timestamp with time zone, max_ticks integer, OUT ticks timestamp with time zone[], OUT next_at timestamp with time zone) IS 'What a schedule whose next tick has come starts now, and its next tick after that: all that were missed, at
most so many, or only the latest. Without next tick: it cannot be reckoned.';
CREATE FUNCTION perdure._end_tasks(workflow_keys bigint[], status perdure.workflow_status, error json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_watched bigint[];
  v_running bigint[];
begin
  with ended as (
    delete from tasks t
    where t.key = any (workflow_keys)
    returning t.key, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deadline,
      t.app_version
  ),
  released as (
    delete from deduplications d
    where d.key = any (workflow_keys)
  ),
  written as (
    insert into outcomes (
      key, status, error, attempts, failures, executor_id, started_at, completed_at, deadline, app_version
    )
    select
      e.key, _end_tasks.status, _end_tasks.error, e.attempts, e.failures, e.executor_id, e.started_at, v_now,
      e.deadline, nullif(e.app_version, '')
    from ended e
  )
  select
    array_agg(e.key) filter (where e.watched),
    array_agg(e.key) filter (where e.executor_id is not null)
  into v_watched, v_running
  from ended e;
  if v_watched is not null then
    perform _notify_finished(v_watched);
  end if;
  if v_running is not null then
    perform _notify_cancelled(v_running);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._end_tasks(workflow_keys bigint[], status perdure.workflow_status, error json) IS 'Ends workflows that no worker ends: expired, timed out, cancelled, dead-lettered; the executor that runs one
is told. The caller holds their tasks.';
CREATE FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, application text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
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
COMMENT ON FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, application text) IS 'Enqueues one workflow that has no options, as enqueue_many does. Returns its id; null, and does nothing, if
that is for enqueue_many to do or to refuse.';
CREATE FUNCTION perdure._exact_span(span interval) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return make_interval(secs => extract(epoch from span)::double precision);
end
$$;
COMMENT ON FUNCTION perdure._exact_span(span interval) IS 'The same span without days, months and years: a day is 24 hours, a month 30 days.';
CREATE FUNCTION perdure._existing_workflows(keys bigint[], holders bigint[], workflow_ids text[], names text[], options perdure.enqueue_options, created_keys bigint[], OUT ids text[], OUT workflow_keys bigint[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  perform _check_same_workflows(workflow_ids, names, options.origins);
  ids := workflow_ids;
  if options.deduplication_ids is not null then
    -- An id that was there already needs no second hold on a deduplication id.
    delete from deduplications d
    where d.key = any (keys) and d.key <> all (coalesce(created_keys, '{}'));
    -- One that was turned away is named by the workflow that holds its deduplication id.
    select array_agg(coalesce(h.workflow_id, g.workflow_id) order by g.item) into ids
    from unnest(keys, holders, workflow_ids) with ordinality as g (key, holder, workflow_id, item)
    left join lateral (
      select w.workflow_id from workflows w where w.key = g.holder and g.holder <> g.key offset 0
    ) as h on true;
  end if;
  -- `offset 0`, here and in what this calls, keeps a look-up apart: as a join, planned on an empty database, it reads
  -- all there is.
  select array_agg(w.key order by g.item) into workflow_keys
  from unnest(ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if array_position(workflow_keys, null) is not null then
    perform _raise_deleted();
  end if;
end
$$;
COMMENT ON FUNCTION perdure._existing_workflows(keys bigint[], holders bigint[], workflow_ids text[], names text[], options perdure.enqueue_options, created_keys bigint[], OUT ids text[], OUT workflow_keys bigint[]) IS 'Of new workflows of which some exist already: the id and the key of each, or of the workflow that holds its
deduplication id. Raises PD003 (id of another workflow), 40001 (one is deleted at this moment).';
CREATE FUNCTION perdure._expire_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_expired bigint[];
begin
  select array_agg(d.key) into v_expired
  from (
    select t.key
    from tasks t
    where t.expires_at is not null and t.status in ('ENQUEUED', 'DELAYED')
      and t.expires_at <= v_now
    order by t.expires_at, t.key
    limit max_workflows
    for update skip locked
  ) as d;
  if v_expired is null then
    return 0;
  end if;
  perform _end_tasks(
    v_expired, 'CANCELLED',
    json_build_object(
      'name', 'WorkflowCancelled', 'message', 'it expired before it started', 'code', null, 'data', null
    )
  );
  return cardinality(v_expired);
end
$$;
COMMENT ON FUNCTION perdure._expire_due(max_workflows integer) IS 'Cancels workflows that waited past the moment at which they expire, at most so many. Returns how many.';
CREATE FUNCTION perdure._export_one(workflow_key bigint, parent_id text) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  return (
    select to_json(d)
    from (
      select
        w.workflow_id, w.name,
        coalesce(o.status, t.status) as status,
        (select q.name from queues q where q.queue_id = w.queue_id) as queue,
        (select l.partition_key from lanes l where l.lane_id = w.lane_id) as partition_key,
        w.priority, w.max_recovery_attempts, w.input::text as input, _export_one.parent_id,
        case when _export_one.parent_id is not null then w.parent_step end as parent_step,
        w.app_version, w.created_at, w.deduplication_id,
        w.retries, w.retry_interval, w.retry_backoff, w.retry_max_interval,
        w.timeout, w.deadline, w.attributes, w.application, w.class_name, w.config_name,
        w.authenticated_user, w.authenticated_roles, w.assumed_role,
        w.forked_from, w.was_forked, w.schedule,
        coalesce(o.attempts, t.attempts) as attempts,
        coalesce(o.failures, t.failures) as failures,
        coalesce(o.started_at, t.started_at) as started_at,
        o.completed_at, o.output::text as output, o.error::text as error,
        coalesce(o.deadline, t.deadline) as deadline_now,
        coalesce(o.app_version, nullif(t.app_version, '')) as app_version_now,
        t.timeout as timeout_left,
        -- What is put down has in its steps until when.
        case when t.status = 'DELAYED' then t.wake_at end as wake_at, t.expires_at, t.deduplicated, t.debounced,
        (select f.traceparent from traces f where f.key = workflow_key) as traceparent,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            select
              e.step, e.name, e.output::text as output, e.error::text as error, e.child_id, e.attempts,
              e.started_at, e.completed_at, e.retry_at
            from steps e
            where e.key = workflow_key
            order by e.step
          ) as s
        ) as steps,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            -- Kept apart: planned while there are few, it would read them all, in that order.
            select e.name, e.value::text as value, e.step, e.set_at
            from (select f.* from events f where f.key = workflow_key offset 0) as e
            order by e.event_id
          ) as s
        ) as events,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            select m.topic, m.message::text as message, m.idempotency_key, m.sent_at, m.received
            from (
              select u.* from messages u where u.key = workflow_key and not u.received
              union all
              select r.* from messages r where r.key = workflow_key and r.idempotency_key is not null and r.received
            ) as m
            order by m.message_id
          ) as s
        ) as messages,
        (
          select coalesce(json_agg(to_json(s)), '[]')
          from (
            select e.name, e.entry, e.value::text as value, e.closes, e.step, e.written_at
            from stream_entries e
            where e.key = workflow_key
            order by e.name, e.entry
          ) as s
        ) as streams,
        (select json_object_agg(p.step, p.place order by p.step) from places p where p.key = workflow_key) as places
      from workflows w
      left join outcomes o on o.key = workflow_key
      left join tasks t on t.key = workflow_key
      where w.key = workflow_key
    ) as d
  );
end
$$;
COMMENT ON FUNCTION perdure._export_one(workflow_key bigint, parent_id text) IS 'One workflow as an object of the document of export_workflow. The caller sets how moments and spans are written.';
CREATE FUNCTION perdure._family(workflow_keys bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  return array(
    with recursive family (key) as (
      select g.key from unnest(workflow_keys) as g (key)
      union
      select c.key
      from family f
      cross join lateral (select w.key from workflows w where w.parent_key = f.key offset 0) as c
    )
    select f.key from family f order by f.key
  );
end
$$;
COMMENT ON FUNCTION perdure._family(workflow_keys bigint[]) IS 'These workflows with all their descendants, once each, by key.';
CREATE FUNCTION perdure._find_workflows(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, after_at timestamp with time zone, after_key bigint, many integer, OUT keys bigint[], OUT times timestamp with time zone[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_mergejoin TO 'off'
    SET enable_hashjoin TO 'off'
    AS $_$
#variable_conflict use_column
begin
  execute format(
    'select array_agg(f.key), array_agg(f.at) from (%s limit $4) as f',
    _list_statement(
      filter,
      -- Only these words get into the statement.
      case side when 'all' then 'all' when 'active' then 'active' else 'ended' end,
      statuses,
      case sort when 'created' then 'created' when 'started' then 'started' when 'completed' then 'completed' else 'key' end,
      newest_first, after_key is not null
    )
  )
  into keys, times
  using filter, after_at, after_key, many, statuses;
end
$_$;
COMMENT ON FUNCTION perdure._find_workflows(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, after_at timestamp with time zone, after_key bigint, many integer, OUT keys bigint[], OUT times timestamp with time zone[]) IS 'The first keys of those that pass a filter, and, with created, started or completed as sort, the moments.
side: all, active or ended; with statuses or what only tasks and outcomes know one of the latter.';
CREATE FUNCTION perdure._fire_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_schedule schedules;
  v_due record;
  v_left int := max_workflows;
  v_fired int := 0;
begin
  for v_schedule in
    select s.*
    from schedules s
    where s.next_at is not null and s.next_at <= v_now
    order by s.next_at
    limit max_workflows
    for update skip locked
  loop
    exit when v_left <= 0;
    -- One that has much to catch up with must not keep the others waiting.
    select * into v_due from _due_ticks(v_schedule, v_now, least(v_left, 100));
    v_fired := v_fired + (select count(*) from _start_ticks(v_schedule, v_due.ticks) as t where t.created);
    v_left := v_left - greatest(cardinality(v_due.ticks), 1);
    update schedules s
    set next_at = v_due.next_at,
        reckoned_at = v_now,
        last_at = coalesce(v_due.ticks[cardinality(v_due.ticks)], s.last_at)
    where s.name = v_schedule.name;
  end loop;
  return v_fired;
end
$$;
COMMENT ON FUNCTION perdure._fire_due(max_workflows integer) IS 'Fires schedules whose next tick has come, at most so many ticks. Returns how many workflows it started.';
CREATE TABLE perdure.floors (
    queue_id integer NOT NULL,
    version bigint NOT NULL,
    rank double precision NOT NULL,
    key bigint NOT NULL,
    candidate_key bigint NOT NULL,
    candidate_xmax xid8 NOT NULL,
    snapshot pg_snapshot NOT NULL,
    writer xid8 DEFAULT pg_current_xact_id() NOT NULL,
    server_started timestamp with time zone DEFAULT pg_postmaster_start_time() NOT NULL,
    app_version text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON TABLE perdure.floors IS 'Below which place in a queue nothing waits, so that claims need not look there.';
CREATE FUNCTION perdure._floor(queue_id integer, app_version text) RETURNS perdure.floors
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_floor floors;
begin
  select f.* into v_floor
  from (
    select n.*
    from floors n
    where n.queue_id = _floor.queue_id and n.app_version = _floor.app_version
    order by n.version desc
    limit 1
  ) as f
  where f.server_started = pg_postmaster_start_time() and not exists (
    select from floor_drops d
    where d.queue_id = _floor.queue_id
      and d.transaction >= least(pg_snapshot_xmin(f.snapshot), f.writer)
      and (d.transaction = f.writer or not pg_visible_in_snapshot(d.transaction, f.snapshot))
    offset 0
  );
  return v_floor;
end
$$;
COMMENT ON FUNCTION perdure._floor(queue_id integer, app_version text) IS 'Where claims of a version of a queue begin to look; null if that is the front.';
CREATE FUNCTION perdure._forget_removed() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_removal record;
begin
  for v_removal in
    select r.removal_id, r.keys
    from (
      select o.removal_id, o.keys, o.removed_at, o.transaction
      from removals o
      order by o.removal_id
      limit 5
      for update skip locked
    ) as r
    where r.removed_at < _now() - interval '10 minutes'
      and r.transaction < pg_snapshot_xmin(pg_current_snapshot())
  loop
    perform _forget_writings(v_removal.keys);
    delete from removals r where r.removal_id = v_removal.removal_id;
  end loop;
end
$$;
COMMENT ON FUNCTION perdure._forget_removed() IS 'Removes what was written for workflows while they were being deleted, some at a call.';
CREATE FUNCTION perdure._forget_writings(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_waiting record;
begin
  -- Whoever waits for something of them looks again, and learns that they are gone.
  for v_waiting in
    select w.kind, array_agg(w.target_key) as keys, array_agg(w.name) as names
    from waits w
    where w.target_key = any (workflow_keys)
    group by w.kind
  loop
    perform _wake_waiters(v_waiting.keys, v_waiting.kind, v_waiting.names);
  end loop;
  delete from waits w
  where w.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid
      from waits f
      where f.target_key = g.key
      order by f.target_key, f.kind, f.name, f.waiter_key
      offset 0
      for update skip locked
    ) as e
  ));
  delete from waits w
  where w.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid from waits f where f.waiter_key = g.key and f.waiter_key > 0 order by f.waiter_key offset 0
      for update skip locked
    ) as e
  ));
  delete from wakes w
  where w.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid from wakes f where f.key = g.key order by f.key offset 0
      for update skip locked
    ) as e
  ));
  delete from messages m
  where m.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid
      from messages f
      where f.key = g.key and not f.received
      order by f.topic, f.message_id
      offset 0
      for update skip locked
    ) as e
  ));
  delete from messages m
  where m.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid
      from messages f
      where f.key = g.key and f.idempotency_key is not null
      order by f.idempotency_key
      offset 0
      for update skip locked
    ) as e
  ));
end
$$;
COMMENT ON FUNCTION perdure._forget_writings(workflow_keys bigint[]) IS 'Removes what others have written for these workflows, or wait for, when the workflows are being deleted.';
CREATE FUNCTION perdure._fork_points(workflow_keys bigint[], from_steps integer[], from_name text, from_last text) RETURNS integer[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_points int[];
  v_wrong record;
begin
  if num_nonnulls(from_steps, from_name, from_last) > 1 or from_last not in ('step', 'failure') then
    perform _raise(
      'PD001',
      'a fork begins at one place',
      hint => 'Give from_step, or from_name, or from_last => ''step'' or ''failure'', or none of them to begin anew.'
    );
  end if;
  select array_agg(
    case
      when from_name is not null then (
        select s.step from steps s where s.key = g.key and s.name = from_name order by s.key, s.step limit 1
      )
      when from_last = 'step' then greatest(m.step, 1)
      when from_last = 'failure' then coalesce(
        (
          select s.step from steps s where s.key = g.key and s.error is not null order by s.key desc, s.step desc limit 1
        ),
        -- Its own code has failed, after its last step; or it was ended from outside.
        (select coalesce(m.step, 0) + 1 from outcomes o where o.key = g.key and o.status <> 'SUCCESS')
      )
      else coalesce(g.step, 1)
    end
    order by g.item
  )
  into v_points
  from unnest(workflow_keys, from_steps) with ordinality as g (key, step, item)
  left join lateral (
    select s.step from steps s where s.key = g.key order by s.key desc, s.step desc limit 1
  ) as m on true;
  select w.workflow_id, g.point, greatest(m.step, 0) as last_step into v_wrong
  from unnest(workflow_keys, v_points) as g (key, point)
  cross join lateral (select e.workflow_id from workflows e where e.key = g.key offset 0) as w
  left join lateral (
    select s.step from steps s where s.key = g.key order by s.key desc, s.step desc limit 1
  ) as m on true
  where g.point between 1 and greatest(m.step, 0) + 1 is not true
  limit 1;
  if found then
    perform _raise(
      'PD001',
      case
        when from_name is not null then format('workflow %L has no step named %L', v_wrong.workflow_id, from_name)
        when from_last is not null then format('no step of workflow %L has failed', v_wrong.workflow_id)
        else format('workflow %L cannot be forked from step %s', v_wrong.workflow_id, v_wrong.point)
      end,
      detail => format('It has %s.', case v_wrong.last_step
        when 0 then 'no steps' when 1 then '1 step' else v_wrong.last_step || ' steps' end),
      hint => 'A fork begins at one of them, which list_steps tells, or after the last.'
    );
  end if;
  return coalesce(v_points, '{}');
end
$$;
COMMENT ON FUNCTION perdure._fork_points(workflow_keys bigint[], from_steps integer[], from_name text, from_last text) IS 'For each workflow the step that its fork is the first to run. Raises PD001 if there is no such step.';
CREATE TABLE perdure.tasks (
    key bigint NOT NULL,
    queue_id integer NOT NULL,
    lane_id integer DEFAULT 0 NOT NULL,
    rank double precision DEFAULT 0 NOT NULL,
    status perdure.workflow_status NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_recovery_attempts integer NOT NULL,
    token bigint,
    executor_id bigint,
    started_at timestamp with time zone,
    wake_at timestamp with time zone,
    resumed boolean DEFAULT false NOT NULL,
    watched boolean DEFAULT false NOT NULL,
    placed boolean DEFAULT false NOT NULL,
    deduplicated boolean DEFAULT false NOT NULL,
    debounced boolean DEFAULT false NOT NULL,
    expires_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    retries integer,
    timeout interval,
    deadline timestamp with time zone,
    app_version text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='2000', autovacuum_analyze_scale_factor='0.05', autovacuum_vacuum_cost_delay='0');
COMMENT ON TABLE perdure.tasks IS 'The active workflows: one narrow row each, from enqueue to finish.';
CREATE FUNCTION perdure._held_back(task perdure.tasks, queue perdure.queues, living bigint[]) RETURNS TABLE(reason text, detail text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  return query
  select r.reason, r.detail
  from (values
    ('expired', task.expires_at <= v_now, format('it expired at %s and will be cancelled', task.expires_at)),
    ('timed out', task.deadline <= v_now, format('its deadline was %s, it will be cancelled', task.deadline)),
    ('queue paused', queue.paused, format('queue %s is paused', queue.name)),
    (
      'no executor', living is null,
      'no executor' || coalesce(' of application ' || queue.application, '') || ' is alive'
    ),
    (
      'worker concurrency',
      queue.worker_concurrency <= all (
        select _places_taken(queue.queue_id, null, a.executor_id, queue.worker_concurrency)
        from unnest(living) as a (executor_id)
      ) and living is not null,
      format('%s workflows of queue %s run on each living executor, the limit',
        queue.worker_concurrency, queue.name)
    ),
    (
      'concurrency',
      not task.placed
        and queue.concurrency <= _places_taken(queue.queue_id, null, null, queue.concurrency),
      format('%s workflows of queue %s run, its limit', queue.concurrency, queue.name)
    ),
    (
      'rate limit',
      not task.placed
        and _rate_room(queue.queue_id, 0, queue.rate_limit, queue.rate_period, v_now) <= 0,
      format('%s workflows of queue %s have started within %s, its limit',
        queue.rate_limit, queue.name, queue.rate_period)
    ),
    (
      'partition concurrency',
      not task.placed
        and queue.partition_concurrency
          <= _places_taken(queue.queue_id, task.lane_id, null, queue.partition_concurrency),
      format('%s workflows of its partition of queue %s run, the limit',
        queue.partition_concurrency, queue.name)
    ),
    (
      'partition rate limit',
      not task.placed
        and _rate_room(queue.queue_id, task.lane_id, queue.partition_rate_limit,
          queue.partition_rate_period, v_now) <= 0,
      format('%s workflows of its partition of queue %s have started within %s',
        queue.partition_rate_limit, queue.name, queue.partition_rate_period)
    )
  ) as r (reason, holds, detail)
  where r.holds;
end
$$;
COMMENT ON FUNCTION perdure._held_back(task perdure.tasks, queue perdure.queues, living bigint[]) IS 'Of explain_wait: what holds a workflow back that waits to be claimed by one of these executors.';
CREATE FUNCTION perdure._hold_executor(executor_id bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_application text;
begin
  select e.application into v_application
  from executors e
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
  return v_application;
end
$$;
COMMENT ON FUNCTION perdure._hold_executor(executor_id bigint) IS 'Keeps an executor from being taken over until the end of the transaction. Returns the name of its
application. Raises PD006 if it has no lease.';
CREATE FUNCTION perdure._hold_family(workflow_keys bigint[], children boolean, caller_key bigint DEFAULT NULL::bigint, OUT active bigint[], OUT dead bigint[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_new bigint[];
  v_tries int := 0;
begin
  if children then
    perform _check_isolation('cancelling children');
  end if;
  loop
    v_keys := case when children then _family(workflow_keys) else workflow_keys end;
    v_new := v_keys || caller_key;
    active := '{}';
    begin
      loop
        active := active || array(
          select t.key from tasks t where t.key = any (v_new) order by t.key for update
        );
        exit when children is not true;
        v_new := array(
          select f.key from unnest(_family(workflow_keys)) as f (key)
          except
          select k.key from unnest(v_keys || caller_key) as k (key)
          order by 1
        );
        exit when v_new = '{}';
        if v_new[1] < greatest(v_keys[cardinality(v_keys)], caller_key) and v_tries < 10 then
          v_tries := v_tries + 1;
          raise no_data_found;
        end if;
        v_keys := v_keys || v_new;
      end loop;
      dead := array(
        select o.key
        from outcomes o
        where o.key = any (v_keys) and o.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'
        order by o.key
        for update
      );
      exit when not exists (
        select
        from (select k.key from unnest(v_keys) as k (key) except select a.key from unnest(active) as a (key)) as g
        where (select o.key from outcomes o where o.key = g.key) is null
          and (select w.key from workflows w where w.key = g.key) is not null
      );
      raise no_data_found;
    exception
      when no_data_found then
        null;
    end;
  end loop;
  if exists (
    select from unnest(workflow_keys) as g (key)
    where (select w.key from workflows w where w.key = g.key) is null
  ) then
    perform _raise_deleted();
  end if;
  if caller_key is not null and caller_key <> all (v_keys) then
    active := array_remove(active, caller_key);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._hold_family(workflow_keys bigint[], children boolean, caller_key bigint, OUT active bigint[], OUT dead bigint[]) IS 'Keeps workflows, with their children if that is asked for, from ending, changing hands and starting children
until the end of the transaction; besides them the workflow that calls this, if any. Returns the keys of those that
are active, and of those that are dead-lettered. Raises PD001 with children, in a transaction that is not read
committed.';
CREATE FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
CREATE FUNCTION perdure._hold_queue(queue text) RETURNS perdure.queues
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  loop
    select q.* into v_queue
    from queues q
    where q.name = _hold_queue.queue;
    if not found then
      return null;
    end if;
    perform pg_advisory_xact_lock('queues'::regclass::oid::bigint::bit(32)::int, v_queue.queue_id);
    select q.* into v_queue
    from queues q
    where q.queue_id = v_queue.queue_id
    for no key update;
    exit when found;
  end loop;
  return v_queue;
end
$$;
COMMENT ON FUNCTION perdure._hold_queue(queue text) IS 'The row of a queue, held alone until the end of the transaction; null if there is none of that name.';
CREATE FUNCTION perdure._hold_queues(workflow_keys bigint[], queue text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  if _hold_queues.queue is not null then
    if _hold_queues.queue <> '_internal' then
      perform _queue(_hold_queues.queue);
    end if;
    return;
  end if;
  perform pg_advisory_xact_lock_shared('tasks'::regclass::oid::bigint::bit(32)::int, g.place)
  from (
    select distinct (
      select hashtext(q.name)
      from workflows w
      join queues q on q.queue_id = w.queue_id
      where w.key = k.key
    ) as place
    from unnest(workflow_keys) as k (key)
    order by 1
  ) as g
  where g.place is not null;
end
$$;
COMMENT ON FUNCTION perdure._hold_queues(workflow_keys bigint[], queue text) IS 'Keeps the queues of these workflows, or the one that is given, from being deleted or reordered until the end of the
transaction. Raises PD007 if the one that is given does not exist.';
CREATE FUNCTION perdure._hold_resumable(workflow_keys bigint[], queue text, caller_key bigint DEFAULT NULL::bigint, OUT waiting bigint[], OUT ended bigint[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  perform _check_isolation('resume');
  perform _hold_queues(workflow_keys, _hold_resumable.queue);
  with held as materialized (
    select t.key
    from tasks t
    where t.key = any (workflow_keys || caller_key)
      and (t.status = 'DELAYED' or t.status = 'ENQUEUED' and _hold_resumable.queue is not null or t.key = caller_key)
    order by t.key
    for update
  )
  select array_agg(h.key order by h.key) into waiting from held h;
  with held as materialized (
    select o.key
    from outcomes o
    where o.key = any (workflow_keys) and o.status in ('CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
    order by o.key
    for update
  )
  select array_agg(h.key order by h.key) into ended from held h;
  if exists (
    select from unnest(workflow_keys) as g (key)
    where (select w.key from workflows w where w.key = g.key) is null
  ) then
    perform _raise_deleted();
  end if;
  -- The caller runs.
  waiting := array_remove(coalesce(waiting, '{}'), caller_key);
  ended := coalesce(ended, '{}');
end
$$;
COMMENT ON FUNCTION perdure._hold_resumable(workflow_keys bigint[], queue text, caller_key bigint, OUT waiting bigint[], OUT ended bigint[]) IS 'Of these workflows, keeps those that can be resumed from changing until the end of the transaction; besides them
the workflow that calls this, if any. Returns the keys of those that are DELAYED or, if a queue is given, ENQUEUED,
and of those that are CANCELLED or dead-lettered. Raises PD001 in a transaction that is not read committed.';
CREATE FUNCTION perdure._hold_tasks(workflow_keys bigint[], tokens bigint[]) RETURNS integer[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_held int[];
begin
  if cardinality(workflow_keys) is distinct from cardinality(tokens) then
    perform _raise(
      'PD001',
      'workflow_keys and tokens differ in length',
      hint => 'Give both arrays one element for each workflow.'
    );
  end if;
  with held as materialized (
    select g.item
    from unnest(workflow_keys, tokens) with ordinality as g (key, token, item)
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key, g.item
    for no key update of t
  )
  select array_agg(h.item) into v_held from held h;
  return coalesce(v_held, '{}');
end
$$;
COMMENT ON FUNCTION perdure._hold_tasks(workflow_keys bigint[], tokens bigint[]) IS 'Keeps the workflows that the caller owns from ending or changing hands until the end of the transaction.
Returns the items, from 1, that it does own.';
CREATE FUNCTION perdure._hold_waiters(target_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_space int := 'waits'::regclass::oid::bigint::bit(32)::int;
begin
  perform pg_advisory_xact_lock_shared(v_space, g.place)
  from (select distinct (k.key % 256)::int as place from unnest(target_keys) as k (key) order by 1) as g;
end
$$;
COMMENT ON FUNCTION perdure._hold_waiters(target_keys bigint[]) IS 'For writers of what others may wait for, before they write: keeps anybody from beginning to wait for these
workflows until the end of the transaction.';
CREATE FUNCTION perdure._hold_writers(target_key bigint) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return pg_try_advisory_xact_lock('waits'::regclass::oid::bigint::bit(32)::int, (target_key % 256)::int);
end
$$;
COMMENT ON FUNCTION perdure._hold_writers(target_key bigint) IS 'For whoever waits, before the look that decides: keeps those away who write what others wait for from this
workflow, until the end of the transaction. Returns false if one is under way.';
CREATE FUNCTION perdure._horizon(policy perdure.retention, at timestamp with time zone, OUT completed_at timestamp with time zone, OUT key bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  completed_at := policy.cutoff_at;
  key := policy.cutoff_key;
  if policy.max_age is not null and (completed_at is null or at - policy.max_age > completed_at) then
    completed_at := at - policy.max_age;
    key := 9223372036854775807;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._horizon(policy perdure.retention, at timestamp with time zone, OUT completed_at timestamp with time zone, OUT key bigint) IS 'What has ended up to there is too old for this policy, or too much; null if nothing is.';
CREATE FUNCTION perdure._identities(workflow_keys bigint[]) RETURNS json[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
begin
  return array(
    select (
      select _identity(w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role)
      from workflows w
      where w.key = g.key
    )
    from unnest(workflow_keys) with ordinality as g (key, item)
    order by g.item
  );
end
$$;
COMMENT ON FUNCTION perdure._identities(workflow_keys bigint[]) IS 'As what and on whose behalf each of these workflows runs; see _identity.';
CREATE FUNCTION perdure._identity(class_name text, config_name text, authenticated_user text, authenticated_roles text[], assumed_role text) RETURNS json
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if num_nonnulls(class_name, config_name, authenticated_user, authenticated_roles, assumed_role) = 0 then
    return null;
  end if;
  return json_build_object(
    'class_name', class_name,
    'config_name', config_name,
    'authenticated_user', authenticated_user,
    'authenticated_roles', authenticated_roles,
    'assumed_role', assumed_role
  );
end
$$;
COMMENT ON FUNCTION perdure._identity(class_name text, config_name text, authenticated_user text, authenticated_roles text[], assumed_role text) IS 'As what and on whose behalf a workflow runs, for its worker; null if nothing is said of that.';
CREATE FUNCTION perdure._import_one(workflow json, create_queues boolean, first_key bigint) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
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
COMMENT ON FUNCTION perdure._import_one(workflow json, create_queues boolean, first_key bigint) IS 'Writes one workflow of a document, of which all have keys from the first on. Returns the queue in which it is active, or null.';
CREATE FUNCTION perdure._import_place(workflow perdure.exported_workflow, create_queues boolean, OUT queue_id integer, OUT lane_id integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  lane_id := 0;
  if workflow.queue is null then
    return;
  end if;
  if create_queues and workflow.partition_key is not null then
    perform _check_text('queue', workflow.queue);
    insert into queues (name, partitioned) values (workflow.queue, true) on conflict (name) do nothing;
  end if;
  v_queue := _queue(workflow.queue, create_queues);
  queue_id := v_queue.queue_id;
  if workflow.completed_at is null then
    lane_id := coalesce((_lane_ids(v_queue, array[workflow.partition_key], 1))[1], 0);
  elsif workflow.partition_key is not null then
    insert into lanes (queue_id, partition_key)
    select v_queue.queue_id, workflow.partition_key
    where not exists (
      select from lanes e where e.queue_id = v_queue.queue_id and e.partition_key = workflow.partition_key
    )
    on conflict (queue_id, partition_key) do nothing;
    select l.lane_id into lane_id
    from lanes l
    where l.queue_id = v_queue.queue_id and l.partition_key = workflow.partition_key;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._import_place(workflow perdure.exported_workflow, create_queues boolean, OUT queue_id integer, OUT lane_id integer) IS 'The queue of a workflow of a document, null without one, and its partition there. Raises PD001 (partitions), PD007
(no such queue).';
CREATE FUNCTION perdure._import_records(workflow_key bigint, workflow perdure.exported_workflow) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  if workflow.traceparent is not null then
    insert into traces (key, traceparent)
    values (workflow_key, workflow.traceparent);
  end if;
  insert into steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at)
  select
    workflow_key, s.step, s.name, s.output::json, s.error::json, s.child_id, s.attempts, s.started_at,
    s.completed_at, s.retry_at
  from json_to_recordset(workflow.steps) as s (
    step int, name text, output text, error text, child_id text, attempts int, started_at timestamptz,
    completed_at timestamptz, retry_at timestamptz
  );
  insert into places (key, step, place)
  select workflow_key, p.step::int, p.place
  from json_each_text(workflow.places) as p (step, place);
  insert into events (key, name, value, step, set_at)
  select workflow_key, e.name, e.value::json, e.step, e.set_at
  from json_array_elements(workflow.events) with ordinality as g (event, place)
  cross join lateral json_to_record(g.event) as e (name text, value text, step int, set_at timestamptz)
  order by g.place;
  insert into messages (message_id, key, topic, message, idempotency_key, sent_at, received)
  select nextval('message_ids'), workflow_key, m.topic, m.message::json, m.idempotency_key, m.sent_at, m.received
  from (
    select e.*
    from json_array_elements(workflow.messages) with ordinality as g (message, place)
    cross join lateral json_to_record(g.message) as e (
      topic text, message text, idempotency_key text, sent_at timestamptz, received boolean
    )
    order by g.place
    offset 0
  ) as m;
  insert into stream_entries (key, name, entry, value, closes, step, written_at)
  select workflow_key, s.name, s.entry, s.value::json, s.closes, s.step, s.written_at
  from json_to_recordset(workflow.streams) as s (
    name text, entry int, value text, closes boolean, step int, written_at timestamptz
  );
end
$$;
COMMENT ON FUNCTION perdure._import_records(workflow_key bigint, workflow perdure.exported_workflow) IS 'Writes the trace context, steps, events, messages and streams of a workflow of a document.';
CREATE FUNCTION perdure._import_task(workflow_key bigint, workflow perdure.exported_workflow, queue_id integer, lane_id integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_task_queue int := coalesce(_import_task.queue_id, _internal_queue(workflow.application));
begin
  if workflow.app_version_now is not null then
    perform _pin_version(workflow.app_version_now);
  end if;
  if workflow.deduplicated then
    insert into deduplications (queue_id, lane_id, deduplication_id, key)
    values (_import_task.queue_id, _import_task.lane_id, workflow.deduplication_id, workflow_key)
    on conflict (queue_id, lane_id, deduplication_id) do nothing;
    if not found then
      perform _raise(
        'PD012',
        format('deduplication id %L of workflow %L is held by another workflow',
          workflow.deduplication_id, workflow.workflow_id),
        detail => 'Nothing was imported.',
        hint => 'Import it when that has ended.'
      );
    end if;
  end if;
  insert into tasks (
    key, queue_id, lane_id, rank, status, attempts, failures, max_recovery_attempts, started_at, wake_at,
    resumed, deduplicated, debounced, expires_at, retries, timeout, deadline,
    app_version
  )
  select
    workflow_key, q.queue_id, _import_task.lane_id,
    workflow.priority + coalesce(extract(epoch from workflow.created_at) / extract(epoch from q.priority_ageing), 0),
    workflow.status, workflow.attempts, workflow.failures, workflow.max_recovery_attempts, workflow.started_at,
    case workflow.status when 'PENDING' then _now() when 'DELAYED' then workflow.wake_at end,
    true, workflow.deduplicated, workflow.debounced, workflow.expires_at, workflow.retries,
    workflow.timeout_left, workflow.deadline_now, coalesce(workflow.app_version_now, '')
  from queues q
  where q.queue_id = v_task_queue;
  return v_task_queue;
end
$$;
COMMENT ON FUNCTION perdure._import_task(workflow_key bigint, workflow perdure.exported_workflow, queue_id integer, lane_id integer) IS 'Makes a workflow of a document active. Returns the queue in which it is. Raises PD012 (its deduplication id is held).';
CREATE FUNCTION perdure._inherit(origins perdure.workflow_origin[], parent_keys bigint[]) RETURNS perdure.workflow_origin[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
begin
  -- Most workflows run on nobody's behalf: then there is nothing to build.
  if not exists (
    select from unnest(parent_keys) as g (key)
    cross join lateral (
      select from workflows w
      where w.key = g.key and num_nonnulls(w.authenticated_user, w.authenticated_roles, w.assumed_role) > 0
      offset 0
    ) as w
  ) then
    return origins;
  end if;
  return array(
    select
      row(
        g.attributes, g.class_name, g.config_name,
        case when h.own then g.authenticated_user else w.authenticated_user end,
        case when h.own then g.authenticated_roles else w.authenticated_roles end,
        case when h.own then g.assumed_role else w.assumed_role end
      )::workflow_origin
    from rows from (unnest(parent_keys), unnest(origins)) with ordinality as g (
      parent_key, attributes, class_name, config_name, authenticated_user, authenticated_roles, assumed_role, item
    )
    cross join lateral (
      select num_nonnulls(g.authenticated_user, g.authenticated_roles, g.assumed_role) > 0 as own
    ) as h
    left join lateral (
      select p.authenticated_user, p.authenticated_roles, p.assumed_role
      from workflows p
      where p.key = g.parent_key
      offset 0
    ) as w on true
    order by g.item
  );
end
$$;
COMMENT ON FUNCTION perdure._inherit(origins perdure.workflow_origin[], parent_keys bigint[]) IS 'What each child tells of itself, with the user and the roles of its parent unless it has its own.';
CREATE FUNCTION perdure._internal_queue(application text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_name text := '_internal' || coalesce('/' || _internal_queue.application, '');
  v_queue_id int;
begin
  loop
    select q.queue_id into v_queue_id from queues q where q.name = v_name;
    exit when found;
    insert into queues (name, application) values (v_name, _internal_queue.application)
    on conflict (name) do nothing;
  end loop;
  return v_queue_id;
end
$$;
COMMENT ON FUNCTION perdure._internal_queue(application text) IS 'The internal queue of an application, or that of none; made if need be.';
CREATE FUNCTION perdure._is_active_below(root_key bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
begin
  return exists (
    with recursive tree as (
      select root_key as key
      union all
      select c.key
      from tree t
      cross join lateral (
        select w.key from workflows w where w.parent_key = t.key offset 0
      ) as c
    )
    select
    from tree t
    cross join lateral (
      select a.key from tasks a where a.key = t.key offset 0
    ) as a
  );
end
$$;
COMMENT ON FUNCTION perdure._is_active_below(root_key bigint) IS 'Whether a workflow, or any below it, is active.';
CREATE FUNCTION perdure._is_traceparent(value text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
begin
  return value ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$';
end
$_$;
COMMENT ON FUNCTION perdure._is_traceparent(value text) IS 'Whether it has the form of the header traceparent of W3C; null of null.';
CREATE FUNCTION perdure._iso(at timestamp with time zone, zone text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_local timestamp := at at time zone zone;
  v_offset interval := v_local - at at time zone 'UTC';
begin
  return to_char(v_local, 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when date_trunc('second', at) = at then '' else to_char(v_local, '.US') end
    || case when v_offset < interval '0' then '-' else '+' end
    || to_char(greatest(v_offset, -v_offset), 'HH24:MI');
end
$$;
COMMENT ON FUNCTION perdure._iso(at timestamp with time zone, zone text) IS 'A moment as ISO 8601 text with the offset that the zone has then.';
CREATE FUNCTION perdure._key_of(workflow_id text) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key from workflows w where w.workflow_id = _key_of.workflow_id;
  if not found then
    perform _raise_workflow_not_found(_key_of.workflow_id);
  end if;
  return v_key;
end
$$;
COMMENT ON FUNCTION perdure._key_of(workflow_id text) IS 'The key of a workflow. Raises PD002 if there is none of this id.';
CREATE FUNCTION perdure._keys_of(workflow_ids text[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_unknown text;
begin
  -- Kept apart: as a join that was planned on an empty table it reads all there is.
  select array_agg(w.key order by g.item), min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_keys, v_unknown
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  return coalesce(v_keys, '{}');
end
$$;
COMMENT ON FUNCTION perdure._keys_of(workflow_ids text[]) IS 'The keys of these workflows, in order. Raises PD002 if one does not exist.';
CREATE FUNCTION perdure._lane_ids(queue perdure.queues, partition_keys text[], many integer) RETURNS integer[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_lane_ids int[];
begin
  if not queue.partitioned then
    if exists (select from unnest(partition_keys) as g (key) where g.key is not null) then
      perform _raise(
        'PD001',
        format('queue %L has no partitions, but a partition key was given', queue.name),
        hint => 'Leave the key out, or register the queue as partitioned.'
      );
    end if;
    return null;
  end if;
  if many > 0 and partition_keys is null
    or exists (select from unnest(partition_keys) as g (key) where g.key is null)
  then
    perform _raise(
      'PD001',
      format('queue %L has partitions: each workflow needs a partition key', queue.name),
      hint => 'Give partition_key (partition_keys for many), for example the id of the customer.'
    );
  end if;
  perform _check_text('partition key', g.key)
  from unnest(partition_keys) as g (key)
  where octet_length(g.key) between 1 and 512 is not true;
  select array_agg(l.lane_id order by g.item) into v_lane_ids
  from unnest(partition_keys) with ordinality as g (key, item)
  cross join lateral (
    select e.lane_id from lanes e where e.queue_id = queue.queue_id and e.partition_key = g.key
  ) as l;
  if cardinality(v_lane_ids) = many then
    return v_lane_ids;
  end if;
  -- Only what is missing: each row that is offered draws a lane_id, also one that is there already, and
  -- there are two thousand million of them.
  insert into lanes (queue_id, partition_key)
  select queue.queue_id, n.key
  from (select distinct g.key collate "C" as key from unnest(partition_keys) as g (key)) as n
  where not exists (
    select from lanes e where e.queue_id = queue.queue_id and e.partition_key = n.key offset 0
  )
  order by n.key
  on conflict (queue_id, partition_key) do nothing;
  select array_agg(l.lane_id order by g.item) into v_lane_ids
  from unnest(partition_keys) with ordinality as g (key, item)
  cross join lateral (
    select e.lane_id from lanes e where e.queue_id = queue.queue_id and e.partition_key = g.key
  ) as l;
  return v_lane_ids;
end
$$;
COMMENT ON FUNCTION perdure._lane_ids(queue perdure.queues, partition_keys text[], many integer) IS 'The lane of each partition key, made if it is new; null for a queue without partitions. Raises PD001 if
keys are given where there are no partitions, or missing where there are.';
CREATE FUNCTION perdure._late_and_dead(now timestamp with time zone) RETURNS TABLE(metric text, labels json, value double precision)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
begin
  return query
  select 'perdure_dead_letters', '{}'::json, count(*)::double precision
  from (select from outcomes o where o.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' limit 10000) as d
  union all
  select 'perdure_overdue_seconds', json_build_object('what', d.what),
    coalesce(greatest(extract(epoch from _late_and_dead.now - d.at), 0), 0)
  from (values
    ('wake', (select min(t.wake_at) from tasks t)),
    ('deadline', (select min(t.deadline) from tasks t)),
    ('schedule', (select min(s.next_at) from schedules s))
  ) as d (what, at);
end
$$;
COMMENT ON FUNCTION perdure._late_and_dead(now timestamp with time zone) IS 'Of metrics: how many are dead, and how late is what should have happened: then nobody runs maintenance, or it does not
keep up.';
CREATE FUNCTION perdure._list_columns(filter perdure.workflow_filter, side text) RETURNS TABLE(place integer, leads boolean, field text, column_name text, many integer)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return query
  select c.place, c.leads and side <> 'active', c.field, c.column_name, c.many
  from (values
    (1, true, 'parent_keys', 'w.parent_key', cardinality(filter.parent_keys)),
    (2, true, 'forked_from', 'w.forked_from', cardinality(filter.forked_from)),
    (3, true, 'users', 'w.authenticated_user', cardinality(filter.users)),
    (4, true, 'schedules', 'w.schedule', cardinality(filter.schedules)),
    (5, true, 'names', 'w.name collate "C"', cardinality(filter.names)),
    (6, true, 'queue_ids', 'w.queue_id', cardinality(filter.queue_ids)),
    (7, true, 'applications', 'w.application', cardinality(filter.applications)),
    (8, true, 'executor_ids', 'e.executor_id', cardinality(filter.executor_ids)),
    (9, true, 'app_versions', 'e.app_version', cardinality(filter.app_versions)),
    (10, false, 'workflow_ids', 'w.workflow_id', cardinality(filter.workflow_ids))
  ) as c (place, leads, field, column_name, many)
  where c.many > 0;
end
$$;
COMMENT ON FUNCTION perdure._list_columns(filter perdure.workflow_filter, side text) IS 'Of a filter the fields that name values of a column, how many they name, and whether one of these may lead the order.';
CREATE FUNCTION perdure._list_conditions(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], lead text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
declare
  v_conditions text;
begin
  select string_agg(' and ' || c.condition, '' order by c.place) into v_conditions
  from (
    select
      l.place,
      l.column_name || ' = ' || case
        when l.many = 1 then '(($1).' || l.field || ')[1]' else 'any (($1).' || l.field || ')'
      end
    from _list_columns(filter, side) as l
    where l.field is distinct from lead
    union all
    select v.place, v.condition
    from (values
      (11, statuses is not null, 'e.status ' || case when cardinality(statuses) = 1 then '= ($5)[1]' else '= any ($5)' end),
      (12, filter.started_from is not null, 'e.started_at >= ($1).started_from'),
      (13, filter.started_until is not null, 'e.started_at < ($1).started_until'),
      (14, filter.completed_from is not null, 'e.completed_at >= ($1).completed_from'),
      (15, filter.completed_until is not null, 'e.completed_at < ($1).completed_until'),
      (16, filter.id_patterns is not null, (
        select '(' || string_agg('w.workflow_id like (($1).id_patterns)[' || i || ']', ' or ') || ')'
        from generate_series(1, cardinality(filter.id_patterns)) as i
      )),
      -- What is resumed waits in an internal queue without leaving its own.
      (
        17, filter.queue_ids is not null and side = 'active',
        'e.queue_id = any (($1).queue_ids || array(select q.queue_id from queues q where q.internal))'
      ),
      (18, filter.queued, 'w.queue_id is not null'),
      (19, not filter.queued, 'w.queue_id is null'),
      (20, filter.has_parent, 'w.parent_key is not null'),
      (21, not filter.has_parent, 'w.parent_key is null'),
      (22, filter.is_fork, 'num_nonnulls(w.forked_from) = 1'),
      (23, not filter.is_fork, 'w.forked_from is null'),
      (24, filter.was_forked, 'w.was_forked'),
      (25, not filter.was_forked, 'not w.was_forked'),
      (26, filter.attributes is not null, 'w.attributes @> ($1).attributes'),
      (27, filter.created_from is not null, 'w.created_at >= ($1).created_from'),
      (28, filter.created_until is not null, 'w.created_at < ($1).created_until')
    ) as v (place, holds, condition)
    where v.holds
  ) as c (place, condition);
  return coalesce(v_conditions, '');
end
$_$;
COMMENT ON FUNCTION perdure._list_conditions(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], lead text) IS 'The conditions of a filter but for the field that leads the order: w is workflows, e is tasks or outcomes, $1 the filter
and $5 the statuses.';
CREATE FUNCTION perdure._list_statement(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, goes_on boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
declare
  v_lead record;
  v_value text;
  v_conditions text;
  v_ended_only boolean;
  v_at text := case sort
    when 'created' then 'w.created_at'
    when 'completed' then 'e.completed_at'
    when 'started' then 'e.started_at'
    else 'null::timestamptz'
  end;
  v_key text;
  v_beyond text := case when newest_first then '<' else '>' end;
  v_direction text := case when newest_first then ' desc' else '' end;
begin
  select l.field, l.column_name into v_lead
  from _list_columns(filter, side) as l
  where l.leads and l.many = 1 and sort = 'key'
    and (side = 'ended' or l.column_name like 'w.%')
    and not (side = 'ended' and coalesce(statuses <> '{SUCCESS}', false))
  order by l.place
  limit 1;
  v_value := '(($1).' || v_lead.field || ')[1]';
  v_conditions := _list_conditions(filter, side, statuses, v_lead.field);
  v_ended_only := side = 'ended' and sort = 'key' and v_lead.field is null and v_conditions !~ '\mw\.';
  v_key := case
    when v_ended_only or v_lead.column_name like 'e.%' or sort in ('started', 'completed') then 'e.key' else 'w.key'
  end;
  return 'select w.key, ' || v_at || ' as at'
    || case
      when side = 'all' then ' from workflows w'
      when side = 'active' then ' from tasks e join workflows w on w.key = e.key'
      when v_ended_only
        then ' from outcomes e cross join lateral (select * from workflows f where f.key = e.key offset 0) as w'
      else ' from outcomes e join workflows w on w.key = e.key'
    end
    || ' where true'
    -- Where the list goes on.
    || case
      when v_lead.field is not null then case
        when not goes_on then ' and ' || v_lead.column_name || ' between ' || v_value || ' and ' || v_value
        else ' and ' || v_lead.column_name || ' ' || case when newest_first then '>=' else '<=' end || ' ' || v_value
          || ' and (' || v_lead.column_name || ', ' || v_key || ') ' || v_beyond || ' (' || v_value || ', $3)'
      end
      when not goes_on then ''
      when sort <> 'key' then ' and (' || v_at || ', ' || v_key || ') ' || v_beyond || ' ($2, $3)'
      -- A condition on the keys of one table is not passed on to the other.
      else ' and w.key ' || v_beyond || ' $3' || case when side = 'all' then '' else ' and e.key ' || v_beyond || ' $3' end
    end
    || v_conditions
    || ' order by '
    || case
      when v_lead.field is not null then v_lead.column_name || v_direction || ', '
      -- The oldest of the active ones are not found by walking all that was created before them: this cannot be
      -- sorted before the two tables are joined.
      when sort = 'created' and side = 'active' and not newest_first
        then 'case when e.key = w.key then w.created_at end, '
      when sort <> 'key' then v_at || v_direction || ', '
      else ''
    end
    || v_key || v_direction;
end
$_$;
COMMENT ON FUNCTION perdure._list_statement(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, goes_on boolean) IS 'The query of _find_workflows: $1 is the filter, $2 and $3 the moment and the key behind which it goes on, $5 the
statuses.';
CREATE TABLE perdure.executors (
    executor_id bigint NOT NULL,
    name text NOT NULL,
    app_version text,
    lease interval NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    lapsed boolean DEFAULT false NOT NULL,
    workflows text[],
    queues text[],
    application text COLLATE pg_catalog."C"
)
WITH (fillfactor='50');
COMMENT ON TABLE perdure.executors IS 'One row for each living worker process: its lease.';
CREATE FUNCTION perdure._living_executors() RETURNS SETOF perdure.executors
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return query select e.* from executors e where not e.lapsed and e.lease_until >= clock_timestamp();
end
$$;
COMMENT ON FUNCTION perdure._living_executors() IS 'The executors whose lease holds.';
CREATE FUNCTION perdure._lock_queue(queue_id integer, alone boolean, patient boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $$
declare
  v_space int := 'queues'::regclass::oid::bigint::bit(32)::int;
begin
  if alone then
    if pg_try_advisory_xact_lock(v_space, queue_id) then
      return true;
    end if;
  elsif pg_try_advisory_xact_lock_shared(v_space, queue_id) then
    return true;
  end if;
  if not patient then
    return false;
  end if;
  begin
    if alone then
      perform pg_advisory_xact_lock(v_space, queue_id);
    else
      perform pg_advisory_xact_lock_shared(v_space, queue_id);
    end if;
    return true;
  exception
    -- A deadlock: two that share a queue to which a limit comes at this moment both want it alone.
    when lock_not_available or deadlock_detected then
      return false;
  end;
end
$$;
COMMENT ON FUNCTION perdure._lock_queue(queue_id integer, alone boolean, patient boolean) IS 'Locks a queue for a claim until the end of the transaction, at once or, if it is patient, after a short
wait. Returns false if its turn did not come.';
CREATE FUNCTION perdure._look_back(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_wait record;
  v_alone boolean;
  v_there boolean;
  v_there_keys bigint[] := '{}'::bigint[];
  v_soon_keys bigint[] := '{}'::bigint[];
  v_queues int[];
begin
  for v_wait in
    select w.*
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select n.target_key, n.kind, n.name, n.waiter_key
      from waits n
      where n.waiter_key = g.key and n.waiter_key > 0
      offset 0
    ) as w
  loop
    -- Alone first, then the look: a writer that comes later sees that the workflow is put down.
    if v_wait.kind = 'end' then
      perform from tasks t where t.key = v_wait.target_key for key share skip locked;
      v_alone := found;
      v_there := not v_alone and not exists (select from tasks t where t.key = v_wait.target_key);
    else
      v_alone := current_setting('transaction_isolation') = 'read committed' and _hold_writers(v_wait.target_key);
      v_there := case v_wait.kind
        when 'message' then exists (
          select from messages m where m.key = v_wait.target_key and m.topic = v_wait.name and not m.received
        )
        else exists (
          select from events e where e.key = v_wait.target_key and e.name = v_wait.name
        )
      end;
    end if;
    if v_there then
      v_there_keys := v_there_keys || v_wait.waiter_key;
      -- It is noted again if the workflow goes on waiting for it.
      delete from waits w
      where w.target_key = v_wait.target_key and w.kind = v_wait.kind
        and w.name = v_wait.name and w.waiter_key = v_wait.waiter_key;
    elsif not v_alone then
      v_soon_keys := v_soon_keys || v_wait.waiter_key;
    end if;
  end loop;
  if v_there_keys <> '{}' then
    with called as (
      update tasks t
      set status = 'ENQUEUED', wake_at = null
      where t.key = any (v_there_keys) and t.wake_at is not null
      returning t.queue_id
    )
    select array_agg(distinct c.queue_id) into v_queues from called c;
    perform _tell_returned(q.queue_id) from unnest(v_queues) as q (queue_id);
  end if;
  if v_soon_keys <> '{}' then
    update tasks t
    set wake_at = least(t.wake_at, _now() + interval '1 second')
    where t.key = any (v_soon_keys) and t.wake_at is not null;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._look_back(workflow_keys bigint[]) IS 'Of workflows that are put down now, enqueues those for which something is there that they have noted to wait
for; those for which something may be under way stay down for a second.';
CREATE FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean, span interval) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  with stale as (
    select q.queue_id
    from queues q
    where q.queue_id = any (queue_ids)
      and case
        when idle then coalesce(q.listening_until < clock_timestamp() + span, true)
        else q.listening_until > clock_timestamp()
      end
    order by q.queue_id
    for no key update skip locked
  )
  update queues q
  set listening_until = case when idle then clock_timestamp() + 2 * span end
  from stale s
  where q.queue_id = s.queue_id;
end
$$;
COMMENT ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean, span interval) IS 'Keeps the mark by which enqueueing knows whether a worker is idle on these queues, and claims again within this span.';
CREATE FUNCTION perdure._mark_watched(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_queues int[];
begin
  with unwatched as (
    select t.key
    from tasks t
    where t.key = any (workflow_keys) and not t.watched
    order by t.key
    for no key update
  ),
  marked as (
    update tasks t
    set watched = true
    from unwatched u
    where t.key = u.key
    returning t.queue_id, t.status
  )
  select array_agg(distinct m.queue_id) into v_queues from marked m where m.status = 'ENQUEUED';
  perform _notify_queue(q.queue_id) from unnest(v_queues) as q (queue_id);
end
$$;
COMMENT ON FUNCTION perdure._mark_watched(workflow_keys bigint[]) IS 'Notes that the end of these workflows is to be told.';
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
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return encode(
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
  )::uuid::text;
end
$$;
COMMENT ON FUNCTION perdure._new_workflow_id() IS 'A new time-ordered workflow id (UUID version 7).';
CREATE FUNCTION perdure._newest_event(workflow_key bigint, name text) RETURNS TABLE(value json)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
begin
  return query
  select e.value
  from events e
  where e.key = workflow_key and e.name = _newest_event.name
  order by e.key desc, e.name desc, e.event_id desc
  limit 1;
end
$$;
COMMENT ON FUNCTION perdure._newest_event(workflow_key bigint, name text) IS 'The value an event was last set to; no row if it never was.';
CREATE FUNCTION perdure._next_moment() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
begin
  return least(
    (select t.deadline from tasks t where t.deadline is not null order by t.deadline, t.key limit 1),
    (select t.wake_at from tasks t where t.wake_at is not null order by t.wake_at, t.key limit 1)
  );
end
$$;
COMMENT ON FUNCTION perdure._next_moment() IS 'When the next workflow is to be woken or has its deadline; null if none is. Two index probes.';
CREATE FUNCTION perdure._next_tick_in() RETURNS interval
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
begin
  return (
    select greatest(s.next_at - _now(), interval '0')
    from schedules s
    where s.next_at is not null
    order by s.next_at
    limit 1
  );
end
$$;
COMMENT ON FUNCTION perdure._next_tick_in() IS 'The time until a schedule is due; null if none has a next tick.';
CREATE FUNCTION perdure._notify_cancelled(workflow_keys bigint[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
  select pg_notify(current_schema() || '.cancelled', w.workflow_id)
  from workflows w
  where w.key = any (workflow_keys)
$$;
COMMENT ON FUNCTION perdure._notify_cancelled(workflow_keys bigint[]) IS 'Tells on channel <schema>.cancelled, one notification each, that these workflows, which an executor runs,
have been ended by somebody else.';
CREATE FUNCTION perdure._notify_finished(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  perform pg_notify(current_schema() || '.finished', w.workflow_id)
  from workflows w
  where w.key = any (workflow_keys);
  if current_setting('transaction_isolation') <> 'read committed'
    or exists (select from waits w where w.target_key = any (workflow_keys) and w.kind = 'end')
  then
    perform _wake_waiters(workflow_keys, 'end', array_fill(''::text, array[cardinality(workflow_keys)]));
  end if;
end
$$;
COMMENT ON FUNCTION perdure._notify_finished(workflow_keys bigint[]) IS 'Tells on channel <schema>.finished, one notification each, that these workflows have ended, and wakes workflows
that were put down until then. The caller has ended them.';
CREATE FUNCTION perdure._notify_queue(queue_id integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform pg_notify(current_schema() || '.work', case when q.internal then '' else q.name end)
  from queues q
  where q.queue_id = _notify_queue.queue_id
    and not q.paused
    and q.listening_until > clock_timestamp()
    and current_setting('perdure.notify', true) is distinct from 'off';
end
$$;
COMMENT ON FUNCTION perdure._notify_queue(queue_id integer) IS 'Tells idle workers, if there are any, on channel <schema>.work that this queue has work. Nothing instead of its name:
it is an internal one, which every worker serves.';
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
      hint => 'Reset perdure.test_clock.'
    );
  end if;
  return v_moved::timestamptz;
end
$$;
COMMENT ON FUNCTION perdure._now() IS 'The present moment, or the one a test has set in perdure.test_clock.';
CREATE FUNCTION perdure._oldest_waiting(queue_id integer, resumed boolean) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_version text;
  v_floor record;
  v_oldest bigint;
begin
  foreach v_version in array _waiting_versions(_oldest_waiting.queue_id) loop
    select f.rank, f.key into v_floor from _floor(_oldest_waiting.queue_id, v_version) as f;
    select least(min(w.key), v_oldest) into v_oldest
    from (
      (
        select t.key, t.resumed
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed and t.queue_id = _oldest_waiting.queue_id
          and t.app_version = v_version and t.lane_id = 0 and t.rank < v_floor.rank
        order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
        limit 1000
      )
      union all
      (
        select t.key, t.resumed
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed and t.queue_id = _oldest_waiting.queue_id
          and t.app_version = v_version
          and (t.lane_id, t.rank, t.key) >= (0, coalesce(v_floor.rank, '-Infinity'), coalesce(v_floor.key, -1))
        order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
        limit 1000
      )
    ) as w
    where _oldest_waiting.resumed or not w.resumed;
  end loop;
  return (select w.created_at from workflows w where w.key = v_oldest);
end
$$;
COMMENT ON FUNCTION perdure._oldest_waiting(queue_id integer, resumed boolean) IS 'When the oldest of the next 1000 of each version of a queue, or 2000, was enqueued, with or without those that have
run before; null if none waits.';
CREATE FUNCTION perdure._open_queues(queue_ids integer[]) RETURNS integer[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  return array(
    select g.queue_id
    from unnest(queue_ids) as g (queue_id)
    cross join lateral (
      select q.concurrency, q.paused from queues q where q.queue_id = g.queue_id offset 0
    ) as q
    where not q.paused and (
      q.concurrency <= 100 is not true
      or q.concurrency > (
        select count(*)
        from (select from tasks t where t.placed and t.queue_id = g.queue_id limit q.concurrency) as taken
      )
      or (
        select t.key from tasks t where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id limit 1
      ) is not null
    )
    order by random()
  );
end
$$;
COMMENT ON FUNCTION perdure._open_queues(queue_ids integer[]) IS 'Those of these queues that are not paused, and not seen to be full, in a random order.';
CREATE FUNCTION perdure._origins(many integer, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) RETURNS perdure.workflow_origin[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_origins workflow_origin[];
begin
  if num_nonnulls(
    attributes, authenticated_user, authenticated_roles, assumed_role, class_names, config_names
  ) = 0 then
    return null;
  end if;
  -- A JSON null is as good as none.
  select array_agg(
    row(
      case when jsonb_typeof(attributes[i.item]) <> 'null' then attributes[i.item] end,
      class_names[i.item], config_names[i.item],
      authenticated_user, authenticated_roles, assumed_role
    )::workflow_origin
    order by i.item
  )
  into v_origins
  from generate_series(1, many) as i (item);
  perform _check_origins(v_origins);
  return v_origins;
end
$$;
COMMENT ON FUNCTION perdure._origins(many integer, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) IS 'What each of so many workflows tells of itself; null if that is nothing. Raises PD001 as _check_origins does.';
CREATE FUNCTION perdure._pass_time(duration interval) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_by interval := _exact_span(duration);
  v_start record;
begin
  if (duration >= interval '0') is not true then
    perform _raise(
      'PD001', format('time does not pass backwards: %s', _span(duration)), hint => 'Give a span of 0 or more.'
    );
  end if;
  perform from tasks t order by t.key for update;
  update tasks t
  set started_at = t.started_at - v_by, wake_at = t.wake_at - v_by, expires_at = t.expires_at - v_by,
      deadline = t.deadline - v_by;
  update outcomes o
  set started_at = o.started_at - v_by, completed_at = o.completed_at - v_by, deadline = o.deadline - v_by;
  update workflows w set created_at = w.created_at - v_by, deadline = w.deadline - v_by;
  update steps s
  set started_at = s.started_at - v_by, completed_at = s.completed_at - v_by, retry_at = s.retry_at - v_by;
  update messages m set sent_at = m.sent_at - v_by;
  update events e set set_at = e.set_at - v_by;
  update stream_entries e set written_at = e.written_at - v_by;
  update versions v set registered_at = v.registered_at - v_by;
  update removals r set removed_at = r.removed_at - v_by;
  update alerting a set since = a.since - v_by;
  update retention r
  set created_at = r.created_at - v_by, swept_at = r.swept_at - v_by, sweep_began_at = r.sweep_began_at - v_by,
      cutoff_at = r.cutoff_at - v_by, counting_at = r.counting_at - v_by, count_began_at = r.count_began_at - v_by,
      newest_at = r.newest_at - v_by;
  -- Earliest first: each moves to where none is any more.
  for v_start in select s.queue_id, s.lane_id, s.started_at from starts s order by s.started_at loop
    update starts s
    set started_at = s.started_at - v_by
    where s.queue_id = v_start.queue_id and s.lane_id = v_start.lane_id and s.started_at = v_start.started_at;
  end loop;
  -- Any queue may have work now.
  perform pg_notify(current_schema() || '.work', '');
end
$$;
COMMENT ON FUNCTION perdure._pass_time(duration interval) IS 'Moves every recorded moment of workflows into the past. Raises PD001 (a negative span).';
CREATE FUNCTION perdure._pin_version(app_version text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  perform _check_text('version', _pin_version.app_version);
  if not exists (select from versions v where v.app_version = _pin_version.app_version)
    and not exists (select from version_pins p where p.app_version = _pin_version.app_version)
  then
    insert into version_pins (app_version)
    values (_pin_version.app_version)
    on conflict (app_version, transaction) do nothing;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._pin_version(app_version text) IS 'Notes that there is work of this version, so that executors without version look for it.
Raises PD001 unless its name has 1 to 512 bytes.';
CREATE FUNCTION perdure._place_name(class_name text, config_name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return coalesce(' of class ' || quote_literal(class_name), '')
    || coalesce(' and instance ' || quote_literal(config_name), ' and no instance');
end
$$;
COMMENT ON FUNCTION perdure._place_name(class_name text, config_name text) IS 'A class and an instance of it, for a message.';
CREATE FUNCTION perdure._places_for(workflow_keys bigint[], queue text, partition_keys text[] DEFAULT NULL::text[]) RETURNS TABLE(item integer, queue_id integer, lane_id integer, priority_ageing double precision)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
  v_group record;
  v_lane_ids int[];
begin
  for v_group in
    select g.queue_id, array_agg(g.item order by g.item) as items
    from (
      select
        k.item::int as item,
        case
          when _places_for.queue = '_internal' then _internal_queue(w.application)
          when _places_for.queue is null then coalesce(w.queue_id, _internal_queue(w.application))
        end as queue_id
      from unnest(workflow_keys) with ordinality as k (key, item)
      cross join lateral (select e.queue_id, e.application from workflows e where e.key = k.key offset 0) as w
    ) as g
    group by g.queue_id
    order by g.queue_id
  loop
    if _places_for.queue <> '_internal' then
      v_queue := _queue(_places_for.queue);
    else
      select q.* into v_queue from queues q where q.queue_id = v_group.queue_id;
      if not found then
        perform _raise(
          'PD007',
          format('the queue of workflow %L does not exist any more', (
            select w.workflow_id from workflows w where w.key = workflow_keys[v_group.items[1]]
          )),
          hint => 'Give the queue that it is to wait in.'
        );
      end if;
      if not v_queue.internal then
        v_queue := _queue(v_queue.name);
      end if;
    end if;
    v_lane_ids := null;
    if v_queue.partitioned or partition_keys is not null then
      -- Its partition is that of the same key, also in another queue.
      v_lane_ids := _lane_ids(
        v_queue,
        array(
          select coalesce(partition_keys[i.item], case when v_queue.partitioned then (
            select l.partition_key
            from workflows w
            join lanes l on l.lane_id = w.lane_id
            where w.key = workflow_keys[i.item]
          ) end)
          from unnest(v_group.items) with ordinality as i (item, place)
          order by i.place
        ),
        cardinality(v_group.items)
      );
    end if;
    return query
    select i.item, v_queue.queue_id, coalesce(i.lane_id, 0),
      extract(epoch from v_queue.priority_ageing)::double precision
    from unnest(v_group.items, v_lane_ids) as i (item, lane_id);
  end loop;
end
$$;
COMMENT ON FUNCTION perdure._places_for(workflow_keys bigint[], queue text, partition_keys text[]) IS 'Where workflows that are enqueued again, or their forks, wait: each in the queue that is given or, if that is null,
in its own, in the partition that is given or its own. Holds the queues against deletion. Raises PD001 (partitions),
PD007 (no such queue, any more).';
CREATE FUNCTION perdure._places_taken(queue_id integer, lane_id integer, executor_id bigint, most integer) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_taken int;
begin
  -- One statement each: an "or" would hide the lane from the index.
  if _places_taken.lane_id is not null then
    select count(*) into v_taken
    from (
      select from tasks t
      where t.placed and t.queue_id = _places_taken.queue_id and t.lane_id = _places_taken.lane_id
      limit most
    ) as taken;
  elsif _places_taken.executor_id is not null then
    select count(*) into v_taken
    from (
      select from tasks t
      where t.placed and t.queue_id = _places_taken.queue_id and t.executor_id = _places_taken.executor_id
      limit most
    ) as taken;
  else
    select count(*) into v_taken
    from (
      select from tasks t
      where t.placed and t.queue_id = _places_taken.queue_id
      limit most
    ) as taken;
  end if;
  return v_taken;
end
$$;
COMMENT ON FUNCTION perdure._places_taken(queue_id integer, lane_id integer, executor_id bigint, most integer) IS 'How many workflows hold a place in the limits of a queue, or of one lane or one executor there; counts
up to most.';
CREATE FUNCTION perdure._prune_starts() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_left int := 10000;
  v_pruned int;
  v_queue_id int;
  v_lane_id int;
  v_wrapped boolean := false;
  v_kept timestamptz;
begin
  select q.queue_id into v_queue_id
  from queues q
  where q.rate_limit is not null or q.partition_rate_limit is not null
  order by random()
  limit 1;
  v_lane_id := (
    select min(s.lane_id) + floor(random() * (max(s.lane_id) - min(s.lane_id) + 1)) - 1
    from starts s
    where s.queue_id = v_queue_id
  );
  for v_lane in 1 .. 200 loop
    exit when v_left <= 0;
    select s.queue_id, s.lane_id into v_queue_id, v_lane_id
    from starts s
    where (s.queue_id, s.lane_id) > (coalesce(v_queue_id, -1), coalesce(v_lane_id, -1))
    order by s.queue_id, s.lane_id
    limit 1;
    if not found then
      exit when v_wrapped;
      v_wrapped := true;
      v_queue_id := null;
      v_lane_id := null;
      continue;
    end if;
    select s.started_at into v_kept
    from starts s
    where s.queue_id = v_queue_id and s.lane_id = v_lane_id
      -- A claim that is under way may count from a moment that lies a little behind this one.
      and s.started_at < v_now - interval '1 minute' - (
        select greatest(q.rate_period, q.partition_rate_period, interval '0') from queues q where q.queue_id = v_queue_id
      )
    order by s.started_at desc
    limit 1;
    continue when not found;
    delete from starts s
    where s.queue_id = v_queue_id and s.lane_id = v_lane_id
      -- As an array, so that a lane with nothing to remove is not read.
      and s.started_at = any (array(
        select o.started_at
        from starts o
        where o.queue_id = v_queue_id and o.lane_id = v_lane_id and o.started_at < v_kept
        limit v_left
        for update skip locked
      ));
    get diagnostics v_pruned = row_count;
    v_left := v_left - v_pruned;
  end loop;
  delete from floors f
  where (f.queue_id, f.app_version, f.version) in (
    select o.queue_id, o.app_version, o.version
    from floors o
    where o.version < (
      select max(n.version) from floors n where n.queue_id = o.queue_id and n.app_version = o.app_version
    )
    -- One that has ended, of a version that nobody claims any more.
    or _floor(o.queue_id, o.app_version) is null
    limit 10000
    for update skip locked
  );
  -- What no floor of its queue is older than.
  delete from floor_drops d
  where (d.queue_id, d.transaction) in (
    select o.queue_id, o.transaction
    from (
      select f.queue_id, min(pg_snapshot_xmin(f.snapshot)::text::bigint)::text::xid8 as since
      from floors f
      group by f.queue_id
    ) as l
    cross join lateral (
      select e.queue_id, e.transaction
      from floor_drops e
      where e.queue_id = l.queue_id and e.transaction < l.since
      limit 10000
      for update skip locked
    ) as o
    limit 10000
  );
  delete from turns t
  where (t.queue_id, t.turn) in (
    select o.queue_id, o.turn
    from queues q
    cross join lateral (select max(n.turn) as last from turns n where n.queue_id = q.queue_id) as newest
    join turns o on o.queue_id = q.queue_id and o.turn < newest.last
    where q.partitioned
    limit 10000
    for update of o skip locked
  );
end
$$;
COMMENT ON FUNCTION perdure._prune_starts() IS 'Removes, some thousands a call, what rate limits, floors and round robin do not look at any more.';
CREATE FUNCTION perdure._prune_waits() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_first bigint := (select w.target_key from waits w order by w.target_key limit 1);
  v_last bigint := (select w.target_key from waits w order by w.target_key desc limit 1);
  v_from bigint := v_first + floor(random() * (v_last - v_first + 1));
begin
  if v_from is null then
    return;
  end if;
  delete from waits w
  where w.ctid = any (array(
    select g.ctid
    from waits g
    where g.ctid = any (array(
      select e.ctid
      from (
        select s.ctid, s.target_key, s.waiter_key
        from waits s
        where s.target_key >= v_from
        order by s.target_key, s.kind, s.name, s.waiter_key
        limit 500
      ) as e
      where not exists (
        select from tasks t where t.key = case when e.waiter_key > 0 then e.waiter_key else e.target_key end
      )
    ))
    for update skip locked
  ));
end
$$;
COMMENT ON FUNCTION perdure._prune_waits() IS 'Removes notes of those who do not wait any more, some at a call.';
CREATE FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) RETURNS TABLE(item integer, outcome text)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
        wake_at = case when h.delay > interval '0' then v_now + _exact_span(h.delay) end,
        executor_id = null,
        token = null,
        attempts = t.attempts - 1,
        placed = t.placed and status_until_then = 'PENDING',
        resumed = true,
        app_version = case
          when t.app_version = '' or status_until_then = 'PENDING' then t.app_version
          else _version_back(t.key, t.attempts, t.app_version)
        end
    from held h
    where t.key = h.key
    returning t.queue_id, t.status, h.item
  ),
  told as (
    select _tell_returned(b.queue_id)
    from (select distinct queue_id from put_down where status = 'ENQUEUED') as b
  )
  select (select array_agg(p.item) from put_down p) into v_held
  from (select count(*) from told) as t;
  if status_until_then = 'PENDING'
    and exists (
      select from unnest(workflow_keys) as g (key)
      cross join lateral (
        select from waits w where w.waiter_key = g.key and w.waiter_key > 0 limit 1
      ) as w
    )
  then
    perform _look_back(array(select workflow_keys[h.item] from unnest(v_held) as h (item)));
  end if;
  return query
  select g.item, 'lease lost'
  from generate_series(1, cardinality(workflow_keys)) as g (item)
  where (g.item = any (v_held)) is not true
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) IS 'Takes workflows from the executor that owns them and gives back the attempt; until its delay has
passed each has the status given. Returns a row for each that the caller does not own.';
CREATE FUNCTION perdure._queue(queue text, create_queue boolean DEFAULT false, application text DEFAULT NULL::text) RETURNS perdure.queues
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
  v_name text := coalesce(_queue.queue, _queue.application);
begin
  perform pg_advisory_xact_lock_shared('tasks'::regclass::oid::bigint::bit(32)::int, hashtext(v_name));
  loop
    select q.* into v_queue
    from queues q
    where q.name = v_name;
    if found then
      if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        -- Its snapshot may show a queue that is deleted, or that had no partitions or other ranks (_set_queue).
        -- Locking the row finds out: that raises 40001.
        perform from queues q where q.queue_id = v_queue.queue_id for key share;
      end if;
      exit;
    elsif starts_with(v_name, '_internal/') then
      v_queue.internal := true;
      exit;
    elsif create_queue or _queue.queue is null and v_name is not null then
      perform _check_text('queue', v_name);
      if _queue.application is not null then
        perform _check_application(_queue.application);
      end if;
      insert into queues (name, application) values (v_name, _queue.application)
      on conflict (name) do nothing;
    else
      perform _raise_queue_not_found(v_name);
    end if;
  end loop;
  if v_queue.internal then
    perform _raise(
      'PD001',
      'nothing is enqueued in the internal queue',
      hint => 'Every worker serves it, and it cannot be paused. Use a queue of your own.'
    );
  end if;
  return v_queue;
end
$$;
COMMENT ON FUNCTION perdure._queue(queue text, create_queue boolean, application text) IS 'The row of a queue, made for an application or for none if that is asked for, and held against deletion. Null: the queue
of the application itself, which has its name and is made when it is needed.
Raises PD001 for an internal queue, PD007 if there is none of that name.';
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
CREATE FUNCTION perdure._raise_deleted() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _raise(
    '40001',
    'a workflow was deleted by another session at this moment',
    detail => 'Nothing was changed.',
    hint => 'Run the transaction again.'
  );
end
$$;
COMMENT ON FUNCTION perdure._raise_deleted() IS 'Raises 40001: a workflow that was found a moment ago is not there any more.';
CREATE FUNCTION perdure._raise_floor(queue_id integer, app_version text, old perdure.floors, last_claimed bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_snapshot pg_snapshot := pg_current_snapshot();
  v_rank double precision;
  v_lowest bigint;
  v_floor bigint := -1;
  v_own bigint := pg_current_xact_id()::text::bigint;
  v_version bigint;
  v_drawn bigint;
begin
  if pg_snapshot_xmin(v_snapshot) < old.candidate_xmax then
    return;
  end if;
  -- Without skipping what is locked: a claim that is not committed may still be rolled back.
  select t.rank, t.key into v_rank, v_lowest
  from tasks t
  where t.status = 'ENQUEUED' and not t.placed
    and t.queue_id = _raise_floor.queue_id and t.app_version = _raise_floor.app_version and t.lane_id = 0
    and (t.rank, t.key) >= (coalesce(old.rank, '-Infinity'), coalesce(old.key, -1))
  order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
  limit 1;
  if v_rank is null then
    -- Nothing waits. Keys that are drawn from now on are higher than any that was claimed.
    v_rank := coalesce(old.rank, (select t.rank from tasks t where t.key = last_claimed));
    v_lowest := last_claimed + 1;
  end if;
  if v_rank = old.rank then
    v_floor := case when v_lowest >= old.candidate_key then old.candidate_key else old.key end;
  end if;
  -- The moment of the candidate is now, after it was seen: it is told by an id that is drawn now. A
  -- subtransaction draws one, and xmin shows its lower half. (pg_snapshot_xmax would not do: it is the
  -- first id after the last that has *ended*, and those above it may be under way.)
  begin
    insert into floors (queue_id, app_version, rank, key, candidate_key, candidate_xmax, snapshot)
    values (_raise_floor.queue_id, _raise_floor.app_version, v_rank, v_floor, v_lowest, '0', v_snapshot)
    returning version, xmin::text::bigint into v_version, v_drawn;
  exception
    when unique_violation then
      return;
  end;
  v_drawn := (v_own & ~4294967295) | v_drawn;
  update floors f
  set candidate_xmax = (v_drawn + case when v_drawn < v_own then 4294967296 else 0 end)::text::xid8
  where f.queue_id = _raise_floor.queue_id and f.app_version = _raise_floor.app_version and f.version = v_version;
end
$$;
COMMENT ON FUNCTION perdure._raise_floor(queue_id integer, app_version text, old perdure.floors, last_claimed bigint) IS 'Moves the floor of a version of a queue without partitions up to its candidate, if that is safe now, and chooses the
next candidate.';
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
CREATE FUNCTION perdure._raise_queue_not_found(queue text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _check_text('queue', queue);
  perform _raise(
    'PD007',
    format('queue %L does not exist', queue),
    hint => format('Register it first: select %I.register_queue(%L)', current_schema(), queue)
  );
end
$$;
COMMENT ON FUNCTION perdure._raise_queue_not_found(queue text) IS 'Raises PD007, or PD001 for a name that no queue can have.';
CREATE FUNCTION perdure._raise_unexpected_step(step integer, recorded text, given text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _raise(
    'PD005',
    format('step %s is recorded as %L, the workflow now runs %L there', step, recorded, given),
    hint => 'A workflow must take the same steps in the same order on every run.'
  );
end
$$;
COMMENT ON FUNCTION perdure._raise_unexpected_step(step integer, recorded text, given text) IS 'Raises PD005: another step is recorded there.';
CREATE FUNCTION perdure._raise_unreadable(message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _raise(
    'PD001',
    _raise_unreadable.message,
    detail => 'Nothing was imported.',
    hint => 'Give the document as export_workflow has made it.'
  );
end
$$;
COMMENT ON FUNCTION perdure._raise_unreadable(message text) IS 'Raises PD001: this is wrong with the document of import_workflow.';
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
CREATE FUNCTION perdure._rate_room(queue_id integer, lane_id integer, rate_limit integer, rate_period interval, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_total bigint;
  v_before bigint;
begin
  if rate_limit is null then
    return 2147483647;
  end if;
  select s.total into v_total
  from starts s
  where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
  order by s.started_at desc
  limit 1;
  select s.total into v_before
  from starts s
  where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
    and s.started_at < at - rate_period
  order by s.started_at desc
  limit 1;
  if not found then
    -- What came before the oldest that is remembered was pruned, under a shorter period.
    select s.total - s.many into v_before
    from starts s
    where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
    order by s.started_at
    limit 1;
  end if;
  return rate_limit - (coalesce(v_total, 0) - coalesce(v_before, 0));
end
$$;
COMMENT ON FUNCTION perdure._rate_room(queue_id integer, lane_id integer, rate_limit integer, rate_period interval, at timestamp with time zone) IS 'How many more workflows may start now in a queue (lane 0) or a lane without exceeding its rate.';
CREATE FUNCTION perdure._read_cursor(cursor text, with_moment boolean, OUT at timestamp with time zone, OUT key bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
begin
  if cursor is null then
    return;
  end if;
  if cursor ~ (
    case
      when with_moment
        then '^[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z/-?[0-9]{1,18}$'
      else '^-?[0-9]{1,18}$'
    end
  ) then
    begin
      key := split_part(cursor, '/', case when with_moment then 2 else 1 end)::bigint;
      at := case when with_moment then split_part(cursor, '/', 1)::timestamptz end;
      return;
    exception
      when datetime_field_overflow or invalid_datetime_format then
        null;
    end;
  end if;
  perform _raise(
    'PD001',
    format('no cursor of this list: %s', left(cursor, 80)),
    hint => 'Give the cursor of the last row, with the same filters, and null for the first page.'
  );
end
$_$;
COMMENT ON FUNCTION perdure._read_cursor(cursor text, with_moment boolean, OUT at timestamp with time zone, OUT key bigint) IS 'The moment, if it has one, and the key of a cursor; nulls for null. Raises PD001 if it cannot be read.';
CREATE FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_other record;
begin
  if parent_steps is null or exists (select from unnest(parent_steps) as g (step) where g.step is null) then
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
    offset 0
  ) as s
  where s.child_id is distinct from g.child_id
  limit 1;
  if found then
    perform _raise_unexpected_step(v_other.parent_step, v_other.recorded, v_other.wanted);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) IS 'Records the start of children as steps of their parents. Raises PD001 without a step, PD005
if such a step is recorded as something else.';
CREATE FUNCTION perdure._record_now(workflow_key bigint, step integer, name text, output json DEFAULT NULL::json, retry_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_recorded text;
begin
  insert into steps (key, step, name, output, started_at, completed_at, retry_at)
  values (workflow_key, _record_now.step, _record_now.name, _record_now.output, _now(), _now(), _record_now.retry_at)
  on conflict (key, step) do nothing;
  if found then
    return null;
  end if;
  select s.name into v_recorded from steps s where s.key = workflow_key and s.step = _record_now.step;
  return case when v_recorded = _record_now.name then 'recorded before' else 'unexpected step' end;
end
$$;
COMMENT ON FUNCTION perdure._record_now(workflow_key bigint, step integer, name text, output json, retry_at timestamp with time zone) IS 'Records a step of the engine''s own, for the caller that holds the task. Returns null if it is recorded now,
else ''recorded before'' or ''unexpected step''.';
CREATE FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
CREATE FUNCTION perdure._recorded_before(workflow_key bigint, token bigint, step integer, name text) RETURNS json
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  if exists (
    select from steps s where s.key = workflow_key and s.step = _recorded_before.step
  ) then
    return _recorded_in_step(workflow_key, _recorded_before.token, _recorded_before.step, _recorded_before.name);
  end if;
  return null;
end
$$;
COMMENT ON FUNCTION perdure._recorded_before(workflow_key bigint, token bigint, step integer, name text) IS 'As _recorded_in_step, but locks nothing if nothing is recorded.';
CREATE FUNCTION perdure._recorded_in_step(workflow_key bigint, token bigint, step integer, name text) RETURNS json
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_name text;
  v_output json;
begin
  perform from tasks t
  where t.key = workflow_key and t.token = _recorded_in_step.token
  for no key update;
  if not found then
    perform _raise_lease_lost(workflow_key);
  end if;
  select s.name, s.output into v_name, v_output
  from steps s
  where s.key = workflow_key and s.step = _recorded_in_step.step;
  if v_name <> _recorded_in_step.name then
    perform _raise_unexpected_step(_recorded_in_step.step, v_name, _recorded_in_step.name);
  end if;
  return v_output;
end
$$;
COMMENT ON FUNCTION perdure._recorded_in_step(workflow_key bigint, token bigint, step integer, name text) IS 'What is recorded of a step of a workflow that the caller owns; null if nothing is. Raises PD004 if the caller does
not own it, PD005 if another step is recorded there.';
CREATE FUNCTION perdure._recorded_steps(workflow_key bigint) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  if exists (select from places p where p.key = _recorded_steps.workflow_key) then
    return (
      select json_agg(
        case
          when s.step is null then json_build_object('step', step, 'place', p.place)
          else json_build_object(
            'step', step,
            'name', s.name,
            'output', s.output,
            'error', s.error,
            'child_id', s.child_id,
            'attempts', s.attempts,
            'completed', s.completed_at is not null,
            'retry_in', extract(epoch from s.retry_at - _now()),
            'place', p.place
          )
        end
        order by step
      )
      from (select r.* from steps r where r.key = _recorded_steps.workflow_key) as s
      full join (select r.* from places r where r.key = _recorded_steps.workflow_key) as p using (step)
    );
  end if;
  return (
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
  );
end
$$;
COMMENT ON FUNCTION perdure._recorded_steps(workflow_key bigint) IS 'What is recorded of the steps of a workflow, as a JSON array in the order of the steps; null if
nothing is. retry_in: seconds until a failed step is to be tried again. Of a workflow with places each element has
place, or null; an element without a name is a number that is kept for a place.';
CREATE FUNCTION perdure._remove_trees(root_keys bigint[], OUT removed integer, OUT dealt_with integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_bite constant int := 10000;
  v_roots bigint[] := root_keys;
  v_of bigint[];
  v_keys bigint[];
  v_held bigint[];
  v_grown bigint[];
begin
  loop
    select array_agg(d.root_key), array_agg(d.key) into v_of, v_keys from _descendants(v_roots, v_bite + 1) as d;
    exit when cardinality(v_keys) <= v_bite or cardinality(v_roots) = 1;
    v_roots := v_roots[: (cardinality(v_roots) + 1) / 2];
  end loop;
  dealt_with := cardinality(v_roots);
  v_held := array(select o.key from outcomes o where o.key = any (v_keys) order by o.key for update skip locked);
  v_held := array(
    select w.key from workflows w where w.key = any (v_held) order by w.key for update skip locked
  );
  if cardinality(v_keys) > v_bite then
    if _is_active_below(v_roots[1]) then
      removed := 0;
      return;
    end if;
    v_held := array(
      select h.key
      from unnest(v_held) as h (key)
      where not exists (select from workflows c where c.parent_key = h.key offset 0)
    );
    if v_held <> '{}' then
      -- There is more of it.
      dealt_with := 0;
    end if;
  else
    -- What was resumed and has ended again, before it was locked here, may have started more.
    v_grown := array(
      select c.key
      from unnest(v_held) as h (key)
      cross join lateral (
        select f.key from workflows f where f.parent_key = h.key offset 0
      ) as c
      except
      select g.key from unnest(v_keys) as g (key)
    );
    if v_grown <> '{}' then
      v_held := array(
        select h.key from unnest(v_held) as h (key)
        except
        select w.parent_key from workflows w where w.key = any (v_grown)
      );
    end if;
    v_held := array(
      select g.key
      from unnest(v_of, v_keys) as g (root_key, key)
      join (
        select t.root_key
        from unnest(v_of, v_keys) as t (root_key, key)
        left join unnest(v_held) as h (key) on h.key = t.key
        group by t.root_key
        having count(*) = count(h.key)
      ) as whole on whole.root_key = g.root_key
    );
  end if;
  if v_held <> '{}' then
    perform _delete_held(v_held);
  end if;
  removed := cardinality(v_held);
end
$$;
COMMENT ON FUNCTION perdure._remove_trees(root_keys bigint[], OUT removed integer, OUT dealt_with integer) IS 'Removes workflows that have ended with all that they have started, if that has ended too. Returns how many
workflows it removed, and how many of the roots, in the order given, need not be looked at again.';
CREATE FUNCTION perdure._restart_retention(workflow text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update retention r
  set swept_at = '-infinity', swept_key = 0, sweep_began_at = null, cutoff_at = null, cutoff_key = null,
      counting_at = null, counting_key = null, counted = null, count_began_at = null,
      newest_at = null, newest_key = null
  where r.workflow in ('', _restart_retention.workflow);
end
$$;
COMMENT ON FUNCTION perdure._restart_retention(workflow text) IS 'Lets the policy of this name, and that for the rest, look at everything again.';
CREATE FUNCTION perdure._resume(waiting bigint[], ended bigint[], queue text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_keys bigint[] := waiting || ended;
  v_queue_ids int[];
  v_lane_ids int[];
  v_ageings double precision[];
  v_queues int[];
begin
  if v_keys = '{}' then
    return;
  end if;
  select
    array_agg(p.queue_id order by p.item), array_agg(p.lane_id order by p.item),
    array_agg(p.priority_ageing order by p.item), array_agg(distinct p.queue_id)
  into v_queue_ids, v_lane_ids, v_ageings, v_queues
  from _places_for(v_keys, _resume.queue) as p;
  delete from deduplications d where d.key = any (waiting);
  update tasks t
  set queue_id = g.queue_id,
      lane_id = g.lane_id,
      rank = w.priority + coalesce(extract(epoch from v_now) / g.ageing, 0),
      status = 'ENQUEUED',
      attempts = 0,
      failures = 0,
      wake_at = null,
      placed = false,
      expires_at = null,
      deduplicated = false,
      debounced = false,
      timeout = w.timeout,
      deadline = null
  from unnest(v_keys, v_queue_ids, v_lane_ids, v_ageings) as g (key, queue_id, lane_id, ageing)
  cross join lateral (select f.* from workflows f where f.key = g.key offset 0) as w
  where t.key = g.key;
  insert into tasks (
    key, queue_id, lane_id, rank, status, attempts, max_recovery_attempts, resumed, retries, timeout,
    app_version
  )
  select
    g.key, g.queue_id, g.lane_id, w.priority + coalesce(extract(epoch from v_now) / g.ageing, 0), 'ENQUEUED', 0,
    w.max_recovery_attempts, true, w.retries, w.timeout,
    coalesce((select o.app_version from outcomes o where o.key = g.key), '')
  from unnest(v_keys, v_queue_ids, v_lane_ids, v_ageings) with ordinality as g (key, queue_id, lane_id, ageing, item)
  cross join lateral (select f.* from workflows f where f.key = g.key offset 0) as w
  where g.item > cardinality(waiting);
  delete from outcomes o where o.key = any (ended);
  if _resume.queue <> '_internal' then
    perform from workflows w where w.key = any (v_keys) order by w.key for no key update;
    update workflows w
    set queue_id = g.queue_id, lane_id = g.lane_id,
        application = coalesce((select q.application from queues q where q.queue_id = g.queue_id), w.application)
    from unnest(v_keys, v_queue_ids, v_lane_ids) as g (key, queue_id, lane_id)
    where w.key = g.key;
  end if;
  perform _tell_returned(q.queue_id) from unnest(v_queues) as q (queue_id);
end
$$;
COMMENT ON FUNCTION perdure._resume(waiting bigint[], ended bigint[], queue text) IS 'Enqueues workflows anew that wait, and others that are CANCELLED or dead-lettered. The caller holds them. Raises
PD001 (partitions), PD007 (no such queue).';
CREATE FUNCTION perdure._resumed(workflow_keys bigint[], resumed_keys bigint[]) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    AS $$
#variable_conflict use_column
begin
  return query
  select
    g.item::int, g.workflow_id,
    case
      when g.is_resumed then 'resumed'
      when g.ended in ('SUCCESS', 'ERROR') then 'ended before'
      -- Also what was active, and is cancelled at this moment.
      else 'active'
    end,
    coalesce(g.ended, g.active)::text
  from (
    select
      k.key, k.item, r.key is not null as is_resumed,
      (select w.workflow_id from workflows w where w.key = k.key) as workflow_id,
      (select o.status from outcomes o where o.key = k.key) as ended,
      (select t.status from tasks t where t.key = k.key) as active
    from (
      select n.key, n.item from unnest(workflow_keys) with ordinality as n (key, item)
      union all
      select c.key, null
      from (
        select a.key from unnest(resumed_keys) as a (key) except select n.key from unnest(workflow_keys) as n (key)
      ) as c
    ) as k
    left join unnest(resumed_keys) as r (key) on r.key = k.key
  ) as g
  order by g.item nulls last, g.key;
end
$$;
COMMENT ON FUNCTION perdure._resumed(workflow_keys bigint[], resumed_keys bigint[]) IS 'What resume_many returns: a row for each workflow that was named, then one for each child that was resumed.';
CREATE FUNCTION perdure._retained_roots(policy perdure.retention, workflow_keys bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
begin
  return array(
    select g.key
    from unnest(workflow_keys) with ordinality as g (key, place)
    cross join lateral (
      select f.name, f.parent_key from workflows f where f.key = g.key offset 0
    ) as w
    cross join lateral (
      select e.status from outcomes e where e.key = g.key offset 0
    ) as o
    where case
        when policy.workflow <> '' then w.name = policy.workflow
        else not exists (select from retention r where r.workflow = w.name)
      end
      and (policy.statuses is null or o.status::text = any (policy.statuses))
      and (
        w.parent_key is null
        or not exists (select from workflows p where p.key = w.parent_key offset 0)
      )
    order by g.place
  );
end
$$;
COMMENT ON FUNCTION perdure._retained_roots(policy perdure.retention, workflow_keys bigint[]) IS 'Of these ended workflows, in their order, those that this policy decides about: of its name and statuses, and
children of nobody who is still there.';
CREATE FUNCTION perdure._retry_failed(workflow_keys bigint[], tokens bigint[], errors json[], at timestamp with time zone) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_retrying bigint[];
  v_tokens bigint[];
  v_errors json[];
begin
  -- All of the batch is locked here, also what has not failed: finish_many locks that next, and
  -- whoever locks several does it by key.
  with held as materialized (
    select t.key, t.token, g.error, g.error is not null and t.failures < t.retries as is_retried
    from (
      -- Of two items for one claim the first counts.
      select distinct on (e.key, e.token) e.*
      from unnest(workflow_keys, tokens, errors) with ordinality as e (key, token, error, item)
      order by e.key, e.token, e.item
    ) as g
    join tasks t on t.key = g.key and t.token = g.token
    order by t.key
    for no key update of t
  ),
  retrying as (
    update tasks t
    set status = 'DELAYED',
        failures = t.failures + 1,
        attempts = 0,
        wake_at = _retry_failed.at + _backoff(w.retry_interval, w.retry_backoff, w.retry_max_interval, t.failures + 1),
        executor_id = null,
        token = null,
        placed = false,
        resumed = true
    from held h
    cross join lateral (select f.* from workflows f where f.key = h.key offset 0) as w
    where t.key = h.key and h.is_retried
      -- One that could not begin before the deadline: it ends with its error instead.
      and (
        t.deadline <= _retry_failed.at + _backoff(w.retry_interval, w.retry_backoff, w.retry_max_interval, t.failures + 1)
      ) is not true
    returning t.key, h.token, h.error
  )
  select array_agg(r.key), array_agg(r.token), array_agg(r.error) into v_retrying, v_tokens, v_errors from retrying r;
  if v_retrying is not null then
    delete from steps s
    using unnest(v_retrying, v_errors) as g (key, error)
    where s.key = g.key
      and (
        s.step > coalesce(
          (select max(e.step) from steps e where e.key = s.key and e.error is null and e.completed_at is not null),
          0
        )
        or s.completed_at is not null and s.error is not null and _same_error(s.error, g.error)
      );
  end if;
  return v_tokens;
end
$$;
COMMENT ON FUNCTION perdure._retry_failed(workflow_keys bigint[], tokens bigint[], errors json[], at timestamp with time zone) IS 'Of these failed workflows, delays those that have retries left, from this moment on. Returns the tokens that they gave up.';
CREATE FUNCTION perdure._same_error(one json, other json) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return one->>'name' = other->>'name' and one->>'message' is not distinct from other->>'message';
exception
  -- An error may hold what `->>` cannot turn into text: \u0000, or half a surrogate pair.
  when data_exception then
    return one::text = other::text;
end
$$;
COMMENT ON FUNCTION perdure._same_error(one json, other json) IS 'Whether two recorded errors have the same name and message.';
CREATE FUNCTION perdure._schedule(schedule text) RETURNS perdure.schedules
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_schedule schedules;
begin
  select s.* into v_schedule
  from schedules s
  where s.name = _schedule.schedule;
  if not found then
    perform _check_text('schedule', _schedule.schedule);
    perform _raise(
      'PD020',
      format('schedule %L does not exist', _schedule.schedule),
      hint => format('Those there are: select schedule from %I.list_schedules()', current_schema())
    );
  end if;
  return v_schedule;
end
$$;
COMMENT ON FUNCTION perdure._schedule(schedule text) IS 'The row of a schedule. Raises PD020 if there is none of that name, PD001 for a name that none can have.';
CREATE FUNCTION perdure._send(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_many int := coalesce(cardinality(workflow_ids), 0);
  v_message_ids bigint[];
  v_keys bigint[];
  v_unknown text;
  v_sent_keys bigint[];
  v_sent_topics text[];
begin
  if v_many <> any (array[
    coalesce(cardinality(_send.messages), 0),
    coalesce(cardinality(topics), v_many),
    coalesce(cardinality(idempotency_keys), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays of messages to send differ in length',
      hint => 'Give each array one element for each message.'
    );
  end if;
  perform _check_text('topic', g.topic) from unnest(topics) as g (topic) where octet_length(g.topic) > 512;
  perform _check_text('idempotency key', g.key)
  from unnest(idempotency_keys) as g (key)
  where octet_length(g.key) not between 1 and 512;
  select
    array_agg(nextval('message_ids') order by g.item),
    array_agg(w.key order by g.item),
    min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_message_ids, v_keys, v_unknown
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  perform _hold_waiters(v_keys);
  with sent as (
    insert into messages (message_id, key, topic, message, idempotency_key, sent_at)
    select g.message_id, g.key, coalesce(g.topic, ''), g.message, g.idempotency_key, _now()
    from unnest(v_message_ids, v_keys, topics, _send.messages, idempotency_keys)
      as g (message_id, key, topic, message, idempotency_key)
    -- Two senders of the same idempotency keys in another order do not wait for each other in a circle.
    order by g.key, g.idempotency_key collate "C", g.message_id
    on conflict (key, idempotency_key) where idempotency_key is not null do nothing
    returning key, topic
  )
  select array_agg(s.key), array_agg(s.topic) into v_sent_keys, v_sent_topics from sent s;
  if v_sent_keys is not null then
    perform _wake_waiters(v_sent_keys, 'message', v_sent_topics);
  end if;
  return coalesce(cardinality(v_sent_keys), 0);
end
$$;
COMMENT ON FUNCTION perdure._send(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) IS 'The body of send_many and send_in_step.';
CREATE FUNCTION perdure._set_attributes(workflow_id text, attributes jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_attributes jsonb := case when jsonb_typeof(_set_attributes.attributes) <> 'null' then _set_attributes.attributes end;
begin
  perform _check_origins(array[row(v_attributes, null, null, null, null, null)::workflow_origin]);
  update workflows w
  set attributes = v_attributes
  where w.workflow_id = _set_attributes.workflow_id;
  if not found then
    perform _raise_workflow_not_found(_set_attributes.workflow_id);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._set_attributes(workflow_id text, attributes jsonb) IS 'Gives a workflow these attributes. Raises PD001 if they are no object, PD002 if it does not exist.';
CREATE FUNCTION perdure._set_queue(queue perdure.queues) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
#variable_conflict use_column
declare
  v_old queues;
  v_limited boolean;
begin
  perform _check_queue(queue);
  if queue.internal then
    perform _raise(
      'PD001',
      'the internal queue has no settings',
      hint => 'Directly started workflows are recovered through it, without delay and without limits.'
    );
  end if;
  select q.* into v_old from queues q where q.queue_id = queue.queue_id;
  if v_old.partitioned <> queue.partitioned or v_old.priority_ageing is distinct from queue.priority_ageing then
    -- Enqueueing that is under way has chosen its partitions and ranks already: it is waited for.
    perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, hashtext(queue.name));
    -- And what enqueues later in a snapshot that is older finds out: the change of a row that is locked so counts as
    -- one of its key, and _queue meets 40001.
    perform from queues q where q.queue_id = queue.queue_id for update;
  end if;
  if v_old.partitioned <> queue.partitioned and exists (select from tasks t where t.queue_id = queue.queue_id) then
    perform _raise(
      'PD013',
      format('queue %L cannot change whether it has partitions: it has active workflows', queue.name),
      hint => 'Let it run empty first, or use another queue.'
    );
  end if;
  update queues q
  set paused = queue.paused,
      concurrency = queue.concurrency,
      worker_concurrency = queue.worker_concurrency,
      rate_limit = queue.rate_limit,
      rate_period = _exact_span(queue.rate_period),
      partitioned = queue.partitioned,
      partition_concurrency = queue.partition_concurrency,
      partition_rate_limit = queue.partition_rate_limit,
      partition_rate_period = _exact_span(queue.partition_rate_period),
      priority_ageing = queue.priority_ageing,
      application = queue.application
  where q.queue_id = queue.queue_id
  returning q.limited into v_limited;
  -- A rate that is given up begins anew. So there is a remedy for starts at a moment that is still to come,
  -- from a clock that was wrong: they would hold the queue back until then.
  -- (Those of the queue keep the moments of the partitions in order, too: they go last.)
  if queue.partition_rate_limit is null and (v_old.rate_limit is not null or v_old.partition_rate_limit is not null) then
    delete from starts s
    where s.queue_id = queue.queue_id and (s.lane_id > 0 or queue.rate_limit is null);
  end if;
  if v_limited and not v_old.limited then
    with running as materialized (
      select t.key
      from tasks t
      where t.queue_id = queue.queue_id and t.status = 'PENDING' and not t.placed
      order by t.key
      for no key update
    )
    update tasks t
    set placed = true
    from running r
    where t.key = r.key;
  end if;
  if v_old.priority_ageing is distinct from queue.priority_ageing then
    with ranked as materialized (
      select t.key
      from tasks t
      where t.queue_id = queue.queue_id
      order by t.key
      for no key update
    )
    update tasks t
    set rank = w.priority
      + coalesce(extract(epoch from w.created_at) / extract(epoch from queue.priority_ageing), 0)
    from ranked r
    join workflows w on w.key = r.key
    where t.key = r.key;
    perform _drop_floors(array[queue.queue_id]);
  end if;
  perform _notify_queue(queue.queue_id);
end
$$;
COMMENT ON FUNCTION perdure._set_queue(queue perdure.queues) IS 'Gives a queue these settings, from the next claim on. Raises PD001 if they do not fit, PD013 if partitions
would come or go under active workflows.';
CREATE FUNCTION perdure._sides(filter perdure.workflow_filter, statuses text[]) RETURNS TABLE(side text, statuses_there perdure.workflow_status[], part perdure.workflow_filter)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_part workflow_filter := filter;
  v_parts workflow_filter[] := array[]::workflow_filter[];
  v_name text;
  v_executor_id bigint;
  v_ended boolean := num_nonnulls(filter.completed_from, filter.completed_until) > 0;
  v_wanted workflow_status[] := statuses::workflow_status[];
  v_apart boolean := v_wanted is not null or v_ended or filter.executor_ids is not null or filter.app_versions is not null
    or num_nonnulls(filter.started_from, filter.started_until) > 0;
begin
  if exists (
    select
    from unnest(array[
      cardinality(filter.workflow_ids), cardinality(filter.id_patterns), cardinality(filter.names),
      cardinality(filter.app_versions), cardinality(filter.users), cardinality(filter.queue_ids),
      cardinality(filter.executor_ids), cardinality(filter.parent_keys), cardinality(filter.forked_from),
      cardinality(filter.schedules), cardinality(filter.applications), cardinality(v_wanted)
    ]) as a (many)
    where a.many = 0
  ) then
    return;
  end if;
  if cardinality(filter.names) between 2 and 20 then
    foreach v_name in array array(select distinct n.name from unnest(filter.names) as n (name)) loop
      v_part.names := array[v_name];
      v_parts := array_append(v_parts, v_part);
    end loop;
  elsif cardinality(filter.executor_ids) between 2 and 20 then
    foreach v_executor_id in array filter.executor_ids loop
      v_part.executor_ids := array[v_executor_id];
      v_parts := array_append(v_parts, v_part);
    end loop;
  else
    v_parts := array[filter];
  end if;
  return query
  select s.side, s.statuses_there, p
  from (
    select 'all', null::workflow_status[] where not v_apart
    union all
    select 'active', null where v_apart and v_wanted is null and not v_ended
    union all
    select 'ended', null where v_apart and v_wanted is null
    union all
    select 'active', array_agg(distinct w.status)
    from unnest(v_wanted) as w (status)
    where w.status < 'SUCCESS' and not v_ended
    having count(*) > 0
    union all
    select distinct 'ended', array[w.status]
    from unnest(v_wanted) as w (status)
    where w.status >= 'SUCCESS'
  ) as s (side, statuses_there)
  cross join unnest(v_parts) as p;
end
$$;
COMMENT ON FUNCTION perdure._sides(filter perdure.workflow_filter, statuses text[]) IS 'Where to look for what passes a filter: all, active, or ended, for which statuses, and with which filter; no row if
nothing can pass.';
CREATE FUNCTION perdure._span(span interval) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_seconds numeric := extract(epoch from span);
begin
  if v_seconds > -86400 and v_seconds < 86400 then
    -- Postgres writes -5 seconds as -00:00:05, or as -1 days +23:59:55.
    return trim_scale(v_seconds) || case when abs(v_seconds) = 1 then ' second' else ' seconds' end;
  end if;
  return coalesce(span::text, 'null');
end
$$;
COMMENT ON FUNCTION perdure._span(span interval) IS 'A span for people: what is shorter than a day in seconds.';
CREATE FUNCTION perdure._start_ticks(schedule perdure.schedules, ticks timestamp with time zone[], kind text DEFAULT ''::text) RETURNS TABLE(workflow_id text, tick timestamp with time zone, created boolean)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_ids text[] := array(
    select format('sched-%s-%s%s', schedule.name, kind, _iso(t.tick, 'UTC'))
    from unnest(ticks) with ordinality as t (tick, item)
    order by t.item
  );
  v_new text[];
  v_inputs json[];
  v_many int;
  v_queue queues;
  v_options enqueue_options;
begin
  select
    array_agg(t.id order by t.item),
    array_agg(json_build_array(_iso(t.tick, schedule.zone), schedule.context) order by t.item)
  into v_new, v_inputs
  from unnest(v_ids, ticks) with ordinality as t (id, tick, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = t.id offset 0
  ) as w on true
  where w.key is null;
  v_many := cardinality(v_new);
  if v_many > 0 then
    v_queue := _queue(schedule.queue, create_queue => true, application => schedule.application);
    v_options.schedule := schedule.name;
    v_options.application := schedule.application;
    if v_queue.partitioned then
      v_options.lane_ids := _lane_ids(v_queue, array_fill(schedule.name, array[v_many]), v_many);
    end if;
    select array_agg(c.workflow_id) into v_new
    from _create_workflows(
      array_fill(schedule.workflow, array[v_many]), v_inputs, v_new, v_queue.queue_id, null,
      array_fill(schedule.max_recovery_attempts, array[v_many]), null, null, null, null, null, v_options
    ) as c
    where c.created;
    perform _notify_queue(v_queue.queue_id);
  end if;
  return query
  select t.id, t.tick, coalesce(t.id = any (v_new), false)
  from unnest(v_ids, ticks) with ordinality as t (id, tick, item)
  order by t.item;
end
$$;
COMMENT ON FUNCTION perdure._start_ticks(schedule perdure.schedules, ticks timestamp with time zone[], kind text) IS 'Enqueues a workflow of a schedule for each of these ticks, unless it exists. kind: what stands before the
time in its id. Returns a row for each: its id, the tick, and whether it is new.';
CREATE FUNCTION perdure._sweep(policy perdure.retention, max_workflows integer, OUT swept_at timestamp with time zone, OUT swept_key bigint, OUT sweep_began_at timestamp with time zone, OUT removed integer, OUT is_done boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_horizon record;
  v_keys bigint[];
  v_moments timestamptz[];
  v_roots bigint[];
  v_dealt_with int;
  v_place int;
begin
  swept_at := policy.swept_at;
  swept_key := policy.swept_key;
  sweep_began_at := policy.sweep_began_at;
  removed := 0;
  is_done := true;
  v_horizon := _horizon(policy, v_now);
  if v_horizon.completed_at is null then
    return;
  end if;
  if sweep_began_at is null or sweep_began_at > v_now then
    sweep_began_at := v_now;
  end if;
  select
    array_agg(s.key order by s.completed_at, s.key), array_agg(s.completed_at order by s.completed_at, s.key)
  into v_keys, v_moments
  from (
    select o.completed_at, o.key
    from outcomes o
    where o.completed_at >= _sweep.swept_at
      and (o.completed_at, o.key) > (_sweep.swept_at, _sweep.swept_key)
      and (o.completed_at, o.key) <= (v_horizon.completed_at, v_horizon.key)
    order by o.completed_at, o.key
    limit 1000
  ) as s;
  v_place := coalesce(cardinality(v_keys), 0);
  is_done := v_place < 1000;
  v_roots := _retained_roots(policy, v_keys);
  if v_roots <> '{}' then
    select r.removed, r.dealt_with into removed, v_dealt_with
    from _remove_trees(v_roots[: max_workflows]) as r;
    if v_dealt_with < cardinality(v_roots) then
      -- On to just before the first that is left.
      v_place := array_position(v_keys, v_roots[v_dealt_with + 1]) - 1;
      is_done := false;
    end if;
  end if;
  if v_place > 0 then
    swept_at := v_moments[v_place];
    swept_key := v_keys[v_place];
  end if;
  if is_done and sweep_began_at < v_now - interval '1 day' then
    swept_at := '-infinity';
    swept_key := 0;
    sweep_began_at := v_now;
    is_done := false;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._sweep(policy perdure.retention, max_workflows integer, OUT swept_at timestamp with time zone, OUT swept_key bigint, OUT sweep_began_at timestamp with time zone, OUT removed integer, OUT is_done boolean) IS 'Removes what a policy does not keep, about so many workflows at the most. Returns how far it has come, how many
were removed, and whether there is nothing more for now.';
CREATE FUNCTION perdure._take_first(queue_id integer, app_version text, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_floor floors := _floor(queue_id, app_version);
  v_keys bigint[] := '{}'::bigint[];
  v_last bigint;
begin
  if v_floor.rank is not null and exists (
    select from tasks t
    where t.status = 'ENQUEUED' and not t.placed
      and t.queue_id = _take_first.queue_id and t.app_version = _take_first.app_version
      and t.lane_id = 0 and t.rank < v_floor.rank
  ) then
    v_keys := _take_ready(
      queue_id, app_version, 0, executor_id, own_version, max_workflows, placed, at,
      before_rank => v_floor.rank
    );
  end if;
  if cardinality(v_keys) < max_workflows then
    v_keys := v_keys || _take_ready(
      queue_id, app_version, 0, executor_id, own_version, max_workflows - cardinality(v_keys), placed, at,
      from_rank => coalesce(v_floor.rank, '-Infinity'),
      from_key => coalesce(v_floor.key, -1)
    );
  end if;
  select max(g.key) into v_last from unnest(v_keys) as g (key);
  if v_last > coalesce(v_floor.candidate_key, 0) + 500 then
    perform _raise_floor(queue_id, app_version, v_floor, v_last);
  end if;
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._take_first(queue_id integer, app_version text, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) IS 'Hands the first workflows of a version of a queue without partitions to an executor, with or without a place in
the limits. Returns their keys, in no order.';
CREATE FUNCTION perdure._take_lane(queue_id integer, versions text[], lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_version text;
  v_many int;
  v_keys bigint[] := '{}'::bigint[];
begin
  if cardinality(versions) = 1 then
    if lane_id = 0 then
      return _take_first(queue_id, versions[1], executor_id, own_version, max_workflows, placed, at);
    end if;
    return _take_ready(queue_id, versions[1], lane_id, executor_id, own_version, max_workflows, placed, at);
  end if;
  for v_version, v_many in
    select g.app_version, g.many
    from (
      select 1 as turn, n.app_version, count(*) as many
      from (
        select v.app_version, h.rank, h.key
        from unnest(versions) as v (app_version)
        left join lateral _floor(queue_id, v.app_version) as f on _take_lane.lane_id = 0
        cross join lateral (
          (
            select t.rank, t.key
            from tasks t
            where t.status = 'ENQUEUED' and not t.placed
              and t.queue_id = _take_lane.queue_id
              and t.app_version = v.app_version
              and t.lane_id = _take_lane.lane_id
              and t.rank < f.rank
              and (t.expires_at > at) is not false
              and (t.deadline > at) is not false
            order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
            limit max_workflows
          )
          union all
          (
            select t.rank, t.key
            from tasks t
            where t.status = 'ENQUEUED' and not t.placed
              and t.queue_id = _take_lane.queue_id
              and t.app_version = v.app_version
              and t.lane_id = _take_lane.lane_id
              and (t.rank, t.key) >= (coalesce(f.rank, '-Infinity'), coalesce(f.key, -1))
              and (t.expires_at > at) is not false
              and (t.deadline > at) is not false
            order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
            limit max_workflows
          )
        ) as h
        order by h.rank, h.key
        limit max_workflows
      ) as n
      group by n.app_version
      union all
      select 2, v.app_version, max_workflows from unnest(versions) as v (app_version)
    ) as g
    order by g.turn, random()
  loop
    v_many := least(v_many, max_workflows - cardinality(v_keys));
    exit when v_many <= 0;
    if lane_id = 0 then
      v_keys := v_keys || _take_first(queue_id, v_version, executor_id, own_version, v_many, placed, at);
    else
      v_keys := v_keys || _take_ready(queue_id, v_version, lane_id, executor_id, own_version, v_many, placed, at);
    end if;
  end loop;
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._take_lane(queue_id integer, versions text[], lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) IS 'Hands the first workflows of a lane, of these versions, to an executor, with or without a place in the limits.
Returns their keys, in no order.';
CREATE FUNCTION perdure._take_message(workflow_key bigint, topic text) RETURNS TABLE(message json)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_message_id bigint;
  v_keyed boolean;
begin
  select m.message_id, m.idempotency_key is not null, m.message
  into v_message_id, v_keyed, message
  from messages m
  where m.key = workflow_key and m.topic = _take_message.topic and not m.received
  order by m.key, m.topic, m.message_id
  limit 1;
  if not found then
    return;
  end if;
  if v_keyed then
    -- Its key keeps it from being sent again.
    update messages m
    set received = true, message = null
    where m.message_id = v_message_id;
  else
    delete from messages m where m.message_id = v_message_id;
  end if;
  return next;
end
$$;
COMMENT ON FUNCTION perdure._take_message(workflow_key bigint, topic text) IS 'Takes the first message of a topic from a workflow''s messages; no row if there is none. The caller holds the
task of the workflow, so nobody else takes it.';
CREATE FUNCTION perdure._take_over(max_workflows integer) RETURNS TABLE(executors integer, workflows_requeued integer, workflows_dead_lettered integer)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_executor_id bigint;
  v_left int := max_workflows;
  v_lost bigint[];
  v_dead bigint[];
  v_queues int[];
begin
  executors := 0;
  workflows_requeued := 0;
  workflows_dead_lettered := 0;
  for v_executor_id in
    select e.executor_id
    from executors e
    where e.lapsed or e.lease_until < clock_timestamp()
    -- Those that were marked before, and still have tasks, come last and by lot: others hold their tasks,
    -- and they must not keep the rest waiting.
    order by e.lapsed, case when e.lapsed then random() end, e.executor_id
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
    select
      array_agg(l.key) filter (where not l.spent), array_agg(l.key) filter (where l.spent)
    into v_lost, v_dead
    from (
      select t.key, t.attempts > t.max_recovery_attempts as spent
      from tasks t
      where t.executor_id = v_executor_id
      order by t.key
      limit v_left
      for update skip locked
    ) as l;
    with requeued as (
      update tasks t
      set status = 'ENQUEUED', executor_id = null, token = null, placed = false, resumed = true
      where t.key = any (v_lost)
      returning t.queue_id
    )
    select array_agg(distinct r.queue_id) into v_queues from requeued r;
    perform _tell_returned(q.queue_id) from unnest(v_queues) as q (queue_id);
    if v_dead is not null then
      perform _end_tasks(
        d.keys, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED',
        json_build_object(
          'name', 'MaxRecoveryAttemptsExceeded',
          'message', format('the worker that ran it died %s times', d.attempts),
          'code', 'PD010',
          'data', json_build_object('attempts', d.attempts)
        )
      )
      from (
        select t.attempts, array_agg(t.key) as keys from tasks t where t.key = any (v_dead) group by t.attempts
      ) as d;
      perform _alert('dead letter');
    end if;
    workflows_requeued := workflows_requeued + coalesce(cardinality(v_lost), 0);
    workflows_dead_lettered := workflows_dead_lettered + coalesce(cardinality(v_dead), 0);
    v_left := v_left - coalesce(cardinality(v_lost), 0) - coalesce(cardinality(v_dead), 0);
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
CREATE FUNCTION perdure._take_partitions(queue perdure.queues, executor_id bigint, max_workflows integer, at timestamp with time zone, versions text[], own_version text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_last int;
  v_lane int;
  v_next int;
  v_wrapped boolean := false;
  v_around boolean := false;
  v_room int;
  v_lanes int[] := array[]::int[];
  v_rooms int[] := array[]::int[];
  v_taken int[] := array[]::int[];
  v_served int := 0;
  v_turn int;
  v_left int := max_workflows;
  v_found bigint[];
  v_keys bigint[] := array[]::bigint[];
begin
  select u.lane_id into v_last
  from turns u
  where u.queue_id = queue.queue_id
  order by u.queue_id, u.turn desc
  limit 1;
  v_last := coalesce(v_last, -1);
  v_lane := v_last;
  loop
    -- The next partitions that have work and room, as many as may still be taken from.
    while not v_around and cardinality(v_lanes) - v_served < v_left loop
      select min(n.lane_id) into v_next
      from unnest(versions) as v (app_version)
      cross join lateral (
        select t.lane_id
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed
          and t.queue_id = queue.queue_id
          and t.app_version = v.app_version
          and t.lane_id > v_lane
        order by t.queue_id, t.app_version, t.lane_id
        limit 1
      ) as n;
      if v_next is null and not v_wrapped then
        v_wrapped := true;
        v_lane := -1;
        continue;
      end if;
      v_around := v_next is null or v_wrapped and v_next > v_last;
      exit when v_around;
      v_lane := v_next;
      v_room := max_workflows;
      if queue.partition_concurrency is not null then
        -- As _places_taken, but here: the call costs more than the count, and many partitions may be full.
        v_room := least(v_room, queue.partition_concurrency - (
          select count(*)
          from (
            select from tasks t
            where t.placed and t.queue_id = queue.queue_id and t.lane_id = v_lane
            limit queue.partition_concurrency
          ) as taken
        ));
      end if;
      if queue.partition_rate_limit is not null then
        v_room := least(v_room,
          _rate_room(queue.queue_id, v_lane, queue.partition_rate_limit, queue.partition_rate_period, at));
      end if;
      if v_room > 0 then
        v_lanes := v_lanes || v_lane;
        v_rooms := v_rooms || v_room;
        v_taken := v_taken || 0;
      end if;
    end loop;
    while v_served < cardinality(v_lanes) loop
      v_served := v_served + 1;
      v_found := _take_lane(
        queue.queue_id, versions, v_lanes[v_served], executor_id, own_version,
        least(v_rooms[v_served], ceil(v_left / (cardinality(v_lanes) - v_served + 1)::numeric)::int),
        true, at
      );
      if v_found <> '{}' then
        v_taken[v_served] := cardinality(v_found);
        v_keys := v_keys || v_found;
        v_left := v_left - cardinality(v_found);
        v_turn := v_lanes[v_served];
      end if;
    end loop;
    -- All that waits in a partition may be locked or have expired: then others are looked at.
    exit when v_left = 0 or v_around;
  end loop;
  for v_index in 1 .. cardinality(v_lanes) loop
    v_room := least(v_left, v_rooms[v_index] - v_taken[v_index]);
    continue when v_room <= 0;
    v_found := _take_lane(
      queue.queue_id, versions, v_lanes[v_index], executor_id, own_version, v_room, true, at
    );
    v_taken[v_index] := v_taken[v_index] + cardinality(v_found);
    v_keys := v_keys || v_found;
    v_left := v_left - cardinality(v_found);
  end loop;
  if v_keys <> '{}' then
    insert into turns (queue_id, lane_id) values (queue.queue_id, coalesce(v_turn, v_last));
    if queue.partition_rate_limit is not null then
      perform _count_starts(queue.queue_id, v_lanes[g.i], v_taken[g.i], at)
      from generate_subscripts(v_lanes, 1) as g (i);
    end if;
  end if;
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._take_partitions(queue perdure.queues, executor_id bigint, max_workflows integer, at timestamp with time zone, versions text[], own_version text) IS 'Hands workflows of these versions in a partitioned queue to an executor, in turn over its partitions and within their
limits. Returns their keys, in no order.';
CREATE FUNCTION perdure._take_ready(queue_id integer, app_version text, lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone, from_rank double precision DEFAULT '-Infinity'::double precision, from_key bigint DEFAULT '-1'::integer, before_rank double precision DEFAULT 'Infinity'::double precision) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
begin
  -- Two statements: what is locked cannot change in between, and the update needs no join.
  v_keys := array(
    select t.key
    from tasks t
    where t.status = 'ENQUEUED' and not t.placed
      and t.queue_id = _take_ready.queue_id
      and t.app_version = _take_ready.app_version
      and t.lane_id = _take_ready.lane_id
      and (t.rank, t.key) >= (from_rank, from_key) and t.rank < before_rank
      and (t.expires_at > at) is not false
      and (t.deadline > at) is not false
    order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
    limit max_workflows
    for update skip locked
  );
  if v_keys = '{}' then
    return v_keys;
  end if;
  update tasks t
  set status = 'PENDING',
      executor_id = _take_ready.executor_id,
      token = nextval('claim_tokens'),
      attempts = t.attempts + 1,
      started_at = at,
      -- It has started: however it comes back, it does not expire any more.
      expires_at = null,
      -- From the first start on, and never again.
      deadline = least(t.deadline, at + t.timeout),
      timeout = null,
      placed = _take_ready.placed,
      app_version = coalesce(own_version, t.app_version)
  where t.key = any (v_keys);
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._take_ready(queue_id integer, app_version text, lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone, from_rank double precision, from_key bigint, before_rank double precision) IS 'Hands the first workflows of a lane and version, or of a part of their order, to an executor, with or without a
place in the limits. Returns their keys, in no order.';
CREATE FUNCTION perdure._take_returning(queue_id integer, executor_id bigint, max_workflows integer, versions text[], own_version text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_version text;
  v_found bigint[];
  v_keys bigint[] := '{}'::bigint[];
begin
  -- Mostly nothing does, and to see that costs less than half.
  if not exists (
    select from tasks t
    where t.status = 'ENQUEUED' and t.placed and t.queue_id = _take_returning.queue_id
  ) then
    return v_keys;
  end if;
  foreach v_version in array versions loop
    with ready as materialized (
      select t.key
      from tasks t
      where t.status = 'ENQUEUED' and t.placed
        and t.queue_id = _take_returning.queue_id
        and t.app_version = v_version
        and (t.deadline > v_now) is not false
      order by t.queue_id, t.app_version, t.key
      limit max_workflows - cardinality(v_keys)
      for update skip locked
    ),
    claimed as (
      update tasks t
      set status = 'PENDING',
          executor_id = _take_returning.executor_id,
          token = nextval('claim_tokens'),
          attempts = t.attempts + 1,
          app_version = coalesce(own_version, t.app_version)
      from ready r
      where t.key = r.key
      returning t.key
    )
    select array_agg(c.key) into v_found from claimed c;
    v_keys := v_keys || v_found;
  end loop;
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._take_returning(queue_id integer, executor_id bigint, max_workflows integer, versions text[], own_version text) IS 'Hands workflows of these versions that return to a limited queue, and have kept their place there, to an executor.';
CREATE FUNCTION perdure._take_wakes(max_workflows integer) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_unseen wakes;
  v_wakes bigint[];
  v_down bigint[];
  v_called bigint[];
begin
  for v_unseen in
    select w.*
    from wakes w
    where w.kind is not null
    order by w.wake_id
    limit max_workflows
    for update skip locked
  loop
    perform _wake_waiters(array[v_unseen.key], v_unseen.kind, array[v_unseen.name]);
    delete from wakes w where w.wake_id = v_unseen.wake_id;
  end loop;
  select array_agg(d.wake_id) into v_wakes
  from (
    select w.wake_id
    from wakes w
    where w.kind is null
    order by w.wake_id
    limit max_workflows
    for update skip locked
  ) as d;
  if v_wakes is null then
    return null;
  end if;
  -- Read before they are locked: what is not put down now was seen to, or will look by itself.
  v_down := array(
    select distinct t.key
    from unnest(v_wakes) as g (wake_id)
    join wakes w on w.wake_id = g.wake_id
    join tasks t on t.key = w.key
    where t.status = 'PENDING' and t.executor_id is null
  );
  v_called := array(
    select t.key
    from tasks t
    where t.key = any (v_down) and t.status = 'PENDING' and t.executor_id is null
    order by t.key
    for update skip locked
  );
  delete from wakes w
  where w.wake_id = any (v_wakes) and (w.key <> all (v_down) or w.key = any (v_called));
  -- However many messages a workflow was sent, it is woken once. Only of those that the caller enqueues:
  -- others may have been put down and called again since they were read.
  delete from wakes w
  where w.wake_id = any (array(
    select e.wake_id
    from unnest(v_called) as g (key)
    cross join lateral (
      select o.wake_id from wakes o where o.key = g.key and o.kind is null limit 10000 for update skip locked
    ) as e
  ));
  return v_called;
end
$$;
COMMENT ON FUNCTION perdure._take_wakes(max_workflows integer) IS 'Takes wake-ups for workflows that were put down, at most so many, and returns the keys of those workflows. The
caller enqueues them.';
CREATE FUNCTION perdure._tell_returned(queue_id integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _drop_floors(array[queue_id]);
  perform _notify_queue(queue_id);
end
$$;
COMMENT ON FUNCTION perdure._tell_returned(queue_id integer) IS 'Something that was enqueued before waits again, at its old place: claims look from the front, and idle
workers are told.';
CREATE FUNCTION perdure._time_out(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _end_tasks(
    workflow_keys, 'CANCELLED',
    json_build_object(
      'name', 'WorkflowTimedOut', 'message', 'it had not ended at its deadline', 'code', null, 'data', null
    )
  );
end
$$;
COMMENT ON FUNCTION perdure._time_out(workflow_keys bigint[]) IS 'Cancels workflows whose deadline has passed. The caller holds their tasks.';
CREATE FUNCTION perdure._time_out_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_due bigint[];
begin
  select array_agg(d.key) into v_due
  from (
    select t.key
    from tasks t
    where t.deadline is not null and t.deadline <= v_now
    order by t.deadline, t.key
    limit max_workflows
    for update skip locked
  ) as d;
  if v_due is null then
    return 0;
  end if;
  perform _time_out(v_due);
  return cardinality(v_due);
end
$$;
COMMENT ON FUNCTION perdure._time_out_due(max_workflows integer) IS 'Cancels workflows whose deadline has passed, in whatever state they are, earliest first, at most so many.
Returns how many.';
CREATE FUNCTION perdure._turn_back_schedules() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_schedule schedules;
begin
  for v_schedule in
    select s.*
    from schedules s
    where s.reckoned_at > v_now and s.next_at > v_now
    order by s.reckoned_at
    limit 1000
    for update skip locked
  loop
    v_schedule.next_at := v_now;
    update schedules s
    set next_at = least(s.next_at, d.next_at),
        reckoned_at = v_now
    from _due_ticks(v_schedule, v_now, 1) as d
    where s.name = v_schedule.name;
  end loop;
end
$$;
COMMENT ON FUNCTION perdure._turn_back_schedules() IS 'Gives up to 1000 schedules whose next tick was reckoned in what is now the future, because the clock was set back, the
next tick after the present.';
CREATE FUNCTION perdure._version_back(workflow_key bigint, attempts integer, app_version text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  if _version_back.app_version = '' or attempts > 1
    or exists (select from steps s where s.key = workflow_key)
  then
    return _version_back.app_version;
  end if;
  return coalesce((select w.app_version from workflows w where w.key = workflow_key), '');
end
$$;
COMMENT ON FUNCTION perdure._version_back(workflow_key bigint, attempts integer, app_version text) IS 'The version that a workflow has when its executor gives it back: the one that it was enqueued for, if this was
its first attempt and no step is recorded; else its present one.';
CREATE FUNCTION perdure._versions_taken(executor_id bigint, OUT own text, OUT taken text[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
begin
  select
    e.app_version,
    case
      when e.app_version is null then null
      when e.app_version = (
        select v.app_version
        from versions v
        where v.application = coalesce(e.application, '')
        order by v.application desc, v.place desc
        limit 1
      ) then array['', e.app_version]
      else array[e.app_version]
    end
  into own, taken
  from executors e
  where e.executor_id = _versions_taken.executor_id;
end
$$;
COMMENT ON FUNCTION perdure._versions_taken(executor_id bigint, OUT own text, OUT taken text[]) IS 'The version of an executor, and the versions whose work it takes: its own, and '''' (no version) if its own is the
latest. Null: it has none, and takes all.';
CREATE FUNCTION perdure._wait_in_steps(kind text, step_name text, workflow_keys bigint[], tokens bigint[], steps integer[], target_keys bigint[], names text[], timeouts interval[], put_down boolean[]) RETURNS TABLE(item integer, outcome text, name text, value json, error json, wait_for interval)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_key bigint;
  v_step steps;
  v_until timestamptz;
  v_got boolean;
  v_down_items int[] := '{}'::int[];
  v_down_waits interval[] := '{}'::interval[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(_wait_in_steps.steps), 0),
    coalesce(cardinality(target_keys), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality(timeouts), v_many),
    coalesce(cardinality(put_down), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays of those who wait differ in length',
      hint => 'Give each array one element for each workflow that waits.'
    );
  end if;
  if exists (select from unnest(timeouts) as g (timeout) where g.timeout < interval '0' or g.timeout > interval '100 years') then
    perform _raise('PD001', 'a timeout is out of range', hint => 'Give 0 to 100 years, or null to wait for ever.');
  end if;
  perform _check_isolation('waiting for messages and events');
  v_held := _hold_tasks(workflow_keys, tokens);
  for v_item in 1 .. v_many loop
    item := v_item;
    v_key := workflow_keys[item];
    name := step_name;
    value := null;
    error := null;
    wait_for := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    select s.* into v_step
    from steps s
    where s.key = v_key and s.step = _wait_in_steps.steps[item];
    if found and (v_step.name <> step_name or v_step.completed_at is not null) then
      outcome := case when v_step.name <> step_name then 'unexpected step' else 'recorded before' end;
      name := v_step.name;
      value := v_step.output;
      error := v_step.error;
      return next;
      continue;
    end if;
    v_until := coalesce(v_step.retry_at, v_now + _exact_span(coalesce(timeouts[item], interval '100 years')));
    outcome := null;
    for v_look in 1 .. 2 loop
      if kind = 'message' then
        select true, m.message into v_got, value from _take_message(v_key, names[item]) as m;
      else
        select true, e.value into v_got, value from _newest_event(target_keys[item], names[item]) as e;
      end if;
      exit when v_got or v_until <= v_now or v_look = 2;
      if not _await(target_keys[item], kind, names[item], v_key) then
        outcome := 'look again';
        exit;
      end if;
    end loop;
    if v_got or v_until <= v_now then
      outcome := case when v_got then 'received' else 'timed out' end;
      insert into steps (key, step, name, output, started_at, completed_at)
      values (v_key, _wait_in_steps.steps[item], step_name, value, v_now, v_now)
      on conflict (key, step) do update
      set output = excluded.output, completed_at = excluded.completed_at, retry_at = null;
      delete from waits w
      where w.target_key = target_keys[item] and w.kind = _wait_in_steps.kind
        and w.name = names[item] and w.waiter_key = v_key;
    else
      wait_for := case when outcome = 'look again' then least(interval '20 milliseconds', v_until - v_now) else v_until - v_now end;
      if v_step.key is null then
        insert into steps (key, step, name, started_at, completed_at, retry_at)
        values (v_key, _wait_in_steps.steps[item], step_name, v_now, null, v_until)
        on conflict (key, step) do nothing;
      end if;
      if outcome is null then
        outcome := 'waiting';
        if put_down[item] and cardinality(array_positions(workflow_keys, v_key)) = 1 then
          outcome := 'put down';
          v_down_items := v_down_items || item;
          v_down_waits := v_down_waits || wait_for;
        end if;
      end if;
    end if;
    return next;
  end loop;
  if v_down_items <> '{}' then
    perform _put_down(
      (select array_agg(workflow_keys[d.item] order by d.place) from unnest(v_down_items) with ordinality as d (item, place)),
      (select array_agg(tokens[d.item] order by d.place) from unnest(v_down_items) with ordinality as d (item, place)),
      v_down_waits,
      'PENDING'
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure._wait_in_steps(kind text, step_name text, workflow_keys bigint[], tokens bigint[], steps integer[], target_keys bigint[], names text[], timeouts interval[], put_down boolean[]) IS 'The body of recv_many and await_events: what they return.';
CREATE FUNCTION perdure._waiting_since(workflow_key bigint) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
begin
  return (select w.created_at from workflows w where w.key = workflow_key);
end
$$;
COMMENT ON FUNCTION perdure._waiting_since(workflow_key bigint) IS 'When a workflow was created; null for null.';
CREATE FUNCTION perdure._waiting_versions(queue_id integer) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_found text[] := array[''];
  v_next text := '';
begin
  if not exists (select from versions) and not exists (select from version_pins) then
    return v_found;
  end if;
  loop
    v_next := least(
      (
        select t.app_version
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed
          and t.queue_id = _waiting_versions.queue_id and t.app_version > v_next
        order by t.queue_id, t.app_version
        limit 1
      ),
      (
        select t.app_version
        from tasks t
        where t.status = 'ENQUEUED' and t.placed
          and t.queue_id = _waiting_versions.queue_id and t.app_version > v_next
        order by t.queue_id, t.app_version
        limit 1
      )
    );
    exit when v_next is null;
    v_found := v_found || v_next;
  end loop;
  return v_found;
end
$$;
COMMENT ON FUNCTION perdure._waiting_versions(queue_id integer) IS 'The versions whose work waits to be claimed in a queue, and '''', no version, in any case.';
CREATE FUNCTION perdure._wake_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_woken int;
  v_queues int[];
  v_released bigint[];
  v_called bigint[];
begin
  if exists (select from wakes) then
    v_called := _take_wakes(max_workflows);
  end if;
  with due as (
    select t.key
    from tasks t
    where t.wake_at is not null and t.wake_at <= v_now
    order by t.wake_at, t.key
    limit max_workflows
    for update skip locked
  ),
  called as (
    select c.key from unnest(v_called) as c (key)
  ),
  woken as (
    update tasks t
    set status = 'ENQUEUED',
        wake_at = null,
        deduplicated = t.deduplicated and not t.debounced,
        debounced = false
    from (select d.key from due d union select c.key from called c) as d
    where t.key = d.key
    returning t.key, t.queue_id, t.deduplicated
  )
  select count(*), array_agg(distinct w.queue_id), array_agg(w.key) filter (where not w.deduplicated)
  into v_woken, v_queues, v_released
  from woken w;
  if v_woken > 0 then
    perform _drop_floors(v_queues);
    -- A debounced one takes no newer input from now on.
    delete from deduplications d where d.key = any (v_released);
  end if;
  return v_woken;
end
$$;
COMMENT ON FUNCTION perdure._wake_due(max_workflows integer) IS 'Enqueues workflows whose moment has come, earliest first, at most so many. Returns how many.';
CREATE FUNCTION perdure._wake_waiters(target_keys bigint[], kind text, names text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_waiting record;
  v_queues int[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    -- It may not see who waits. The next claim does.
    insert into wakes (key, kind, name)
    select distinct k.key, _wake_waiters.kind, k.name from unnest(target_keys, names) as k (key, name);
    return;
  end if;
  for v_waiting in
    select w.target_key, w.name, w.waiter_key, t.key, t.executor_id, t.status, t.queue_id
    from (select distinct k.key, k.name from unnest(target_keys, names) as k (key, name)) as g
    cross join lateral (
      select e.target_key, e.name, e.waiter_key
      from waits e
      where e.target_key = g.key and e.kind = _wake_waiters.kind and e.name = g.name
      offset 0
    ) as w
    left join lateral (
      select s.key, s.executor_id, s.status, s.queue_id from tasks s where s.key = w.waiter_key offset 0
    ) as t on true
  loop
    if v_waiting.waiter_key = 0 then
      -- Whoever it was looks, and notes it again if it goes on waiting.
      delete from waits w
      where (w.target_key, w.kind, w.name, w.waiter_key) in (
        select e.target_key, e.kind, e.name, e.waiter_key
        from waits e
        where e.target_key = v_waiting.target_key and e.kind = _wake_waiters.kind
          and e.name = v_waiting.name and e.waiter_key = 0
        for update skip locked
      );
      perform pg_notify(
        current_schema() || '.changed',
        _wake_waiters.kind || ' ' || (select f.workflow_id from workflows f where f.key = v_waiting.target_key)
      );
    elsif v_waiting.executor_id is not null then
      perform pg_notify(current_schema() || '.wake', v_waiting.waiter_key::text);
    elsif v_waiting.status = 'PENDING' then
      insert into wakes (key) values (v_waiting.waiter_key);
      v_queues := v_queues || v_waiting.queue_id;
    end if;
  end loop;
  if kind = 'end' then
    delete from waits w where w.target_key = any (target_keys) and w.kind = 'end';
  end if;
  perform _notify_queue(g.queue_id)
  from (select distinct q.queue_id from unnest(v_queues) as q (queue_id)) as g;
end
$$;
COMMENT ON FUNCTION perdure._wake_waiters(target_keys bigint[], kind text, names text[]) IS 'Wakes those who wait for this of these workflows: by notification on <schema>.wake if they are in the memory
of a worker, through the next claim if they were put down, on <schema>.changed if they are no workflows. The
caller holds _hold_waiters, or the tasks.';
CREATE FUNCTION perdure._wall_times(zone text, wall timestamp without time zone, OUT first timestamp with time zone, OUT last timestamp with time zone, OUT turn timestamp with time zone) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_wall timestamptz := wall at time zone 'UTC';
  v_before interval := (v_wall - interval '24 hours') at time zone zone - (wall - interval '24 hours');
  v_after interval := (v_wall + interval '24 hours') at time zone zone - (wall + interval '24 hours');
  v_low bigint;
  v_high bigint;
  v_middle bigint;
begin
  first := v_wall - v_before;
  last := first;
  if v_before = v_after then
    return;
  end if;
  last := v_wall - v_after;
  if (first at time zone zone = wall) <> (last at time zone zone = wall) then
    -- Away from the change.
    if first at time zone zone = wall then
      last := first;
    else
      first := last;
    end if;
    return;
  end if;
  v_low := floor(extract(epoch from least(first, last)));
  v_high := floor(extract(epoch from greatest(first, last)));
  while v_high - v_low > 1 loop
    v_middle := (v_low + v_high) / 2;
    turn := to_timestamp(v_middle);
    if turn at time zone zone - turn at time zone 'UTC' = v_after then
      v_high := v_middle;
    else
      v_low := v_middle;
    end if;
  end loop;
  turn := to_timestamp(v_high);
  if first at time zone zone <> wall then
    first := null;
    last := null;
  end if;
end
$$;
COMMENT ON FUNCTION perdure._wall_times(zone text, wall timestamp without time zone, OUT first timestamp with time zone, OUT last timestamp with time zone, OUT turn timestamp with time zone) IS 'When the clocks of a zone show this time. first, last: the same moment; or two, when the clocks are put
back over it; or null, when they are put forward over it. turn: in these two cases the moment of the change.';
CREATE FUNCTION perdure._with_work(queue_ids integer[], versions text[]) RETURNS integer[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_version text;
  v_found int[] := '{}'::int[];
begin
  -- One condition for each part of an index: below the rank of the floor, from the floor on
  -- (_take_first), and what returns with a place. The "or" also keeps them from becoming joins, which,
  -- planned while nothing waits, would read the whole backlog.
  foreach v_version in array coalesce(versions, '{""}') loop
    v_found := v_found || array(
      select g.queue_id
      from unnest(queue_ids) as g (queue_id)
      cross join lateral _floor(g.queue_id, v_version) as f
      where g.queue_id <> all (v_found) and (
        exists (
          select from tasks t
          where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id
            and t.app_version = v_version and t.lane_id = 0 and t.rank < f.rank
        )
        or exists (
          select from tasks t
          where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id
            and t.app_version = v_version
            and (t.lane_id, t.rank, t.key) >= (0, coalesce(f.rank, '-Infinity'), coalesce(f.key, -1))
        )
        or exists (
          select from tasks t
          where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id and t.app_version = v_version
        )
      )
    );
  end loop;
  if versions is null then
    v_found := v_found || array(
      select g.queue_id
      from unnest(queue_ids) as g (queue_id)
      -- (An "exists" here may be planned as a hash of all that waits.)
      where g.queue_id <> all (v_found) and (
        (
          select t.key from tasks t
          where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id and t.app_version > ''
          limit 1
        ) is not null
        or (
          select t.key from tasks t
          where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id and t.app_version > ''
          limit 1
        ) is not null
      )
    );
  end if;
  return v_found;
end
$$;
COMMENT ON FUNCTION perdure._with_work(queue_ids integer[], versions text[]) IS 'Which of these queues have work of these versions (null: of any) that waits to be claimed, whether or not limits hold it back.';
CREATE FUNCTION perdure._workflow_rows(workflow_keys bigint[], moments timestamp with time zone[], with_input boolean, with_output boolean) RETURNS SETOF perdure.workflow_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  -- Each row is looked up by its own key: joined to each other, in a plan made on an empty database, they
  -- are found by reading all of them.
  return query
  select
    w.key, w.workflow_id, w.name, coalesce(o.status, t.status)::text,
    (select q.name from queues q where q.queue_id = w.queue_id),
    (select l.partition_key from lanes l where l.lane_id = w.lane_id and w.lane_id > 0),
    w.deduplication_id, w.priority,
    case when with_input then w.input end, case when with_output then o.output end,
    case when with_output then o.error end,
    coalesce(o.attempts, t.attempts), coalesce(o.failures, t.failures),
    coalesce(w.retries, 0), w.max_recovery_attempts,
    (select e.name from executors e where e.executor_id = coalesce(o.executor_id, t.executor_id)),
    coalesce(o.app_version, nullif(t.app_version, '')),
    w.application, w.class_name, w.config_name, w.attributes,
    w.authenticated_user, w.authenticated_roles, w.assumed_role,
    (select p.workflow_id from workflows p where p.key = w.parent_key),
    w.forked_from, w.was_forked, w.schedule,
    w.created_at, coalesce(o.started_at, t.started_at), o.completed_at, t.wake_at, w.timeout,
    coalesce(o.deadline, t.deadline),
    coalesce(to_char(g.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z/"'), '') || w.key
  from unnest(workflow_keys, moments) with ordinality as g (key, at, item)
  cross join lateral (select * from workflows f where f.key = g.key offset 0) as w
  left join lateral (select * from outcomes f where f.key = g.key offset 0) as o on true
  left join lateral (select * from tasks f where f.key = g.key offset 0) as t on true
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure._workflow_rows(workflow_keys bigint[], moments timestamp with time zone[], with_input boolean, with_output boolean) IS 'All about these workflows, in the order given; without those that do not exist.
moments: null, or those that their cursors begin with.';
CREATE FUNCTION perdure._write_one(workflow_key bigint, token bigint, step integer, name text, value json, closes boolean, step_name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  select w.outcome, w.name into v_outcome, v_recorded
  from write_streams(
    array[workflow_key], array[_write_one.token], array[_write_one.step], array[_write_one.name],
    array[_write_one.value], array[_write_one.closes]
  ) as w;
  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(_write_one.step, v_recorded, step_name);
  elsif v_outcome = 'stream closed' then
    perform _raise(
      'PD015',
      format('stream %L is closed', _write_one.name),
      hint => 'Nothing can be written to a stream, nor can it be closed again, after close_stream.'
    );
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure._write_one(workflow_key bigint, token bigint, step integer, name text, value json, closes boolean, step_name text) IS 'The body of write_stream and close_stream: what they return and raise.';
CREATE FUNCTION perdure.alerts(within interval DEFAULT '01:00:00'::interval, max_waiting interval DEFAULT '00:05:00'::interval, max_failures double precision DEFAULT 0.5, min_ended integer DEFAULT 10, max_lateness interval DEFAULT '00:01:00'::interval) RETURNS TABLE(kind text, subject text, since timestamp with time zone, detail text, severity text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if (within > interval '0' and max_waiting >= interval '0' and max_lateness >= interval '0'
    and greatest(within, max_waiting, max_lateness) <= interval '100 years'
    and max_failures between 0 and 1 and min_ended > 0) is not true
  then
    perform _raise(
      'PD001', 'a bound of alerts is out of range',
      hint => 'Spans are 0 to 100 years, max_failures is 0 to 1, min_ended 1 or more.'
    );
  end if;
  return query select * from _alerts_of_ended(_now() - within, max_failures, min_ended);
  return query select * from _alerts_of_waiting(max_waiting);
  return query select * from _alerts_of_upkeep(max_lateness);
end
$$;
COMMENT ON FUNCTION perdure.alerts(within interval, max_waiting interval, max_failures double precision, min_ended integer, max_lateness interval) IS 'What needs somebody: a row for each thing that is wrong now, or went wrong of late; none if all is well.
within: how far to look back at what has ended. It looks at the last 5000 at the most.
max_waiting: how long a workflow may wait for its first start. max_failures: which share of a workflow name''s runs
may fail, 0 to 1, once min_ended have ended; what was cancelled counts for neither. max_lateness: by how much a tick may
be late.
Returns kind, subject, since when, a sentence for people, and the severity, critical or warning. Kinds, with
their subjects: dead letter (a workflow name: its worker died too often), failing workflow (a workflow name), unserved
queue (work waits for longer than max_waiting, and no living executor serves the queue), slow queue (somebody serves it),
unknown workflow (work of this name waits so long, and no living executor knows it), unserved version (a version and a queue: work waits
for it, and no living executor runs it),
lapsed executor (its work is not taken over yet), late schedule. Queues that are paused are not told of.
Raises PD001 (a bound out of range).';
CREATE FUNCTION perdure.apply_schedules(schedules json, create_queues boolean DEFAULT false, application text DEFAULT NULL::text) RETURNS TABLE(schedule text, outcome text, next_at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_known text[] := array[
    'schedule', 'workflow', 'cron', 'zone', 'queue', 'context', 'automatic_backfill', 'max_recovery_attempts'
  ];
  v_item json;
  v_wrong text;
  v_new schedules;
  v_old schedules;
begin
  if json_typeof(apply_schedules.schedules) is distinct from 'array' then
    perform _raise(
      'PD001',
      'schedules are a JSON array of objects',
      hint => 'For example [{"schedule": "nightly", "workflow": "report", "cron": "0 2 * * *", "zone": "Europe/Berlin"}].'
    );
  end if;
  perform _check_isolation('apply_schedules');
  for v_item in
    select g.item
    from json_array_elements(apply_schedules.schedules) as g (item)
    order by case json_typeof(g.item) when 'object' then g.item ->> 'schedule' end collate "C"
  loop
    if json_typeof(v_item) <> 'object' then
      perform _raise('PD001', format('a schedule is a JSON object, not %s', left(v_item::text, 60)));
    end if;
    select k.name into v_wrong from json_object_keys(v_item) as k (name) where k.name <> all (v_known) limit 1;
    if found then
      perform _raise(
        'PD001',
        format('a schedule has no setting %L', left(v_wrong, 60)),
        hint => 'Settings are ' || array_to_string(v_known, ', ') || '.'
      );
    end if;
    if v_item ->> 'schedule' = v_new.name then
      perform _raise('PD001', format('schedule %L is given twice', v_new.name), hint => 'Give each schedule once.');
    end if;
    v_new := null;
    v_new.name := v_item ->> 'schedule';
    v_new.workflow := v_item ->> 'workflow';
    v_new.cron := v_item ->> 'cron';
    v_new.zone := coalesce(v_item ->> 'zone', 'UTC');
    v_new.queue := coalesce(v_item ->> 'queue', apply_schedules.application, 'default');
    v_new.context := v_item -> 'context';
    begin
      v_new.automatic_backfill := coalesce((v_item ->> 'automatic_backfill')::boolean, false);
      v_new.max_recovery_attempts := coalesce((v_item ->> 'max_recovery_attempts')::int, 100);
    exception
      when data_exception then
        perform _raise(
          'PD001',
          format('a setting of schedule %L cannot be read: %s', left(v_new.name, 60), sqlerrm),
          hint => 'Give automatic_backfill as true or false, and max_recovery_attempts as a whole number.'
        );
    end;
    v_new.application := apply_schedules.application;
    v_new.paused := false;
    v_new.created_at := _now();
    v_new.reckoned_at := v_new.created_at;
    v_new.next_at := _check_schedule(v_new, create_queues or v_item ->> 'queue' is null);
    schedule := v_new.name;
    loop
      insert into schedules select v_new.* on conflict (name) do nothing;
      if found then
        outcome := 'created';
        exit;
      end if;
      select s.* into v_old from schedules s where s.name = v_new.name for no key update;
      -- It was deleted meanwhile: once more.
      continue when not found;
      if v_old.application <> v_new.application then
        perform _raise(
          'PD021',
          format('schedule %L belongs to application %L', v_new.name, v_old.application),
          detail => format('Application %L wanted to have it. Nothing was changed.', v_new.application),
          hint => 'Give each application schedules with names of its own.'
        );
      end if;
      v_new.application := coalesce(v_new.application, v_old.application);
      v_new.paused := v_old.paused;
      v_new.last_at := v_old.last_at;
      v_new.created_at := v_old.created_at;
      if v_new.paused then
        v_new.next_at := null;
        v_new.reckoned_at := v_old.reckoned_at;
      elsif (v_new.cron, v_new.zone) = (v_old.cron, v_old.zone) and v_old.next_at is not null then
        v_new.next_at := v_old.next_at;
        v_new.reckoned_at := v_old.reckoned_at;
      end if;
      -- json has no equality; text is what matters.
      outcome := case when v_new::text = v_old::text then 'unchanged' else 'updated' end;
      if outcome = 'updated' then
        update schedules s
        set workflow = v_new.workflow,
            cron = v_new.cron,
            zone = v_new.zone,
            queue = v_new.queue,
            context = v_new.context,
            automatic_backfill = v_new.automatic_backfill,
            max_recovery_attempts = v_new.max_recovery_attempts,
            application = v_new.application,
            next_at = v_new.next_at,
            reckoned_at = v_new.reckoned_at
        where s.name = v_new.name;
      end if;
      exit;
    end loop;
    next_at := v_new.next_at;
    return next;
  end loop;
end
$$;
COMMENT ON FUNCTION perdure.apply_schedules(schedules json, create_queues boolean, application text) IS 'Makes these schedules, or gives those that exist exactly these settings: all of them or, on an error, none.
Others are left as they are.
schedules: an array of objects with the settings schedule, workflow, cron, zone, queue, context,
automatic_backfill and max_recovery_attempts; see create_schedule. The first three are required. Without queue it is that
of the application, or default.
create_queues: true to make queues, without limits, that do not exist.
application: null, or the application that they belong to; one of none is given to it.
One whose line and zone are as before keeps its next tick, and one that is paused stays so.
Returns a row for each, by name: created, updated or unchanged, and its next tick.
Raises PD001 (bad argument, or a transaction that is not read committed), PD007 (no such queue),
PD021 (a schedule belongs to another application).';
CREATE FUNCTION perdure.await_events(workflow_keys bigint[], tokens bigint[], steps integer[], workflow_ids text[], names text[], timeouts interval[] DEFAULT NULL::interval[], put_down boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text, value json, error json, wait_for interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_unknown text;
begin
  perform _check_text('event', g.name) from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;
  select array_agg(w.key order by g.item), min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_keys, v_unknown
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  return query
  select w.*
  from _wait_in_steps(
    'event', 'perdure.get_event', workflow_keys, tokens, await_events.steps, v_keys, names, timeouts,
    await_events.put_down
  ) as w;
end
$$;
COMMENT ON FUNCTION perdure.await_events(workflow_keys bigint[], tokens bigint[], steps integer[], workflow_ids text[], names text[], timeouts interval[], put_down boolean[]) IS 'Waits in each of these steps of workflows that the caller owns for an event of another workflow, and records
its value.
workflow_ids, names: whose event, and which, 1 to 512 bytes.
Other parameters and what is returned are as in recv_many, with value for message.
Raises PD001 (as recv_many; bad name), PD002 (no such workflow).';
CREATE FUNCTION perdure.backfill_schedule(schedule text, since timestamp with time zone, until timestamp with time zone, max_workflows integer DEFAULT 1000) RETURNS TABLE(workflow_id text, tick timestamp with time zone, created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_schedule schedules := _schedule(backfill_schedule.schedule);
  v_line cron_line := _cron_line(v_schedule.cron);
  v_tick timestamptz := since - interval '1 microsecond';
  v_ticks timestamptz[] := array[]::timestamptz[];
begin
  if max_workflows between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('cannot backfill %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Ask for 1 to 10000 at a time, and call again from the last tick on.'
    );
  end if;
  if (since >= '0001-01-01' and since <= until and until <= _now()) is not true then
    perform _raise(
      'PD001',
      'a backfill is from a moment of the past to a later one that is not in the future',
      detail => format('since %s, until %s', coalesce(since::text, 'null'), coalesce(until::text, 'null')),
      hint => 'What is to come is fired when it comes.'
    );
  end if;
  perform _check_zone(v_schedule.zone);
  while cardinality(v_ticks) < max_workflows loop
    v_tick := _cron_next(v_line, v_schedule.zone, v_tick);
    exit when v_tick is null or v_tick >= until;
    v_ticks := v_ticks || v_tick;
  end loop;
  return query
  select t.workflow_id, t.tick, t.created
  from _start_ticks(v_schedule, v_ticks) as t;
end
$$;
COMMENT ON FUNCTION perdure.backfill_schedule(schedule text, since timestamp with time zone, until timestamp with time zone, max_workflows integer) IS 'Starts a workflow for each tick of a span of the past, also of a schedule that is paused, unless that tick
was started before.
since, until: the span, with its beginning and without its end.
max_workflows: how many ticks one call takes at the most, 1 to 10000. If that many rows come back, call again
with since just after the last tick.
Returns a row for each tick, in order: the id of its workflow, the tick, and whether this call started it.
Raises PD001 (bad argument), PD020 (no such schedule).';
CREATE FUNCTION perdure.cancel(workflow_id text, children boolean DEFAULT false) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return (
    select c.outcome = 'cancelled'
    from cancel_many(array[cancel.workflow_id], cancel.children) as c
    where c.item = 1
  );
end
$$;
COMMENT ON FUNCTION perdure.cancel(workflow_id text, children boolean) IS 'Cancels one workflow; see cancel_many. Returns true if it is CANCELLED now, false if it had ended before.
Raises PD001 (with children, in a transaction that is not read committed), PD002 (no such workflow).';
CREATE FUNCTION perdure.cancel_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_held record;
  v_recorded json := _recorded_before(workflow_key, cancel_in_step.token, cancel_in_step.step, 'perdure.cancel');
begin
  if v_recorded is not null then
    return v_recorded;
  end if;
  v_keys := _keys_of(workflow_ids);
  select h.active, h.dead into v_held
  from _hold_family(v_keys, coalesce(children, false), workflow_key) as h;
  v_recorded := _recorded_in_step(workflow_key, cancel_in_step.token, cancel_in_step.step, 'perdure.cancel');
  if v_recorded is not null then
    return v_recorded;
  end if;
  perform _cancel_held(v_held.active, v_held.dead);
  select coalesce(json_object_agg(c.workflow_id, c.outcome), '{}') into v_recorded
  from (
    select distinct on (r.workflow_id) r.workflow_id, r.outcome
    from _cancelled(v_keys, v_held.active || v_held.dead) as r
    order by r.workflow_id
  ) as c;
  perform _record_now(workflow_key, cancel_in_step.step, 'perdure.cancel', v_recorded);
  return v_recorded;
end
$$;
COMMENT ON FUNCTION perdure.cancel_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) IS 'Cancels workflows from a step of a workflow that the caller owns, and records the step with it: however often it
is replayed, they are cancelled once. It may cancel itself. For workflow_ids and children see cancel_many.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns an object, as it is recorded: for each id what cancel_many says of it.
Raises PD001, PD002 as cancel_many does, PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.cancel_many(workflow_ids text[], children boolean DEFAULT false) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[] := _keys_of(workflow_ids);
  v_held record;
begin
  select h.active, h.dead into v_held from _hold_family(v_keys, coalesce(children, false)) as h;
  perform _cancel_held(v_held.active, v_held.dead);
  return query
  select c.item, c.workflow_id, c.outcome, c.status from _cancelled(v_keys, v_held.active || v_held.dead) as c;
end
$$;
COMMENT ON FUNCTION perdure.cancel_many(workflow_ids text[], children boolean) IS 'Cancels workflows that have not ended: they leave their queues and limits, give up their deduplication ids, and
whoever waits for them is told. What runs learns of it at its next checkpoint; waits and preemptible steps stop at
once (channel <schema>.cancelled). Their steps are kept: see resume_many. In one transaction.
workflow_ids: those to cancel, in any state.
children: true to cancel their children, too, and the children of those; also of a workflow that has ended.
Returns a row for each, in order, and with children one more, without item, for each child that was cancelled:
  ''cancelled'': it was active, or MAX_RECOVERY_ATTEMPTS_EXCEEDED, and is CANCELLED now;
  ''ended before'': nothing was done; status is how it ended: SUCCESS, ERROR, or CANCELLED before.
Raises PD001 (with children, in a transaction that is not read committed), PD002 (one does not exist; nothing was
cancelled).';
CREATE FUNCTION perdure.claim(executor_id bigint, queues text[] DEFAULT NULL::text[], max_workflows integer DEFAULT 1, poll_interval interval DEFAULT NULL::interval) RETURNS TABLE(workflow_key bigint, token bigint, workflow_id text, workflow text, queue text, input json, attempt integer, created_at timestamp with time zone, steps json, time_left interval, identity json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_listened int[];
  v_marked boolean;
  -- Whether each queue has a mark that an idle worker need not write anew yet (_mark_listening).
  v_fresh boolean;
  v_span interval := greatest(least(coalesce(claim.poll_interval, '0'), interval '1 day'), interval '5 seconds');
  v_busy int[];
  -- Whether a queue has a limit of which the places are counted.
  v_counted boolean;
  v_keys bigint[];
  v_left int := claim.max_workflows;
  v_now timestamptz;
  v_application text;
  v_versions text[] := array[''];
  v_own_version text;
begin
  if v_left between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('cannot claim %s workflows', coalesce(v_left::text, 'null')),
      hint => 'Ask for 1 to 10000 at a time.'
    );
  end if;
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    perform _raise(
      'PD001',
      format('claim cannot run in a transaction that is %s', current_setting('transaction_isolation')),
      detail => 'It must see what others have claimed since the transaction began, to keep limits.',
      hint => 'Claim in a transaction of its own, read committed.'
    );
  end if;
  v_application := _hold_executor(claim.executor_id);
  if exists (select from versions) or exists (select from version_pins) then
    select v.own, v.taken into v_own_version, v_versions from _versions_taken(claim.executor_id) as v;
  end if;
  if _anything_due() then
    perform _fire_due(1000);
    perform _expire_due(1000);
    perform _time_out_due(1000);
    perform _wake_due(1000);
  end if;
  select
    array_agg(q.queue_id), bool_or(q.listening_until is not null),
    bool_and(coalesce(q.listening_until >= clock_timestamp() + v_span, false)),
    bool_or(q.concurrency is not null)
  into v_listened, v_marked, v_fresh, v_counted
  from queues q
  where (claim.queues is null or q.name = any (claim.queues) or q.internal)
    and (q.application is null or q.application = v_application);
  v_busy := _with_work(v_listened, v_versions);
  v_keys := _claim_queues(
    case when cardinality(v_busy) = 1 and not v_counted then v_busy else _open_queues(v_busy) end,
    claim.executor_id, v_left, v_versions, v_own_version
  );
  v_left := v_left - cardinality(v_keys);
  -- Idle on the queues that have nothing more. One that a limit holds back needs no NOTIFY: more
  -- work there changes nothing.
  if v_left > 0 and v_fresh then
    null;
  elsif v_left > 0 then
    if v_busy <> '{}' then
      v_listened := array(select unnest(v_listened) except select unnest(_with_work(v_busy, v_versions)));
    end if;
    perform _mark_listening(v_listened, true, v_span);
  elsif v_marked then
    perform _mark_listening(v_listened, false, v_span);
  end if;
  if v_keys = '{}' then
    return;
  end if;
  v_now := _now();
  return query
  select
    t.key, t.token, w.workflow_id, w.name, case when not q.internal then q.name end, w.input, t.attempts, w.created_at,
    case when t.resumed then _recorded_steps(t.key) end, t.deadline - v_now,
    case
      when num_nonnulls(w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role) > 0
        then _identity(w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role)
    end
  -- Each by its key: as joins, planned while a table is empty, they begin with all workflows.
  from unnest(v_keys) as k (key)
  cross join lateral (select f.* from tasks f where f.key = k.key offset 0) as t
  cross join lateral (select f.* from workflows f where f.key = k.key offset 0) as w
  cross join lateral (select f.name, f.internal from queues f where f.queue_id = t.queue_id offset 0) as q
  order by t.rank, t.key;
end
$$;
COMMENT ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer, poll_interval interval) IS 'Hands waiting workflows to an executor: from now on it owns them, and only its writes count.
executor_id: from register_executor.
queues: null for all, or the names of those to serve; of either only those of the executor''s application and of
none. Recovered direct runs are served in any case.
max_workflows: how many at the most, 1 to 10000. Several queues share them evenly.
poll_interval: null, or when the executor claims again at the latest, if it is not notified. Give it if that is more than
five seconds: so long it is remembered that somebody is to be notified.
Returns a row for each, in the order of its queue: workflow_key and token, which every write for this
workflow must name; its id, name and input; its queue, null for a direct start, or if it was resumed or forked past the limits
of its queue; attempt, 1 for the first; steps, null or what
is recorded of earlier attempts: an array of {step, name, output, error, child_id, attempts,
completed, retry_in}, and place where place_steps gave any; time_left, null or the time until its deadline, when run_maintenance cancels it; and
identity, null or an object of class_name, config_name, authenticated_user, authenticated_roles and assumed_role.
An executor with a version takes the work that belongs to that version and, if it is the latest, work without
version, which then belongs to it. One without version takes all. An unknown queue is served as soon as it exists. No row: nothing waits, or what waits is held back by
a limit (explain_wait tells).
Raises PD001 (bad number, or a transaction that is not read committed), PD006 (executor without lease).';
CREATE FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return _write_one(
    workflow_key, close_stream.token, close_stream.step, close_stream.name, null, true, 'perdure.close_stream'
  );
end
$$;
COMMENT ON FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) IS 'Closes a stream of a workflow that the caller owns, as a step of it: its readers come to an end.
Returns true if it was closed now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';
CREATE FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text DEFAULT 'UTC'::text, queue text DEFAULT 'default'::text, context json DEFAULT NULL::json, automatic_backfill boolean DEFAULT false, max_recovery_attempts integer DEFAULT 100, create_queue boolean DEFAULT false, application text DEFAULT NULL::text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_schedule schedules;
begin
  v_schedule.name := create_schedule.schedule;
  v_schedule.workflow := create_schedule.workflow;
  v_schedule.cron := create_schedule.cron;
  v_schedule.zone := create_schedule.zone;
  v_schedule.queue := coalesce(create_schedule.queue, create_schedule.application);
  v_schedule.context := create_schedule.context;
  v_schedule.automatic_backfill := create_schedule.automatic_backfill;
  v_schedule.max_recovery_attempts := create_schedule.max_recovery_attempts;
  v_schedule.application := create_schedule.application;
  v_schedule.paused := false;
  v_schedule.created_at := _now();
  v_schedule.reckoned_at := v_schedule.created_at;
  v_schedule.next_at := _check_schedule(v_schedule, create_queue or create_schedule.queue is null);
  insert into schedules select v_schedule.* on conflict (name) do nothing;
  if not found then
    perform _raise(
      'PD021',
      format('schedule %L exists', v_schedule.name),
      detail => 'Nothing was changed.',
      hint => 'Use apply_schedules to change it, or delete_schedule first.'
    );
  end if;
  return v_schedule.next_at;
end
$$;
COMMENT ON FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, create_queue boolean, application text) IS 'Makes a schedule: at each tick of its cron line a workflow is put into a queue, once over all executors. Its id
is sched-<schedule>-<tick in UTC>, its input an array of two: the tick as ISO 8601 text with the offset of
the zone, and the context.
schedule: its name, 1 to 400 bytes.
workflow: the name under which workers know the function.
cron: five fields, or six with seconds as the last; see cron_next.
zone: the time zone of the line, by name.
queue: where its workflows wait; null: in the queue of the application, as for enqueue. In a partitioned queue the schedule''s name is their partition key.
context: any JSON value.
automatic_backfill: whether ticks that were missed while nobody ran are all started later. Otherwise only the
latest of them is.
max_recovery_attempts: how often each workflow may be taken over from a dead worker.
create_queue: true to make the queue, without limits, if it does not exist. One that is deleted later is
made again by the next tick.
application: null, or the application that it belongs to, as its workflows do unless their queue has another.
Returns the first tick, which is after now.
Raises PD001 (bad argument), PD007 (no such queue), PD021 (the schedule exists).';
CREATE FUNCTION perdure.cron_next(expression text, zone text, after timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_line cron_line := _cron_line(expression);
  v_next timestamptz;
begin
  perform _check_zone(zone);
  if after between '0001-01-01' and '9900-01-01' is not true then
    perform _raise(
      'PD001',
      format('there is no tick after %s', coalesce(after::text, 'null')),
      hint => 'Give a moment of the years 1 to 9900.'
    );
  end if;
  v_next := _cron_next(v_line, zone, after);
  if v_next is null then
    perform _raise(
      'PD001',
      format('the cron line %L never fires', expression),
      detail => 'It has no tick within 50 years.',
      hint => 'Check its day and its month.'
    );
  end if;
  return v_next;
end
$$;
COMMENT ON FUNCTION perdure.cron_next(expression text, zone text, after timestamp with time zone) IS 'The first tick of a cron line after a moment.
expression: five fields (minute 0-59, hour 0-23, day of the month 1-31, month 1-12 or jan-dec, day of the week
0-7 or sun-sat; 0 and 7 are Sunday), or six, the last of which is seconds 0-59; or @hourly, @daily, @midnight,
@weekly, @monthly, @yearly, @annually. A field is *, a number, a range 1-5, a step */5, 1-30/5 or 5/10, or a list
of these. A range may go past its end: 22-4, fri-mon. Of days, ? is *, L the last of the month, 15W the weekday
nearest to the 15th, fri#2 the second Friday, L5 the last Friday. If both day fields are restricted, either will do.
zone: a time zone by name. A line that names hours follows the clocks there: a time that is missing because
they are put forward fires when that is done, and one that comes twice, because they are put back, fires the
first time. A line for every hour follows the passing of time.
after: a moment; the tick is later than this.
Raises PD001 (a line that cannot be read or has no tick within 50 years, an unknown zone, a bad moment).';
CREATE FUNCTION perdure.cron_ticks(expression text, zone text DEFAULT 'UTC'::text, after timestamp with time zone DEFAULT NULL::timestamp with time zone, max_ticks integer DEFAULT 5) RETURNS SETOF timestamp with time zone
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
declare
  v_tick timestamptz := coalesce(after, _now());
begin
  if max_ticks between 1 and 1000 is not true then
    perform _raise(
      'PD001',
      format('cannot tell %s ticks', coalesce(max_ticks::text, 'null')),
      hint => 'Ask for 1 to 1000, and for more with after => the last one.'
    );
  end if;
  for v_item in 1 .. max_ticks loop
    v_tick := cron_next(expression, zone, v_tick);
    return next v_tick;
  end loop;
end
$$;
COMMENT ON FUNCTION perdure.cron_ticks(expression text, zone text, after timestamp with time zone, max_ticks integer) IS 'The next ticks of a cron line, in order, before a schedule is made of it.
expression, zone: as for cron_next.
after: the moment after which they are; null: now.
max_ticks: how many, 1 to 1000.
Raises PD001 (as cron_next; a number out of range).';
CREATE FUNCTION perdure.debounce(workflow text, debounce_key text, delay interval, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, max_delay interval DEFAULT NULL::interval, partition_key text DEFAULT NULL::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone, attributes jsonb DEFAULT NULL::jsonb, authenticated_user text DEFAULT NULL::text, authenticated_roles text[] DEFAULT NULL::text[], assumed_role text DEFAULT NULL::text, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text, application text DEFAULT NULL::text, create_queue boolean DEFAULT false, traceparent text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
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
COMMENT ON FUNCTION perdure.debounce(workflow text, debounce_key text, delay interval, input json, queue text, max_delay interval, partition_key text, workflow_id text, priority integer, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, create_queue boolean, traceparent text) IS 'Starts a workflow once its calls have been quiet: the first call enqueues it, DELAYED; each further
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
CREATE FUNCTION perdure.delete_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_recorded json;
begin
  v_recorded := _recorded_in_step(workflow_key, delete_in_step.token, delete_in_step.step, 'perdure.delete');
  if v_recorded is not null then
    return v_recorded;
  end if;
  v_recorded := to_json(delete_workflows(delete_in_step.workflow_ids, delete_in_step.children));
  perform _record_now(workflow_key, delete_in_step.step, 'perdure.delete', v_recorded);
  return v_recorded;
end
$$;
COMMENT ON FUNCTION perdure.delete_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) IS 'Deletes workflows from a step of a workflow that the caller owns, and records the step with it. For workflow_ids and
children see delete_workflows.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns how many were removed, as it is recorded.
Raises PD001, PD030 as delete_workflows does, PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.delete_queue(queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  perform _check_isolation('delete_queue');
  if delete_queue.queue in ('_internal', 'default') or starts_with(delete_queue.queue, '_internal/') then
    perform _raise(
      'PD001',
      format('queue %L cannot be deleted', delete_queue.queue),
      hint => 'The engine needs it. Pause it instead.'
    );
  end if;
  v_queue := _hold_queue(delete_queue.queue);
  if v_queue.queue_id is null then
    perform _raise_queue_not_found(delete_queue.queue);
  end if;
  perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, hashtext(v_queue.name));
  if exists (select from tasks t where t.queue_id = v_queue.queue_id) then
    perform _raise(
      'PD013',
      format('queue %L has active workflows', v_queue.name),
      hint => 'Pause it, and let what it holds end or move it, before you delete it.'
    );
  end if;
  delete from starts s where s.queue_id = v_queue.queue_id;
  delete from turns t where t.queue_id = v_queue.queue_id;
  delete from floors f where f.queue_id = v_queue.queue_id;
  delete from floor_drops d where d.queue_id = v_queue.queue_id;
  delete from lanes l where l.queue_id = v_queue.queue_id;
  delete from queues q where q.queue_id = v_queue.queue_id;
end
$$;
COMMENT ON FUNCTION perdure.delete_queue(queue text) IS 'Removes a queue that has no active workflows. Finished ones stay, without the name of a queue.
Raises PD001 (default, or a transaction that is not read committed), PD007 (no such queue), PD013 (it has
active workflows).';
CREATE FUNCTION perdure.delete_retention(workflow text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_found boolean;
begin
  delete from retention r where r.workflow = coalesce(delete_retention.workflow, '');
  v_found := found;
  perform _restart_retention(delete_retention.workflow);
  return v_found;
end
$$;
COMMENT ON FUNCTION perdure.delete_retention(workflow text) IS 'Removes a policy. What it was about is then up to the policy for the rest; without that it is kept for ever.
workflow: as for set_retention.
Returns whether there was one.';
CREATE FUNCTION perdure.delete_schedule(schedule text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  delete from schedules s
  where s.name = delete_schedule.schedule;
  if not found then
    perform _schedule(delete_schedule.schedule);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.delete_schedule(schedule text) IS 'Removes a schedule. What it has started goes on. Raises PD001 (a name that none can have), PD020 (no such
schedule).';
CREATE FUNCTION perdure.delete_workflows(workflow_ids text[], children boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_given bigint[];
  v_seen bigint[] := '{}'::bigint[];
  v_new bigint[];
  v_locked bigint[];
  v_held bigint[] := '{}'::bigint[];
  v_active text;
begin
  perform _check_isolation('delete_workflows');
  v_given := array(
    select distinct w.key
    from unnest(workflow_ids) as g (workflow_id)
    cross join lateral (
      select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
    ) as w
  );
  loop
    if children then
      v_new := array(
        select d.key from _descendants(v_given) as d except select g.key from unnest(v_seen) as g (key)
      );
    else
      v_new := array(select g.key from unnest(v_given) as g (key) where v_seen = '{}');
    end if;
    exit when v_new = '{}';
    v_seen := v_seen || v_new;
    v_locked := array(select o.key from outcomes o where o.key = any (v_new) order by o.key for update);
    v_held := v_held || v_locked;
    if cardinality(v_locked) < cardinality(v_new) then
      -- What is not there either was deleted by somebody else meanwhile.
      select w.workflow_id into v_active
      from (
        select g.key from unnest(v_new) as g (key) except select h.key from unnest(v_locked) as h (key)
      ) as g
      cross join lateral (
        select f.workflow_id from workflows f where f.key = g.key offset 0
      ) as w
      limit 1;
      if found then
        perform _raise(
          'PD030',
          format('workflow %L is active', v_active),
          detail => case
            when v_active = any (workflow_ids) then 'Nothing was deleted.'
            else 'It is a descendant of one that was to be deleted with its children. Nothing was deleted.'
          end,
          hint => 'Wait for its end, or cancel it first.'
        );
      end if;
    end if;
  end loop;
  v_held := array(select w.key from workflows w where w.key = any (v_held) order by w.key for update);
  if v_held <> '{}' then
    perform _delete_held(v_held);
  end if;
  return cardinality(v_held);
end
$$;
COMMENT ON FUNCTION perdure.delete_workflows(workflow_ids text[], children boolean) IS 'Removes workflows that have ended, with their steps, results, events, messages and streams, for ever: all of
them, or on an error none. Their ids are free again.
workflow_ids: those that do not exist are passed over, so the call may be made again.
children: true to remove all that they have started too, and what that has started. Otherwise those stay, without
a parent.
Returns how many were removed.
Raises PD001 (a transaction that is not read committed), PD030 (one of them is active).';
CREATE FUNCTION perdure.deprecate_patch(workflow_key bigint, token bigint, step integer, name text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  if not exists (select from tasks t where t.key = workflow_key and t.token = deprecate_patch.token) then
    perform _raise_lease_lost(workflow_key);
  end if;
  return exists (
    select from steps s
    where s.key = workflow_key and s.step = deprecate_patch.step
      and s.name = 'perdure.patch-' || deprecate_patch.name
  );
end
$$;
COMMENT ON FUNCTION perdure.deprecate_patch(workflow_key bigint, token bigint, step integer, name text) IS 'Stands where patch stood, once no run without the patch is left: all take the new way, and new ones record
nothing. When no run that recorded the patch is left either, it can go.
workflow_key, token, step, name: as for patch.
Returns true if the patch is recorded as this step: then the next step has the next number; false: it has this one.
Raises PD004 (lease lost).';
CREATE FUNCTION perdure.deregister_executor(executor_id bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_handed_back int;
begin
  perform _check_isolation('deregister_executor');
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
        attempts = t.attempts - 1, placed = false,
        app_version = case
          when t.app_version = '' then '' else _version_back(t.key, t.attempts, t.app_version)
        end
    from held h
    where t.key = h.key
    returning t.queue_id
  ),
  told as (
    select _tell_returned(b.queue_id)
    from (select distinct queue_id from handed_back) as b
  )
  select (select count(*) from handed_back) + 0 * (select count(*) from told) into v_handed_back;
  delete from executors e
  where e.executor_id = deregister_executor.executor_id;
  return v_handed_back;
end
$$;
COMMENT ON FUNCTION perdure.deregister_executor(executor_id bigint) IS 'Ends an executor in good order: what it still runs goes back to its queues at once, without
counting as an attempt. Returns how many workflows went back. An unknown executor is no error.
Raises PD001 in a transaction that is not read committed.';
CREATE FUNCTION perdure.enqueue(workflow text, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, partition_key text DEFAULT NULL::text, deduplication_id text DEFAULT NULL::text, on_duplicate text DEFAULT 'reject'::text, delay interval DEFAULT NULL::interval, expires_in interval DEFAULT NULL::interval, retries integer DEFAULT NULL::integer, retry_interval interval DEFAULT '00:00:01'::interval, retry_backoff double precision DEFAULT 2.0, retry_max_interval interval DEFAULT '01:00:00'::interval, create_queue boolean DEFAULT false, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone, attributes jsonb DEFAULT NULL::jsonb, authenticated_user text DEFAULT NULL::text, authenticated_roles text[] DEFAULT NULL::text[], assumed_role text DEFAULT NULL::text, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text, application text DEFAULT NULL::text, traceparent text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
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
COMMENT ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, partition_key text, deduplication_id text, on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, traceparent text) IS 'Puts a workflow into a queue, in the transaction of the caller: it can be claimed when that
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
CREATE FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text DEFAULT 'default'::text, workflow_ids text[] DEFAULT NULL::text[], priorities integer[] DEFAULT NULL::integer[], max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[], partition_keys text[] DEFAULT NULL::text[], deduplication_ids text[] DEFAULT NULL::text[], on_duplicate text DEFAULT 'reject'::text, delay interval DEFAULT NULL::interval, expires_in interval DEFAULT NULL::interval, retries integer DEFAULT NULL::integer, retry_interval interval DEFAULT '00:00:01'::interval, retry_backoff double precision DEFAULT 2.0, retry_max_interval interval DEFAULT '01:00:00'::interval, create_queue boolean DEFAULT false, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone, attributes jsonb[] DEFAULT NULL::jsonb[], authenticated_user text DEFAULT NULL::text, authenticated_roles text[] DEFAULT NULL::text[], assumed_role text DEFAULT NULL::text, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text, application text DEFAULT NULL::text, traceparents text[] DEFAULT NULL::text[]) RETURNS TABLE(item integer, workflow_id text, created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
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
    and not has_function_privilege(v_caller, 'claim(bigint, text[], int, interval)', 'execute')
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
COMMENT ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], partition_keys text[], deduplication_ids text[], on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, traceparents text[]) IS 'Enqueues many workflows of one name in one call: all of them or, on an error, none.
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
CREATE FUNCTION perdure.explain_wait(workflow_id text) RETURNS TABLE(reason text, detail text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_task tasks;
  v_workflow workflows;
  v_queue queues;
  v_now timestamptz := _now();
  v_alive bigint[];
  v_known boolean;
  v_served boolean;
  v_taken boolean;
  v_ahead bigint;
  v_told boolean := false;
begin
  select w.* into v_workflow from workflows w where w.workflow_id = explain_wait.workflow_id;
  if not found then
    perform _raise_workflow_not_found(explain_wait.workflow_id);
  end if;
  select t.* into v_task from tasks t where t.key = v_workflow.key;
  if not found then
    return query
    select 'ended', format('it ended as %s at %s', o.status, o.completed_at)
    from outcomes o
    where o.key = v_workflow.key;
    return;
  end if;
  if v_task.executor_id is not null then
    return query
    select
      case when e.lapsed or e.lease_until < clock_timestamp() then 'executor lost' else 'running' end,
      format('it runs on executor %s (%s), whose lease ends at %s', e.name, e.executor_id, e.lease_until)
    from executors e
    where e.executor_id = v_task.executor_id;
    return;
  end if;
  select q.* into v_queue from queues q where q.queue_id = v_task.queue_id;
  select
    array_agg(e.executor_id),
    bool_or(e.workflows is null or v_workflow.name = any (e.workflows)),
    bool_or(e.queues is null or v_queue.name = any (e.queues) or v_queue.internal),
    bool_or(t.taken is null or v_task.app_version = any (t.taken))
  into v_alive, v_known, v_served, v_taken
  from _living_executors() as e
  cross join lateral _versions_taken(e.executor_id) as t
  where v_queue.application is null or v_queue.application = e.application;
  if not v_known then
    return query
    select 'unknown workflow', format('no living executor knows a workflow named %s', v_workflow.name);
    v_told := true;
  end if;
  if not v_served then
    return query
    select 'unserved queue', format('no living executor serves queue %s', v_queue.name);
    v_told := true;
  end if;
  if not v_taken then
    return query
    select 'version', case
      when v_task.app_version = '' then 'it has no version, and no living executor runs the latest'
      else format('it belongs to version %s, which no living executor runs', v_task.app_version)
    end;
    v_told := true;
  end if;
  if v_task.wake_at > v_now then
    return query
    select
      case when v_task.status = 'DELAYED' then 'delayed' else 'suspended' end,
      format('it waits until %s', v_task.wake_at);
    return;
  end if;
  return query select * from _held_back(v_task, v_queue, v_alive);
  -- A queue that is held back has no idle executor, however many have nothing to do.
  if not found and v_served and (v_queue.listening_until >= clock_timestamp()) is not true then
    return query
    select 'no idle executor', format('no executor has been idle on queue %s in the last seconds', v_queue.name);
  end if;
  v_told := v_told or found;
  if not v_task.placed then
    select count(*) into v_ahead
    from (
      select from tasks t
      where t.status = 'ENQUEUED' and not t.placed
        and t.queue_id = v_task.queue_id and t.app_version = v_task.app_version and t.lane_id = v_task.lane_id
        and (t.rank, t.key) < (v_task.rank, v_task.key)
      limit 1001
    ) as a;
    if v_ahead > 0 then
      return query
      select 'order', format('%s workflows are before it',
        case when v_ahead > 1000 then 'more than 1000' else v_ahead::text end);
      v_told := true;
    end if;
  end if;
  if not v_told then
    return query
    select 'next', format('nothing holds it: the next claim that serves queue %s takes it', v_queue.name);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.explain_wait(workflow_id text) IS 'Why a workflow is not running: a row for each reason that holds now, with a sentence for people.
Reasons: ended, running, executor lost (until it is taken over), unknown workflow (no living executor knows
its name), unserved queue (no living executor serves it), version (no living executor runs its version or, without one,
the latest: set_version moves it), delayed, suspended, expired or timed out (until it is cancelled), queue paused, no executor, worker
concurrency (each living executor has reached it), concurrency, rate limit, partition concurrency, partition rate limit,
no idle executor, order (others are before it), next (nothing holds it: the next claim takes it). There is always
a row.
Raises PD002 (no such workflow).';
CREATE FUNCTION perdure.export_workflow(workflow_id text, children boolean DEFAULT true) RETURNS json
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET "TimeZone" TO 'UTC'
    SET "IntervalStyle" TO 'iso_8601'
    SET extra_float_digits TO '1'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
  v_keys bigint[];
begin
  v_key := _key_of(export_workflow.workflow_id);
  v_keys := array[v_key];
  if children then
    v_keys := array(select d.key from _descendants(v_keys) as d);
  end if;
  return (
    select
      e'{"format": "perdure.workflow", "version": 1, "workflows": [\n'
      || string_agg(
        _export_one(
          w.key,
          case when w.key <> v_key then (select p.workflow_id from workflows p where p.key = w.parent_key) end
        )::text,
        -- In the order in which they were enqueued: parents come before their children.
        e',\n' order by w.key
      )
      || e'\n]}'
    from unnest(v_keys) as g (key)
    cross join lateral (
      select f.key, f.parent_key from workflows f where f.key = g.key offset 0
    ) as w
  )::json;
end
$$;
COMMENT ON FUNCTION perdure.export_workflow(workflow_id text, children boolean) IS 'A workflow, with its steps, events, messages, streams and trace context, as one JSON document for import_workflow: as it
stood at one moment, also while it runs. Exporting changes nothing.
workflow_id: the root of the document; its own parent is not in it.
children: whether all that it has started is in it too, and what that has started.
Returns {"format": "perdure.workflow", "version": 1, "workflows": [...]}, parents before their children; values are
texts, byte for byte. What only means something in this database, such as keys, tokens and executors, is left out.
Raises PD002 (no such workflow).';
CREATE FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval DEFAULT '00:00:01'::interval, backoff double precision DEFAULT 2.0, max_interval interval DEFAULT '01:00:00'::interval) RETURNS TABLE(retry_in interval, final_error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_step steps;
  v_errors json;
  v_message text;
begin
  if (
    attempt >= 1 and max_attempts >= 1 and backoff >= 1
    and "interval" >= interval '0' and max_interval >= interval '0'
  ) is not true then
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
    perform _raise_unexpected_step(fail_step.step, v_step.name, fail_step.name);
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
      when fail_step.error::text !~* E'\\\\u(0000|d[89a-f])' then fail_step.error ->> 'message'
    end;
    final_error := json_build_object(
      'name', 'StepRetriesExceeded',
      'message', format('step %s (%s) failed %s times; the last error: %s',
        fail_step.step, fail_step.name, attempt, coalesce(v_message, fail_step.error::text)),
      'code', null,
      'data', json_build_object('step', fail_step.step, 'name', fail_step.name, 'attempts', attempt, 'errors', v_errors)
    );
  else
    retry_in := _backoff("interval", backoff, max_interval, attempt);
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
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_task record;
  v_outcome text;
begin
  delete from tasks t
  where t.key = workflow_key and t.token = finish.token and not t.deduplicated and finish.error is null
  returning t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deadline, t.app_version
  into v_task;
  if found then
    insert into outcomes (
      key, status, output, attempts, failures, executor_id, token, started_at, completed_at, deadline, app_version
    )
    values (
      workflow_key, 'SUCCESS', finish.output, v_task.attempts, v_task.failures, v_task.executor_id, finish.token,
      v_task.started_at, v_now, v_task.deadline, nullif(v_task.app_version, '')
    );
    if v_task.watched then
      perform _notify_finished(array[workflow_key]);
    end if;
    return true;
  end if;
  select f.outcome into v_outcome
  from finish_many(array[workflow_key], array[finish.token], array[finish.output], array[finish.error]) as f;
  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) IS 'Ends one workflow that the caller owns: SUCCESS with the output, or ERROR if there is an error.
Returns true if it ended now; false if it failed and will be retried, or if the caller had ended it under
this token before.
Raises PD004 if another executor owns it, or somebody else has ended it.';
CREATE FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[] DEFAULT NULL::json[]) RETURNS TABLE(item integer, outcome text, status text, output json, error json, retry_in interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
  v_deduplicated bigint[];
  v_retrying bigint[];
  v_failed boolean := false;
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
  if exists (select from unnest(errors) as g (error) where g.error is not null) then
    v_retrying := _retry_failed(workflow_keys, tokens, errors, v_now);
    v_failed := true;
  end if;
  -- Those that are retried have given up their token and are not met here.
  with ended as (
    delete from tasks t
    using (
      -- Of two items for one claim the first counts.
      select e.*
      from unnest(workflow_keys, tokens, outputs, errors) with ordinality as e (key, token, output, error, item)
      order by e.key, e.item
    ) as h
    where t.key = h.key and t.token = h.token
    returning
      t.key, t.token, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deduplicated, t.deadline,
      t.app_version,
      h.output, h.error, h.item
  ),
  written as (
    insert into outcomes (
      key, status, output, error, attempts, failures, executor_id, token, started_at, completed_at, deadline, app_version
    )
    select
      e.key,
      (case when e.error is null then 'SUCCESS' else 'ERROR' end)::workflow_status,
      case when e.error is null then e.output end,
      e.error, e.attempts, e.failures, e.executor_id, e.token, e.started_at, v_now, e.deadline,
      nullif(e.app_version, '')
    from ended e
    returning key
  )
  select
    array_agg(e.item),
    array_agg(e.key) filter (where e.watched),
    array_agg(e.key) filter (where e.deduplicated)
  into v_ended, v_watched, v_deduplicated
  from ended e;
  if v_deduplicated is not null then
    delete from deduplications d where d.key = any (v_deduplicated);
  end if;
  if v_watched is not null then
    perform _notify_finished(v_watched);
  end if;
  if v_failed and exists (select from unnest(v_ended) as g (item) where errors[g.item] is not null) then
    perform _alert('failed workflow');
  end if;
  if cardinality(v_ended) = v_many then
    return;
  end if;
  return query
  select
    g.item::int,
    case
      when g.token = any (v_retrying) then 'will be retried'
      when o.token = g.token then 'finished before'
      else 'lease lost'
    end,
    o.status::text, o.output, o.error,
    case when g.token = any (v_retrying) then (select t.wake_at from tasks t where t.key = g.key) - v_now end
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
  ''will be retried'': it failed, has a retry policy, and goes back to its queue after the delay in retry_in;
  ''finished before'': the caller had ended it under this token already;
  ''lease lost'': another executor owns it, or somebody else has ended it.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.fire_schedules(max_workflows integer DEFAULT 1000) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot fire %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may start.'
    );
  end if;
  perform _check_isolation('fire_schedules');
  perform _turn_back_schedules();
  return _fire_due(max_workflows);
end
$$;
COMMENT ON FUNCTION perdure.fire_schedules(max_workflows integer) IS 'Starts the workflows of all schedules whose next tick has come; each tick once, however many sessions call.
run_maintenance and claim do this too, so a worker need not.
max_workflows: how many ticks one call fires at the most, 1 to 100000; of one schedule 100.
Returns how many workflows it started.
Raises PD001 (bad number, or a transaction that is not read committed).';
CREATE FUNCTION perdure.fork(workflow_id text, from_step integer DEFAULT NULL::integer, from_name text DEFAULT NULL::text, from_last text DEFAULT NULL::text, new_workflow_id text DEFAULT NULL::text, queue text DEFAULT NULL::text, app_version text DEFAULT NULL::text, partition_key text DEFAULT NULL::text, priority integer DEFAULT 0, timeout interval DEFAULT NULL::interval, children json DEFAULT NULL::json) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return (
    select f.workflow_id
    from fork_many(
      array[fork.workflow_id],
      from_steps => case when fork.from_step is not null then array[fork.from_step] end,
      from_name => fork.from_name,
      from_last => fork.from_last,
      new_workflow_ids => array[fork.new_workflow_id],
      queue => fork.queue,
      app_version => fork.app_version,
      partition_keys => case when fork.partition_key is not null then array[fork.partition_key] end,
      priorities => array[fork.priority],
      timeout => fork.timeout,
      children => fork.children
    ) as f
  );
end
$$;
COMMENT ON FUNCTION perdure.fork(workflow_id text, from_step integer, from_name text, from_last text, new_workflow_id text, queue text, app_version text, partition_key text, priority integer, timeout interval, children json) IS 'Starts a new workflow that goes on from a step of another, with all that it recorded before; see fork_many, for the
parameters, too, which have one value instead of an array.
Returns the id of the fork.
Raises PD001 (bad argument, no such step), PD002 (no such workflow), PD003 (the id of another workflow), PD007 (no
such queue).';
CREATE FUNCTION perdure.fork_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], from_steps integer[] DEFAULT NULL::integer[], from_name text DEFAULT NULL::text, from_last text DEFAULT NULL::text, new_workflow_ids text[] DEFAULT NULL::text[], queue text DEFAULT NULL::text, app_version text DEFAULT NULL::text, partition_keys text[] DEFAULT NULL::text[], priorities integer[] DEFAULT NULL::integer[], timeout interval DEFAULT NULL::interval, children json DEFAULT NULL::json) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_recorded json := _recorded_before(workflow_key, fork_in_step.token, fork_in_step.step, 'perdure.fork');
  v_id text;
begin
  if v_recorded is not null then
    return v_recorded;
  end if;
  perform _hold_queues(_keys_of(workflow_ids), fork_in_step.queue);
  v_recorded := _recorded_in_step(workflow_key, fork_in_step.token, fork_in_step.step, 'perdure.fork');
  if v_recorded is not null then
    return v_recorded;
  end if;
  select w.workflow_id || '-' || fork_in_step.step into v_id from workflows w where w.key = workflow_key;
  select coalesce(json_agg(f.workflow_id order by f.item), '[]') into v_recorded
  from fork_many(
    fork_in_step.workflow_ids, fork_in_step.from_steps, fork_in_step.from_name, fork_in_step.from_last,
    array(
      select coalesce(
        new_workflow_ids[g.item],
        case when cardinality(workflow_ids) = 1 then v_id else v_id || '-' || g.item end
      )
      from generate_series(1, cardinality(workflow_ids)) as g (item)
      order by g.item
    ),
    fork_in_step.queue, fork_in_step.app_version, fork_in_step.partition_keys, fork_in_step.priorities,
    fork_in_step.timeout, fork_in_step.children
  ) as f;
  perform _record_now(workflow_key, fork_in_step.step, 'perdure.fork', v_recorded);
  return v_recorded;
end
$$;
COMMENT ON FUNCTION perdure.fork_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], from_steps integer[], from_name text, from_last text, new_workflow_ids text[], queue text, app_version text, partition_keys text[], priorities integer[], timeout interval, children json) IS 'Forks workflows from a step of a workflow that the caller owns, and records the step with it: however often it is
replayed, they are forked once.
workflow_key, token: from claim or start. step: its number within the workflow.
new_workflow_ids: null, or an id each; otherwise the id of the workflow and the step, and of several forks their
numbers, from 1: a-3-1. Other parameters are as in fork_many.
Returns an array, as it is recorded: the ids of the forks.
Raises PD001, PD002, PD003, PD007 as fork_many does, PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.fork_many(workflow_ids text[], from_steps integer[] DEFAULT NULL::integer[], from_name text DEFAULT NULL::text, from_last text DEFAULT NULL::text, new_workflow_ids text[] DEFAULT NULL::text[], queue text DEFAULT NULL::text, app_version text DEFAULT NULL::text, partition_keys text[] DEFAULT NULL::text[], priorities integer[] DEFAULT NULL::integer[], timeout interval DEFAULT NULL::interval, children json DEFAULT NULL::json) RETURNS TABLE(item integer, workflow_id text, created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(workflow_ids);
  v_keys bigint[];
  v_points int[];
  v_new_keys bigint[];
  v_new_ids text[];
  v_queue_ids int[];
  v_lane_ids int[];
  v_created bigint[];
  v_held bigint[];
  v_forks bigint[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(from_steps), v_many),
    coalesce(cardinality(new_workflow_ids), v_many),
    coalesce(cardinality(partition_keys), v_many),
    coalesce(cardinality(priorities), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to fork_many differ in length',
      hint => 'Give each array one element for each workflow, or leave it out.'
    );
  end if;
  perform _check_text('workflow id', g.id)
  from unnest(new_workflow_ids) as g (id)
  where g.id is not null and octet_length(g.id) between 1 and 512 is not true;
  perform _check_deadline(timeout, null);
  perform _check_children(children);
  if app_version is not null then
    perform _pin_version(app_version);
  end if;
  v_keys := _keys_of(workflow_ids);
  -- Until the end they are not deleted; whatever else they do they may.
  v_held := array(select w.key from workflows w where w.key = any (v_keys) order by w.key for key share);
  if cardinality(v_held) < (select count(distinct k.key) from unnest(v_keys) as k (key)) then
    perform _raise_deleted();
  end if;
  v_points := _fork_points(v_keys, from_steps, from_name, from_last);
  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  perform pg_current_xact_id();
  select
    array_agg(nextval('task_keys') order by g.item),
    array_agg(coalesce(g.id, _new_workflow_id()) order by g.item)
  into v_new_keys, v_new_ids
  from unnest(workflow_ids, new_workflow_ids) with ordinality as g (original, id, item);
  select array_agg(p.queue_id order by p.item), array_agg(p.lane_id order by p.item)
  into v_queue_ids, v_lane_ids
  from _places_for(v_keys, fork_many.queue, fork_many.partition_keys) as p;
  v_created := _create_forks(
    v_keys, v_new_keys, v_new_ids, v_queue_ids, v_lane_ids, priorities, fork_many.app_version, timeout
  );
  if cardinality(v_created) < v_many then
    perform _check_same_forks(v_new_ids, workflow_ids);
  end if;
  perform _copy_history(
    array_agg(g.key), array_agg(g.new_key), array_agg(g.point), fork_many.children
  )
  from unnest(v_keys, v_new_keys, v_points) as g (key, new_key, point)
  join unnest(v_created) as c (key) on c.key = g.new_key;
  perform from workflows w where w.key = any (v_keys) and not w.was_forked order by w.key for no key update;
  update workflows w set was_forked = true where w.key = any (v_keys) and not w.was_forked;
  perform _notify_queue(q.queue_id) from (select distinct u.queue_id from unnest(v_queue_ids) as u (queue_id)) as q;
  select array_agg(w.key order by g.item) into v_forks
  from unnest(v_new_ids) with ordinality as g (new_id, item)
  left join lateral (
    select e.key from workflows e where e.workflow_id = g.new_id offset 0
  ) as w on true;
  if array_position(v_forks, null) is not null then
    perform _raise_deleted();
  end if;
  return query
  select g.item::int, g.new_id, g.fork = g.new_key
  from unnest(v_new_keys, v_new_ids, v_forks) with ordinality as g (new_key, new_id, fork, item)
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.fork_many(workflow_ids text[], from_steps integer[], from_name text, from_last text, new_workflow_ids text[], queue text, app_version text, partition_keys text[], priorities integer[], timeout interval, children json) IS 'Starts new workflows, each of which goes on from a step of another, in whatever state that is; that itself goes on
or stays as it is. A fork has the name, input, attributes, class and identity of its original, and what that recorded
before the step: completed steps (a message that was received there is not received again), events, streams. Not
copied: messages, parent, priority, deduplication id. In one transaction; of an original that runs, one moment is seen.
workflow_ids: the originals.
from_steps: null, or for each the first step that its fork runs itself, from 1 (null: 1) to one more than are recorded.
from_name: null, or instead the first step of that name.
from_last: null, or instead ''step'' for the last step that is recorded, or ''failure'' for the last that has failed;
if none has, and the workflow has not succeeded, after its last step.
new_workflow_ids: null, or an id each (null: a new one). If it is a fork of the same original, that is returned.
queue: null for the queue of each original, or where they wait. In ''_internal'' they start at once, past all limits.
app_version: null: executors of the latest version take them; or the version that they belong to.
partition_keys: null for those of the originals, or a key each.
priorities: null, or a number each; 0 otherwise.
timeout: null, or how long each may take from its first start; more than 0, at most 100 years.
children: null, or an object with ids of children that were started before the step, and the ids of the workflows that
take their places. Results of children that were recorded before the step stay.
Returns a row for each, in order: its id, and whether this call created it.
Raises PD001 (bad argument, no such step), PD002 (no such workflow), PD003 (the id of another workflow), PD007 (no
such queue, or the queue of an original does not exist any more).';
CREATE FUNCTION perdure.get_all_events(workflow_id text) RETURNS TABLE(name text, value json, set_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  v_key := _key_of(get_all_events.workflow_id);
  return query
  select distinct on (e.name) e.name, e.value, e.set_at
  from events e
  where e.key = v_key
  order by e.name, e.event_id desc;
end
$$;
COMMENT ON FUNCTION perdure.get_all_events(workflow_id text) IS 'The events of a workflow with their newest values, by name.
Raises PD002 (no such workflow).';
CREATE FUNCTION perdure.get_event(workflow_id text, name text) RETURNS TABLE(value json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  perform _check_text('event', get_event.name);
  v_key := _key_of(get_event.workflow_id);
  return query select e.value from _newest_event(v_key, get_event.name) as e;
end
$$;
COMMENT ON FUNCTION perdure.get_event(workflow_id text, name text) IS 'The value an event of a workflow was last set to; no row while it has not been set (watch tells when it is).
Raises PD001 (bad name), PD002 (no such workflow).';
CREATE FUNCTION perdure.get_result(workflow_id text) RETURNS TABLE(status text, output json, error json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
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
    perform _mark_watched(v_keys);
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
watch: true to be notified, on channel <schema>.finished with the id as payload, when another ends. Commit at
once then: until you do, those that are active can be neither claimed nor ended.
Returns the id, the status, and the output or the error.
Raises PD002 if one of them does not exist.';
CREATE FUNCTION perdure.get_schedule(schedule text) RETURNS TABLE(workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, paused boolean, next_at timestamp with time zone, last_at timestamp with time zone, created_at timestamp with time zone, application text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform _schedule(get_schedule.schedule);
  return query
  select
    l.workflow, l.cron, l.zone, l.queue, l.context, l.automatic_backfill, l.max_recovery_attempts,
    l.paused, l.next_at, l.last_at, l.created_at, l.application
  from list_schedules() as l
  where l.schedule = get_schedule.schedule;
end
$$;
COMMENT ON FUNCTION perdure.get_schedule(schedule text) IS 'One schedule; see list_schedules. Raises PD001 (a name that none can have), PD020 (no such schedule).';
CREATE FUNCTION perdure.get_workflow(workflow_id text) RETURNS SETOF perdure.workflow_info
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  v_key := _key_of(get_workflow.workflow_id);
  return query select * from _workflow_rows(array[v_key], null, true, true);
end
$$;
COMMENT ON FUNCTION perdure.get_workflow(workflow_id text) IS 'All about one workflow: one row, with the columns of list_workflows. queue is null for a direct start; executor is the
name of the one that runs it, or ran it, while that is registered; app_version is the version that it belongs to, if any; wake_at is set while it waits for a moment;
attempts: how often a worker began to run it, since its last failure that was retried; failures: how many of its
retries were used; deadline is when it is cancelled, or would have been: with a timeout it is set at the first start.
Raises PD002 if it does not exist.';
CREATE FUNCTION perdure.heartbeat(executor_id bigint, OUT lease_until timestamp with time zone, OUT renew_in interval, OUT suspend_after interval) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update executors e
  set lease_until = clock_timestamp() + e.lease
  where e.executor_id = heartbeat.executor_id and not e.lapsed
  returning e.lease_until, e.lease / 3 * (0.85 + 0.15 * random()), interval '5 seconds'
  into heartbeat.lease_until, heartbeat.renew_in, heartbeat.suspend_after;
end
$$;
COMMENT ON FUNCTION perdure.heartbeat(executor_id bigint, OUT lease_until timestamp with time zone, OUT renew_in interval, OUT suspend_after interval) IS 'Renews the lease of an executor by the span it was registered with. A worker calls it first when it has registered.
Returns lease_until, when the lease ends; renew_in, after what time to call again: within a third of the lease; and
suspend_after: what a workflow waits for longer than this is put down, not waited for in memory. All are null if the
lease is lost: then its workflows belong to others, it should stop running them and register again.';
CREATE FUNCTION perdure.import_workflow(document json, create_queues boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_version text;
  v_workflow json;
  v_id text;
  v_first_key bigint;
  v_many int := 0;
  v_queue_id int;
  v_queues int[];
  v_message text;
begin
  begin
    if json_typeof(document) is distinct from 'object' or document ->> 'format' is distinct from 'perdure.workflow' then
      perform _raise(
        'PD001', 'that is no document of export_workflow',
        hint => 'A document is an object whose format is "perdure.workflow".'
      );
    end if;
    v_version := document ->> 'version';
    if v_version is distinct from '1' then
      perform _raise(
        'PD001',
        format('the document has version %s, this release reads version 1', coalesce(v_version, 'null')),
        detail => 'Nothing was imported.',
        hint => 'Import it with the release that has exported it, or a newer one.'
      );
    end if;
    if json_typeof(document -> 'workflows') is distinct from 'array' then
      perform _raise_unreadable('the document has no workflows');
    end if;
    -- The transaction has its id before it draws a key: _raise_floor relies on that.
    perform pg_current_xact_id();
    v_first_key := nextval('task_keys');
    for v_workflow in select g.workflow from json_array_elements(document -> 'workflows') as g (workflow) loop
      v_id := v_workflow ->> 'workflow_id';
      v_queue_id := _import_one(v_workflow, create_queues, v_first_key);
      v_many := v_many + 1;
      if v_queue_id is not null and v_queue_id <> all (coalesce(v_queues, '{}')) then
        v_queues := v_queues || v_queue_id;
      end if;
    end loop;
  exception
    when data_exception or integrity_constraint_violation or program_limit_exceeded then
      get stacked diagnostics v_message = message_text;
      perform _raise(
        'PD001',
        format('the document cannot be read: %s', v_message),
        detail => format('in workflow %L. Nothing was imported.', v_id),
        hint => 'Give the document as export_workflow has made it.'
      );
  end;
  perform _notify_queue(g.queue_id) from unnest(v_queues) as g (queue_id);
  return v_many;
end
$$;
COMMENT ON FUNCTION perdure.import_workflow(document json, create_queues boolean) IS 'Writes the workflows of a document of export_workflow into this database, all of them or none, as they stood when
it was made: what had ended has ended, what waited waits, and what ran goes on from its last recorded step, here, as
soon as a worker claims it. Exported again before that, they give the same bytes. If it goes on where it came
from too, it runs twice: cancel it there.
document: as export_workflow has made it.
create_queues: true to make the queues that do not exist, without limits; with partitions where a workflow has a
partition key.
Returns how many workflows were written.
Raises PD001 (what is no such document, one of a later version, or one with an error), PD003 (one of the ids
exists), PD007 (no such queue), PD012 (another active workflow holds a deduplication id).';
CREATE FUNCTION perdure.keep_traces(workflow_ids text[], traceparents text[]) RETURNS TABLE(item integer, traceparent text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_bad text;
begin
  if cardinality(workflow_ids) between 0 and 10000 is not true
    or cardinality(traceparents) is distinct from cardinality(workflow_ids)
  then
    perform _raise(
      'PD001',
      format('%s ids and %s trace contexts', coalesce(cardinality(workflow_ids)::text, 'no'), coalesce(cardinality(traceparents)::text, 'no')),
      hint => 'Give one for each, null for those that are only read; 10000 at the most.'
    );
  end if;
  select g.traceparent into v_bad
  from unnest(traceparents) as g (traceparent)
  where not _is_traceparent(g.traceparent)
  limit 1;
  if v_bad is not null then
    perform _raise(
      'PD001',
      format('%L is no trace context', left(v_bad, 100)),
      hint => 'It has the form of the header traceparent of W3C: 00-<32 hex digits>-<16 hex digits>-<2 hex digits>.'
    );
  end if;
  if array_remove(traceparents, null) <> '{}' then
    -- Held, so that a delete that is under way leaves none behind.
    with held as materialized (
      select w.key, g.traceparent, g.item
      from unnest(workflow_ids, traceparents) with ordinality as g (workflow_id, traceparent, item)
      join workflows w on w.workflow_id = g.workflow_id
      where g.traceparent is not null
      order by w.key
      for key share of w
    )
    insert into traces (key, traceparent)
    select distinct on (h.key) h.key, h.traceparent
    from held h
    order by h.key, h.item
    on conflict do nothing;
  end if;
  return query
  select g.item::int, t.traceparent
  from unnest(workflow_ids) with ordinality as g (workflow_id, item)
  left join lateral (select f.key from workflows f where f.workflow_id = g.workflow_id offset 0) as w on true
  left join lateral (select f.traceparent from traces f where f.key = w.key offset 0) as t on true
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.keep_traces(workflow_ids text[], traceparents text[]) IS 'Keeps the trace contexts of workflows, the first for each, and returns what is kept: null if none is.
workflow_ids: those that do not exist are passed over.
traceparents: for each workflow that in which it was started, in the form of the W3C header; null: only read.
Raises PD001 (not one for each, or no such form).';
CREATE FUNCTION perdure.list_executors() RETURNS TABLE(executor_id bigint, name text, app_version text, application text, latest boolean, registered_at timestamp with time zone, lease_until timestamp with time zone, alive boolean, running bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select
    e.executor_id, e.name, e.app_version, e.application,
    e.app_version = (
      select v.app_version
      from versions v
      where v.application = coalesce(e.application, '')
      order by v.place desc
      limit 1
    ),
    e.registered_at, e.lease_until,
    not e.lapsed and e.lease_until >= clock_timestamp(),
    (select count(*) from tasks t where t.executor_id = e.executor_id)
  from executors e
  order by e.executor_id
$$;
COMMENT ON FUNCTION perdure.list_executors() IS 'The registered executors, the version each has (null: none, it takes the work of all), whether that is the latest,
whether their lease holds, and how many workflows each runs.';
CREATE FUNCTION perdure.list_queues() RETURNS TABLE(queue text, paused boolean, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, created_at timestamp with time zone, application text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select
    q.name, q.paused, q.concurrency, q.worker_concurrency, q.rate_limit, q.rate_period,
    q.partitioned, q.partition_concurrency, q.partition_rate_limit, q.partition_rate_period,
    q.priority_ageing, q.created_at, q.application
  from queues q
  where not q.internal
  order by q.name
$$;
COMMENT ON FUNCTION perdure.list_queues() IS 'The queues by name with their settings (see register_queue), without the internal ones. application
is null for a queue that belongs to none.';
CREATE FUNCTION perdure.list_retention() RETURNS TABLE(workflow text, max_age interval, max_count bigint, statuses text[], created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select nullif(r.workflow, ''), r.max_age, r.max_count, r.statuses, r.created_at
  from retention r
  order by r.workflow
$$;
COMMENT ON FUNCTION perdure.list_retention() IS 'The policies of set_retention: the one for the rest, whose workflow is null, then by name.';
CREATE FUNCTION perdure.list_schedules() RETURNS TABLE(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, paused boolean, next_at timestamp with time zone, last_at timestamp with time zone, created_at timestamp with time zone, application text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select
    s.name, s.workflow, s.cron, s.zone, s.queue, s.context, s.automatic_backfill, s.max_recovery_attempts,
    s.paused, s.next_at, s.last_at, s.created_at, s.application
  from schedules s
  order by s.name
$$;
COMMENT ON FUNCTION perdure.list_schedules() IS 'The schedules by name, with their settings (see create_schedule), whether they are paused, the next tick, and
the one that was fired last. One that is not paused and has no next tick has a zone that this Postgres does not
know any more.';
CREATE FUNCTION perdure.list_steps(workflow_id text, with_output boolean DEFAULT true, after_step integer DEFAULT NULL::integer, max_steps integer DEFAULT NULL::integer) RETURNS TABLE(step integer, name text, output json, error json, child_id text, attempts integer, started_at timestamp with time zone, completed_at timestamp with time zone, retry_at timestamp with time zone, waits_for text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_key bigint;
begin
  if max_steps < 1 then
    perform _raise('PD001', format('a list has 1 step or more, not %s', max_steps), hint => 'Give null for all of them.');
  end if;
  v_key := _key_of(list_steps.workflow_id);
  return query
  select
    s.step, s.name, case when with_output then s.output end, s.error, s.child_id, s.attempts,
    s.started_at, s.completed_at, s.retry_at,
    case
      when s.name = 'perdure.sleep' and s.retry_at > v_now then 'moment'
      when s.completed_at is null and s.name = 'perdure.recv' then (
        select string_agg('message' || case w.name when '' then '' else ' on topic ' || w.name end, ', ' order by w.name)
        from waits w
        where w.waiter_key = v_key and w.kind = 'message'
      )
      when s.completed_at is null and s.name = 'perdure.get_event' then (
        select string_agg(format('event %s of workflow %s', w.name, t.workflow_id), ', ' order by w.name, t.workflow_id)
        from waits w
        cross join lateral (select f.workflow_id from workflows f where f.key = w.target_key offset 0) as t
        where w.waiter_key = v_key and w.kind = 'event'
      )
      when s.completed_at is null and s.retry_at is not null then 'next attempt'
    end
  from steps s
  where s.key = v_key and s.step > coalesce(after_step, -1)
  order by s.step
  limit max_steps;
end
$$;
COMMENT ON FUNCTION perdure.list_steps(workflow_id text, with_output boolean, after_step integer, max_steps integer) IS 'The recorded steps of a workflow, in order. child_id is set where the step started a child. While a
failed step waits for its next attempt, completed_at is null, retry_at is that moment, and error is the
list of its errors so far.
with_output: whether output is brought; it is null otherwise.
after_step, max_steps: null for all steps, or those after this number, and at most so many.
waits_for: what a step that is under way waits for: moment (a sleep, until retry_at), next attempt, message, message on
topic T, event E of workflow W; of several steps that wait at once each names all. A wait for the end of another workflow
is recorded when it is over.
Raises PD001 (max_steps below 1), PD002 if the workflow does not exist.';
CREATE FUNCTION perdure.list_versions(of_application text DEFAULT NULL::text) RETURNS TABLE(application text, app_version text, latest boolean, registered_at timestamp with time zone, executors bigint, running bigint, waiting bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return query
  with known as (
    select v.application, v.app_version, v.registered_at, v.place
    from versions v
    where of_application is null or v.application = of_application
    union all
    select distinct '', p.app_version, null::timestamptz, 0::bigint
    from version_pins p
    where of_application is null
      and not exists (select from versions v where v.app_version = p.app_version)
  ),
  living as materialized (
    select e.app_version, e.application from _living_executors() as e
  ),
  active as (
    select
      t.app_version,
      count(*) filter (where t.executor_id is not null) as running,
      count(*) filter (where t.executor_id is null) as waiting
    from tasks t
    where t.app_version <> ''
    group by t.app_version
  )
  select
    nullif(k.application, ''), k.app_version,
    k.place > 0 and k.place = max(k.place) over (partition by k.application),
    k.registered_at,
    (
      select count(*)
      from living e
      where e.app_version = k.app_version and coalesce(e.application, '') = k.application
    ),
    coalesce(a.running, 0), coalesce(a.waiting, 0)
  from known k
  left join active a on a.app_version = k.app_version
  order by k.application, k.place desc, k.app_version;
end
$$;
COMMENT ON FUNCTION perdure.list_versions(of_application text) IS 'The versions of applications, the latest first. It counts rows: its cost grows with what is active, not with history.
of_application: null for all, or the name of one.
Returns for each its application, null for none; its name; whether it is the latest; when it was registered, null
if work was only enqueued for it; how many living executors have it; and of the workflows that belong to it how
many run, and how many wait or are put down. With none of those its last executor can go. Applications that give
a version the same name share its counts of workflows.';
CREATE FUNCTION perdure.list_workflows(workflow_ids text[] DEFAULT NULL::text[], id_prefixes text[] DEFAULT NULL::text[], statuses text[] DEFAULT NULL::text[], names text[] DEFAULT NULL::text[], app_versions text[] DEFAULT NULL::text[], users text[] DEFAULT NULL::text[], queues text[] DEFAULT NULL::text[], queued boolean DEFAULT NULL::boolean, executors text[] DEFAULT NULL::text[], parents text[] DEFAULT NULL::text[], has_parent boolean DEFAULT NULL::boolean, forked_from text[] DEFAULT NULL::text[], is_fork boolean DEFAULT NULL::boolean, was_forked boolean DEFAULT NULL::boolean, schedules text[] DEFAULT NULL::text[], attributes jsonb DEFAULT NULL::jsonb, applications text[] DEFAULT NULL::text[], created_from timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone, started_from timestamp with time zone DEFAULT NULL::timestamp with time zone, started_until timestamp with time zone DEFAULT NULL::timestamp with time zone, completed_from timestamp with time zone DEFAULT NULL::timestamp with time zone, completed_until timestamp with time zone DEFAULT NULL::timestamp with time zone, newest_first boolean DEFAULT true, max_workflows integer DEFAULT 100, after text DEFAULT NULL::text, with_input boolean DEFAULT true, with_output boolean DEFAULT true) RETURNS SETOF perdure.workflow_info
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_filter workflow_filter := row(
    workflow_ids,
    case when id_prefixes is not null then array(
      select regexp_replace(p.prefix, E'([\\\\%_])', E'\\\\\\1', 'g') || '%' from unnest(id_prefixes) as p (prefix)
    ) end,
    names, app_versions, users,
    case when queues is not null then array(select q.queue_id from queues q where q.name = any (queues)) end,
    queued,
    case when executors is not null then array(select e.executor_id from executors e where e.name = any (executors)) end,
    case when parents is not null then array(select p.key from workflows p where p.workflow_id = any (parents)) end,
    has_parent, forked_from, is_fork, was_forked, schedules, attributes, applications,
    created_from, created_until, started_from, started_until, completed_from, completed_until
  );
  v_sort text := case
    when num_nonnulls(completed_from, completed_until) > 0 then 'completed'
    when num_nonnulls(created_from, created_until) > 0 then 'created'
    when num_nonnulls(started_from, started_until) > 0 then 'started'
    else 'key'
  end;
  v_after_at timestamptz;
  v_after_key bigint;
  v_keys bigint[];
  v_times timestamptz[];
begin
  perform _check_filter(v_filter, statuses);
  if max_workflows between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('a list has 1 to 10000 workflows, not %s', coalesce(max_workflows::text, 'null')),
      hint => 'Ask for the rest with after => the cursor of the last row.'
    );
  end if;
  select c.at, c.key into v_after_at, v_after_key
  from _read_cursor(after, v_sort <> 'key') as c;
  select array_agg(f.key order by f.item), array_agg(f.at order by f.item) into v_keys, v_times
  from (
    select n.key, n.at, row_number() over (
      order by
        case when newest_first then n.at end desc, case when newest_first then n.key end desc,
        n.at, n.key
    ) as item
    from _sides(v_filter, statuses) as s
    cross join lateral _find_workflows(
      s.part, s.side, s.statuses_there, v_sort, newest_first, v_after_at, v_after_key, max_workflows
    ) as l
    cross join lateral unnest(l.keys, l.times) as n (key, at)
    order by item
    limit max_workflows
  ) as f;
  return query
  select * from _workflow_rows(v_keys, case when v_sort <> 'key' then v_times end, with_input, with_output);
end
$$;
COMMENT ON FUNCTION perdure.list_workflows(workflow_ids text[], id_prefixes text[], statuses text[], names text[], app_versions text[], users text[], queues text[], queued boolean, executors text[], parents text[], has_parent boolean, forked_from text[], is_fork boolean, was_forked boolean, schedules text[], attributes jsonb, applications text[], created_from timestamp with time zone, created_until timestamp with time zone, started_from timestamp with time zone, started_until timestamp with time zone, completed_from timestamp with time zone, completed_until timestamp with time zone, newest_first boolean, max_workflows integer, after text, with_input boolean, with_output boolean) IS 'The workflows that pass every filter given, a page at a time. A filter that is null lets all pass, an empty array none; of
several values in an array one is enough. Names that nothing has are no error: then there is nothing to list.
workflow_ids, id_prefixes: the ids, or how they begin.
statuses: DELAYED, ENQUEUED, PENDING (active), SUCCESS, ERROR, CANCELLED, MAX_RECOVERY_ATTEMPTS_EXCEEDED (ended).
names, app_versions, users (on whose behalf), schedules, applications: the names.
queues: those enqueued in these queues; queued: true for those enqueued in any, false for direct starts.
executors: those that run, or were run last, on an executor of this name, while that is registered.
parents: the children of the workflows of these ids; has_parent: whether they have one.
forked_from: forks of the workflows of these ids; is_fork: whether they are one; was_forked: whether there are forks of them.
attributes: an object; those whose attributes contain it.
created_from, created_until: enqueued or started in this span, with its beginning and without its end; started_from,
started_until: a worker began to run it; completed_from, completed_until: it ended.
newest_first: the order. It is that of enqueueing (workflow_key); with a span of completion it is that of completion,
with one of creation that of created_at, and with one of start alone that of started_at.
max_workflows: 1 to 10000.
after: the cursor of the last row seen; the list goes on behind it. A cursor is a workflow_key, or, where the order is that
of a moment, the moment and the key: 2026-01-31T12:00:00.000000Z/4711. What is listed behind it was there or not, but never
twice and never passed over, whatever was deleted meanwhile; in the order of start or completion, what runs again does so anew.
with_input: whether input is brought; with_output: whether output and error are. They are null otherwise.
Columns: as get_workflow, and the cursor.
Raises PD001 (an unknown status, a number out of range, a span that ends before it begins, attributes that are no object, a
cursor of another order).';
CREATE FUNCTION perdure.lost_workflows(workflow_keys bigint[], tokens bigint[]) RETURNS TABLE(item integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  if cardinality(workflow_keys) is distinct from cardinality(tokens) then
    perform _raise(
      'PD001',
      'the arrays given to lost_workflows differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;
  return query
  select g.item::int
  from unnest(workflow_keys, tokens) with ordinality as g (key, token, item)
  where not exists (
    select from tasks t where t.key = g.key and t.token = g.token
    -- Kept apart: as a join it would read all that is active.
    offset 0
  )
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.lost_workflows(workflow_keys bigint[], tokens bigint[]) IS 'Of workflows that a worker runs, those that are not its own any more: cancelled, timed out, ended, or taken
over. For a worker that was told on channel <schema>.cancelled, or that cannot listen.
workflow_keys, tokens: from claim or start.
Returns a row for each that is lost: its place in the arrays, from 1.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.metrics() RETURNS TABLE(metric text, labels json, value double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  -- One pass over what is active.
  return query
  with counted as materialized (
    select
      t.queue_id,
      count(*) filter (where t.status = 'ENQUEUED') as waiting,
      count(*) filter (where t.status = 'DELAYED') as delayed,
      count(*) filter (where t.status = 'PENDING' and t.executor_id is not null) as running,
      count(*) filter (where t.status = 'PENDING' and t.executor_id is null) as suspended,
      count(*) filter (where t.failures > 0) as retried,
      count(*) filter (where t.attempts > 1) as recovered,
      min(t.key) filter (where t.status = 'ENQUEUED') as oldest_key
    from tasks t
    group by t.queue_id
  ),
  queue as materialized (
    select q.name, q.paused, json_build_object('queue', q.name) as labels, c.*
    from queues q
    left join counted c on c.queue_id = q.queue_id
    where c.queue_id is not null or not q.internal
  )
  select 'perdure_workflows', json_build_object('queue', q.name, 'state', s.state), coalesce(s.many, 0)::double precision
  from queue q
  cross join lateral (values
    ('waiting', q.waiting), ('delayed', q.delayed), ('running', q.running), ('suspended', q.suspended)
  ) as s (state, many)
  union all
  select 'perdure_oldest_waiting_seconds', q.labels, coalesce(greatest(extract(epoch from v_now - _waiting_since(q.oldest_key)), 0), 0)
  from queue q
  union all
  select 'perdure_queue_paused', q.labels, q.paused::int from queue q
  union all
  select 'perdure_workflows_retried', q.labels, coalesce(q.retried, 0) from queue q
  union all
  select 'perdure_workflows_recovered', q.labels, coalesce(q.recovered, 0) from queue q;
  return query
  select 'perdure_executors', json_build_object('state', s.state), count(e.executor_id)::double precision
  from (values ('alive'), ('lapsed')) as s (state)
  left join executors e
    on (s.state = 'alive') = (not e.lapsed and e.lease_until >= clock_timestamp())
  group by s.state
  union all
  select f.metric, f.labels, f.value from _late_and_dead(v_now) as f;
end
$$;
COMMENT ON FUNCTION perdure.metrics() IS 'Figures for a monitoring system: the name of each, its labels, and its value. All are gauges. It reads what is active, not
what has ended.
perdure_workflows {queue, state}: how many wait, are delayed, run on an executor, or are put down (suspended).
perdure_oldest_waiting_seconds {queue}: since when the oldest that waits exists; 0 if none does.
perdure_queue_paused {queue}: 1 or 0.
perdure_workflows_retried {queue}: active ones that have failed and were given another try.
perdure_workflows_recovered {queue}: active ones that were begun more than once, because their worker died or was stopped.
perdure_executors {state}: alive, or lapsed: the lease has run out, and the work is not taken over yet.
perdure_dead_letters: how many are dead (MAX_RECOVERY_ATTEMPTS_EXCEEDED); counted up to 10000.
perdure_overdue_seconds {what}: how late the next wake-up, deadline or tick of a schedule is; 0 if none is due.';
CREATE FUNCTION perdure.notify_alerts(enabled boolean DEFAULT true) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  if enabled then
    insert into alerting (since) values (_now()) on conflict (alerting_id) do nothing;
  else
    delete from alerting;
  end if;
end
$$;
COMMENT ON FUNCTION perdure.notify_alerts(enabled boolean) IS 'Switches notifications on or off, for everybody: on channel <schema>.alert, with ''dead letter'' as payload when a
workflow is given up because its worker died too often, and ''failed workflow'' when one ends with an error. A
transaction sends each at most once. Off from the start. Look at alerts() then.
enabled: true or false.';
CREATE FUNCTION perdure.patch(workflow_key bigint, token bigint, step integer, name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_step_name text := 'perdure.patch-' || patch.name;
  v_recorded text;
  v_resumed boolean;
begin
  perform _check_text('patch name', patch.name);
  select t.resumed into v_resumed
  from tasks t
  where t.key = workflow_key and t.token = patch.token
  for no key update;
  if not found then
    perform _raise_lease_lost(workflow_key);
  end if;
  select s.name into v_recorded from steps s where s.key = workflow_key and s.step = patch.step;
  if found then
    return v_recorded = v_step_name;
  end if;
  if v_resumed and exists (select from steps s where s.key = workflow_key and s.step > patch.step) then
    return false;
  end if;
  insert into steps (key, step, name, output, started_at, completed_at)
  values (workflow_key, patch.step, v_step_name, 'true', _now(), _now());
  return true;
end
$$;
COMMENT ON FUNCTION perdure.patch(workflow_key bigint, token bigint, step integer, name text) IS 'For a change of workflow code: whether this run takes the new way. True for a run that comes to this point for the
first time: then it is recorded as a step. False for a run that had passed this point before it had the patch: then
the next step has the same number. The same call gives the same answer on every replay.
workflow_key, token: from claim or start.
step: the number of the next step.
name: of the patch, 1 to 512 bytes; the step is named perdure.patch-<name>.
Raises PD001 (bad name), PD004 (lease lost).
When no run without the patch is left, deprecate_patch takes its place.';
CREATE FUNCTION perdure.pause_queue(queue text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select update_queue(pause_queue.queue, '{"paused": true}')
$$;
COMMENT ON FUNCTION perdure.pause_queue(queue text) IS 'Lets no more workflows of a queue start. What runs goes on; what is enqueued waits. When this returns
no claim is under way any more. Raises PD001 (the internal queue, or a transaction
that is not read committed), PD007 (no such queue).';
CREATE FUNCTION perdure.pause_schedule(schedule text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update schedules s
  set paused = true, next_at = null
  where s.name = pause_schedule.schedule;
  if not found then
    perform _schedule(pause_schedule.schedule);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.pause_schedule(schedule text) IS 'Lets a schedule start nothing more, until it is resumed. What it has started goes on. Raises PD001 (a name
that none can have), PD020 (no such schedule).';
CREATE FUNCTION perdure.place_steps(workflow_keys bigint[], tokens bigint[], steps integer[], places text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_held int[];
begin
  if cardinality(workflow_keys) is distinct from cardinality(place_steps.steps)
    or cardinality(workflow_keys) is distinct from cardinality(place_steps.places) then
    perform _raise(
      'PD001',
      'the arrays given to place_steps differ in length',
      hint => 'Give each array one element for each step.'
    );
  end if;
  v_held := _hold_tasks(workflow_keys, tokens);
  insert into places (key, step, place)
  select workflow_keys[h.item], place_steps.steps[h.item], place_steps.places[h.item]
  from unnest(v_held) as h (item)
  where place_steps.places[h.item] is not null
  on conflict (key, step) do nothing;
  return cardinality(v_held) = cardinality(workflow_keys);
end
$$;
COMMENT ON FUNCTION perdure.place_steps(workflow_keys bigint[], tokens bigint[], steps integer[], places text[]) IS 'Tells to which place in the code of its workflow the number of a step belongs: claim hands it out with the step. For
branches of code that run side by side and take several steps each: in which order those begin, and so which numbers they
get, depends on time, and a replay finds them by their places. It is called in the transaction that records the step;
or before the step begins, if its number must not change from then on. A worker may do without, for steps whose numbers each
run gives alike.
workflow_keys, tokens: from claim or start; what the caller does not own is passed over.
steps: the numbers.
places: texts that mean something to the worker alone, unique in their workflow; null for a step without one. The first
place of a number stays.
Returns whether the caller owns all of them.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.preview_retention(workflow text DEFAULT NULL::text, max_workflows integer DEFAULT 1000) RETURNS TABLE(workflow_id text, name text, status text, completed_at timestamp with time zone, descendants bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_policy retention;
  v_horizon record;
  v_keys bigint[];
  v_at timestamptz := '-infinity'::timestamptz;
  v_key bigint := 0;
  v_tree record;
  v_left int := max_workflows;
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot preview %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that are named.'
    );
  end if;
  select r.* into v_policy from retention r where r.workflow = coalesce(preview_retention.workflow, '');
  if not found then
    return;
  end if;
  if v_policy.max_count is not null then
    v_policy.counting_at := null;
    v_policy.count_began_at := null;
    v_policy.newest_at := null;
    loop
      v_policy := _count_back(v_policy);
      exit when v_policy.counting_at is null;
    end loop;
  end if;
  v_horizon := _horizon(v_policy, _now());
  while v_left > 0 loop
    v_keys := array(
      select o.key
      from outcomes o
      where o.completed_at >= v_at
        and (o.completed_at, o.key) > (v_at, v_key)
        and (o.completed_at, o.key) <= (v_horizon.completed_at, v_horizon.key)
      order by o.completed_at, o.key
      limit 1000
    );
    exit when v_keys = '{}';
    for v_tree in
      select g.key, d.many
      from unnest(_retained_roots(v_policy, v_keys)) with ordinality as g (key, place)
      cross join lateral (
        select count(*) as many, count(t.key) as active
        from _descendants(array[g.key]) as e
        left join lateral (select a.key from tasks a where a.key = e.key offset 0) as t on true
      ) as d
      where d.active = 0
      order by g.place
      limit v_left
    loop
      v_left := v_left - 1;
      return query
      select w.workflow_id, w.name, o.status::text, o.completed_at, v_tree.many - 1
      from workflows w, outcomes o
      where w.key = v_tree.key and o.key = v_tree.key;
    end loop;
    v_key := v_keys[cardinality(v_keys)];
    select o.completed_at into v_at from outcomes o where o.key = v_key;
  end loop;
end
$$;
COMMENT ON FUNCTION perdure.preview_retention(workflow text, max_workflows integer) IS 'What the policy of a name would remove now, earliest first; nothing is removed. It reads the history up to
where the policy ends, so it takes its time on a large one. To see what another policy would remove, set it, look, and
roll back.
workflow: as for set_retention. max_workflows: how many to name at most, 1 to 100000.
Returns the id and name of each, how it ended and when, and how many descendants would go with it.
Raises PD001 (a number out of range).';
CREATE FUNCTION perdure.queue_stats(only_queue text DEFAULT NULL::text, with_direct boolean DEFAULT false) RETURNS TABLE(queue text, waiting bigint, delayed bigint, running bigint, suspended bigint, partitions_waiting bigint, oldest_waiting interval)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return query
  select
    min(q.name) filter (where not q.internal),
    count(t.key) filter (where t.status = 'ENQUEUED'),
    count(t.key) filter (where t.status = 'DELAYED'),
    count(t.key) filter (where t.status = 'PENDING' and t.executor_id is not null),
    count(t.key) filter (where t.status = 'PENDING' and t.executor_id is null),
    count(distinct t.lane_id) filter (where t.status = 'ENQUEUED' and t.lane_id > 0),
    _now() - (
      select w.created_at
      from workflows w
      where w.key = min(t.key) filter (where t.status = 'ENQUEUED')
    )
  from queues q
  left join tasks t on t.queue_id = q.queue_id
  where not q.internal and (only_queue is null or q.name = only_queue)
    or q.internal and with_direct and only_queue is null
  group by case when not q.internal then q.queue_id end
  order by 1;
  if not found and only_queue is not null then
    perform _raise_queue_not_found(only_queue);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.queue_stats(only_queue text, with_direct boolean) IS 'What each queue holds now. It counts rows: its cost grows with what is active, not with history.
only_queue: null for all, or the name of one.
with_direct: true for one more row, the last, whose queue is null: what was started directly, of all applications, and what
was resumed or forked past the limits of its queue. Not with only_queue.
Returns the name; how many workflows wait to be claimed, are delayed, run on an executor, or are put down
with a place; in how many partitions some wait; and since when the oldest waits.
Raises PD001 (a name that no queue can have), PD007 (no such queue).';
CREATE FUNCTION perdure.read_stream(workflow_id text, name text, from_entry integer DEFAULT 0, max_entries integer DEFAULT 1000) RETURNS TABLE(entry integer, value json, at_end boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
  v_ended boolean;
begin
  if (from_entry >= 0 and max_entries between 1 and 100000) is not true then
    perform _raise(
      'PD001',
      format('cannot read %s entries from entry %s of a stream', max_entries, from_entry),
      hint => 'Entries count from 0; read 1 to 100000 at a time.'
    );
  end if;
  perform _check_text('stream', read_stream.name);
  v_key := _key_of(read_stream.workflow_id);
  -- Before the entries are read: what ended it has written its last entry before.
  v_ended := not exists (select from tasks t where t.key = v_key);
  return query
  select e.entry, e.value, e.closes
  from stream_entries e
  where e.key = v_key and e.name = read_stream.name and e.entry >= from_entry
  order by e.key, e.name, e.entry
  limit max_entries;
  if found then
    return;
  end if;
  if v_ended or (
    select e.closes
    from stream_entries e
    where e.key = v_key and e.name = read_stream.name
    order by e.key desc, e.name desc, e.entry desc
    limit 1
  ) then
    return query select from_entry, null::json, true;
  end if;
end
$$;
COMMENT ON FUNCTION perdure.read_stream(workflow_id text, name text, from_entry integer, max_entries integer) IS 'Entries of a stream, in order, from one on; no row while there is none (watch tells when there is more).
from_entry: they count from 0. max_entries: how many at the most, 1 to 100000.
Returns entry and value; at_end is true in the last row, which has no value: the stream is closed, or its workflow
has ended.
Raises PD001 (a number out of range, bad name), PD002 (no such workflow).';
CREATE FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_handed_back int;
begin
  perform _check_isolation('reconcile');
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
        attempts = t.attempts - 1, placed = false,
        app_version = case
          when t.app_version = '' then '' else _version_back(t.key, t.attempts, t.app_version)
        end
    from unknown u
    where t.key = u.key
    returning t.queue_id
  ),
  told as (
    select _tell_returned(b.queue_id)
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
Raises PD001 (a transaction that is not read committed), PD006 (executor without lease).';
CREATE FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json DEFAULT NULL::json, error json DEFAULT NULL::json, duration interval DEFAULT NULL::interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_result record;
begin
  with held as materialized (
    select t.key
    from tasks t
    where t.key = workflow_key and t.token = record_step.token
    for no key update
  )
  insert into steps (key, step, name, output, error, started_at, completed_at)
  select
    h.key, record_step.step, record_step.name, record_step.output, record_step.error,
    v_now - record_step.duration, v_now
  from held h
  on conflict (key, step) do nothing;
  if found then
    return true;
  end if;
  select r.outcome, r.name into v_result
  from record_steps(
    array[workflow_key], array[token], array[record_step.step], array[record_step.name],
    array[record_step.output], array[record_step.error], array[record_step.duration]
  ) as r;
  if not found then
    return true;
  end if;
  if v_result.outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_result.outcome = 'unexpected step' then
    perform _raise_unexpected_step(record_step.step, v_result.name, record_step.name);
  end if;
  return false;
end
$$;
COMMENT ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json, duration interval) IS 'Records one completed step; see record_steps.
Returns true if it was recorded now, false if it was recorded before: record_steps and list_steps tell what stands.
Raises PD004 (lease lost), PD005 (a step of another name is recorded there).';
CREATE FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[] DEFAULT NULL::json[], durations interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_held int;
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
  -- Otherwise the second statement sees no more than the first.
  if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
    select count(distinct h.key) into v_held
    from (
      select t.key
      from unnest(workflow_keys, tokens) as g (key, token)
      join tasks t on t.key = g.key and t.token = g.token
      order by t.key
      for no key update of t
    ) as h;
    if v_held = v_many then
      insert into steps (key, step, name, output, error, started_at, completed_at)
      select g.key, g.step, g.name, g.output, g.error, v_now - g.duration, v_now
      from unnest(workflow_keys, record_steps.steps, names, outputs, errors, durations)
        as g (key, step, name, output, error, duration)
      where not exists (
        select
        from unnest(workflow_keys, record_steps.steps) as e (key, step)
        cross join lateral (
          select from steps s where s.key = e.key and s.step = e.step offset 0
        ) as s
      );
      if found then
        return;
      end if;
    end if;
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
CREATE FUNCTION perdure.recv(workflow_key bigint, token bigint, step integer, topic text DEFAULT NULL::text, timeout interval DEFAULT '00:01:00'::interval, put_down boolean DEFAULT false) RETURNS TABLE(outcome text, message json, wait_for interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_name text;
begin
  select r.outcome, r.name, r.message, r.wait_for
  into outcome, v_name, message, wait_for
  from recv_many(
    array[workflow_key], array[recv.token], array[recv.step], array[recv.topic], array[recv.timeout],
    array[recv.put_down]
  ) as r;
  if outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif outcome = 'unexpected step' then
    perform _raise_unexpected_step(recv.step, v_name, 'perdure.recv');
  end if;
  return next;
end
$$;
COMMENT ON FUNCTION perdure.recv(workflow_key bigint, token bigint, step integer, topic text, timeout interval, put_down boolean) IS 'Receives a message in one step of a workflow that the caller owns: the first of its topic. Parameters and
outcomes are those of recv_many. Returns one row.
Raises PD001 (as recv_many), PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.recv_many(workflow_keys bigint[], tokens bigint[], steps integer[], topics text[], timeouts interval[] DEFAULT NULL::interval[], put_down boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text, message json, error json, wait_for interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform _check_text('topic', g.topic) from unnest(topics) as g (topic) where octet_length(g.topic) > 512;
  return query
  select w.*
  from _wait_in_steps(
    'message', 'perdure.recv', workflow_keys, tokens, recv_many.steps, workflow_keys,
    array(select coalesce(g.topic, '') from unnest(topics) with ordinality as g (topic, place) order by g.place),
    timeouts, recv_many.put_down
  ) as w;
end
$$;
COMMENT ON FUNCTION perdure.recv_many(workflow_keys bigint[], tokens bigint[], steps integer[], topics text[], timeouts interval[], put_down boolean[]) IS 'Receives a message in each of these steps of workflows that the caller owns: the first of its topic.
workflow_keys, tokens: from claim or start.
steps: the number of each step within its workflow.
topics: at most 512 bytes; null is the topic of messages that were sent without one.
timeouts: null to wait for ever, or when to give up, from the first time this step waits; 0 to 100 years.
put_down: true to leave the worker if there is nothing yet, and be claimed again when there is. A workflow that
is named more than once stays.
Returns a row for each, in order; name, message and error are what is recorded of the step:
  ''received'' with the message; the step is recorded;
  ''timed out'': the step is recorded without a message;
  ''waiting'': nothing yet; call again after a notification on <schema>.wake with the workflow''s key, after
    some seconds, or after wait_for, when it times out;
  ''put down'': the workflow left the worker; the token is void;
  ''look again'': a sender is under way; call again after wait_for;
  ''recorded before'', ''unexpected step'', ''lease lost'': as in record_steps.
Raises PD001 (arrays of different lengths, bad topic, timeout out of range, or a transaction that is not read
committed).';
CREATE FUNCTION perdure.register_executor(name text, lease interval DEFAULT '00:00:30'::interval, app_version text DEFAULT NULL::text, workflows text[] DEFAULT NULL::text[], queues text[] DEFAULT NULL::text[], application text DEFAULT NULL::text) RETURNS bigint
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
      format('a lease of %s is out of range', _span(register_executor.lease)),
      hint => 'Give a lease between 1 second and 1 day, and renew it three times in that span.'
    );
  end if;
  if register_executor.application is not null then
    perform _check_application(register_executor.application);
    perform _internal_queue(register_executor.application);
  end if;
  if register_executor.app_version is not null then
    perform register_version(register_executor.app_version, register_executor.application);
  end if;
  insert into executors (
    name, app_version, lease, lease_until, registered_at, workflows, queues, application
  )
  values (
    register_executor.name, register_executor.app_version, _exact_span(register_executor.lease),
    clock_timestamp() + _exact_span(register_executor.lease), clock_timestamp(), register_executor.workflows,
    register_executor.queues, register_executor.application
  )
  returning executor_id into v_executor_id;
  return v_executor_id;
end
$$;
COMMENT ON FUNCTION perdure.register_executor(name text, lease interval, app_version text, workflows text[], queues text[], application text) IS 'Makes a worker known. Each call is a new executor, also under the same name: two processes that
share a name by mistake never share work.
name: for people: a host and process, a pod.
lease: how long it counts as alive without a heartbeat; 1 second to 1 day.
app_version: null: it takes the work of all versions; or the version of the application that it runs: it takes what
belongs to that and, if that is the latest, what belongs to none. A new version is the latest from now on.
workflows: null, or the names of the workflows it knows; explain_wait tells when nobody knows one.
queues: null for all, or the names of the queues that it claims from; explain_wait tells when nobody serves one.
application: null, or the application that it is a worker of: it claims from the queues of that application and
from those of none; without one, only from those of none.
Returns its executor_id, which the functions for workers ask for.
Raises PD001 for a bad name or version or a lease out of range.';
CREATE FUNCTION perdure.register_queue(queue text, concurrency integer DEFAULT NULL::integer, worker_concurrency integer DEFAULT NULL::integer, rate_limit integer DEFAULT NULL::integer, rate_period interval DEFAULT NULL::interval, partitioned boolean DEFAULT false, partition_concurrency integer DEFAULT NULL::integer, partition_rate_limit integer DEFAULT NULL::integer, partition_rate_period interval DEFAULT NULL::interval, priority_ageing interval DEFAULT NULL::interval, on_conflict text DEFAULT 'keep'::text, application text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
  v_held queues;
  v_new boolean;
  v_owner text;
begin
  perform _check_text('queue', register_queue.queue);
  if register_queue.on_conflict in ('keep', 'update') is not true then
    perform _raise(
      'PD001',
      format('on_conflict cannot be %L', register_queue.on_conflict),
      hint => 'Give ''keep'' or ''update''.'
    );
  end if;
  -- Of these the engine has one for each application.
  v_queue.internal := register_queue.queue = '_internal' or starts_with(register_queue.queue, '_internal/');
  if v_queue.internal and register_queue.queue <> '_internal' then
    perform _raise(
      'PD001',
      format('a queue cannot be named %L', register_queue.queue),
      hint => 'Names that begin with "_internal/" are those of the engine. Use another.'
    );
  end if;
  if register_queue.application is not null then
    perform _check_application(register_queue.application);
  end if;
  v_queue.name := register_queue.queue;
  -- The default queue is everybody's.
  v_queue.application := case when register_queue.queue <> 'default' then register_queue.application end;
  v_queue.paused := false;
  v_queue.concurrency := register_queue.concurrency;
  v_queue.worker_concurrency := register_queue.worker_concurrency;
  v_queue.rate_limit := register_queue.rate_limit;
  v_queue.rate_period := register_queue.rate_period;
  v_queue.partitioned := coalesce(register_queue.partitioned, false);
  v_queue.partition_concurrency := register_queue.partition_concurrency;
  v_queue.partition_rate_limit := register_queue.partition_rate_limit;
  v_queue.partition_rate_period := register_queue.partition_rate_period;
  v_queue.priority_ageing := register_queue.priority_ageing;
  perform _check_queue(v_queue);
  -- Only now: no number of seconds makes an infinite interval.
  v_queue.rate_period := _exact_span(v_queue.rate_period);
  v_queue.partition_rate_period := _exact_span(v_queue.partition_rate_period);
  loop
    insert into queues (
      name, concurrency, worker_concurrency, rate_limit, rate_period,
      partitioned, partition_concurrency, partition_rate_limit, partition_rate_period, priority_ageing,
      application
    )
    values (
      v_queue.name, v_queue.concurrency, v_queue.worker_concurrency, v_queue.rate_limit, v_queue.rate_period,
      v_queue.partitioned, v_queue.partition_concurrency, v_queue.partition_rate_limit,
      v_queue.partition_rate_period, v_queue.priority_ageing, v_queue.application
    )
    on conflict (name) do nothing;
    v_new := found;
    exit when v_new;
    select q.application into v_owner from queues q where q.name = v_queue.name;
    if v_owner <> v_queue.application then
      perform _raise(
        'PD013',
        format('queue %L belongs to application %L', v_queue.name, v_owner),
        detail => format('Application %L wanted to have it. Nothing was changed.', v_queue.application),
        hint => 'Give each application queues with names of its own; any application may enqueue into them.'
      );
    end if;
    exit when register_queue.on_conflict = 'keep';
    perform _check_isolation('changing a queue');
    v_held := _hold_queue(v_queue.name);
    if v_held.queue_id is not null then
      v_queue.queue_id := v_held.queue_id;
      v_queue.paused := v_held.paused;
      v_queue.application := coalesce(v_held.application, v_queue.application);
      perform _set_queue(v_queue);
      exit;
    end if;
    -- It was deleted meanwhile: once more.
  end loop;
  return v_new;
end
$$;
COMMENT ON FUNCTION perdure.register_queue(queue text, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, on_conflict text, application text) IS 'Makes a queue. A queue is a row: any number of them may exist, and every worker serves a new
one from its next claim on.
queue: its name, 1 to 512 bytes.
concurrency: null, or how many of its workflows run at once, over all executors; 1 to 1000000.
worker_concurrency: null, or how many of them run at once on one executor.
rate_limit, rate_period: null, or how many start at most in any span of that length, 1 millisecond to 1
year; a day is 24 hours. A longer period counts the starts that are still remembered.
partitioned: whether its workflows have partition keys; partitions are served in turn.
partition_concurrency, partition_rate_limit, partition_rate_period: the same limits for each partition,
besides those of the queue.
priority_ageing: null, or the wait that counts as much as one step of priority.
on_conflict: what to do if it exists: ''keep'' its settings, or ''update'' them to exactly these.
application: null, or the application that it belongs to: only workers of that serve it. A queue of none, which every
worker serves, is given to it by an ''update''; the default queue always is of none.
Returns true if it is new.
Raises PD001 (bad argument, or an update in a transaction that is not read committed), PD013 (partitions would
come or go under active workflows, or it belongs to another application).';
CREATE FUNCTION perdure.register_version(app_version text, application text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform _check_text('version', register_version.app_version);
  -- Nobody who starts again waits for another who does.
  if exists (
    select from versions v
    where v.application = coalesce(register_version.application, '')
      and v.app_version = register_version.app_version
  ) then
    return false;
  end if;
  insert into versions (application, app_version, registered_at)
  values (coalesce(register_version.application, ''), register_version.app_version, _now())
  on conflict (application, app_version) do nothing;
  return found;
end
$$;
COMMENT ON FUNCTION perdure.register_version(app_version text, application text) IS 'Makes a version known. A new one is the latest from now on: its executors take what was enqueued without a
version. register_executor does the same for the version that it is given.
app_version: its name, 1 to 512 bytes.
application: null, or the application whose version it is: each has a latest of its own.
Returns true if it is new. One that is known stays as it is.
Raises PD001 for a bad name.';
CREATE FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval DEFAULT NULL::interval, to_others boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform from release_many(array[workflow_key], array[token], array[delay], to_others);
  if found then
    perform _raise_lease_lost(workflow_key);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval, to_others boolean) IS 'Gives one claimed workflow back to its queue; see release_many. Raises PD004 if the caller does not
own it.';
CREATE FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[] DEFAULT NULL::interval[], to_others boolean DEFAULT false) RETURNS TABLE(item integer, outcome text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select p.item, p.outcome
  from _put_down(
    release_many.workflow_keys, release_many.tokens,
    case
      -- Not all at the same moment, as they would be claimed together again.
      -- (Of another length they are refused.)
      when to_others and coalesce(cardinality(release_many.delays), cardinality(release_many.workflow_keys))
        = cardinality(release_many.workflow_keys)
      then array(
        select coalesce(g.delay, interval '5 seconds' * (0.75 + 0.5 * random()))
        from unnest(release_many.workflow_keys, release_many.delays) with ordinality as g (key, delay, item)
        order by g.item
      )
      else release_many.delays
    end,
    'DELAYED'
  ) as p
$$;
COMMENT ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[], to_others boolean) IS 'Gives claimed workflows back to their queues: at shutdown, or when the worker does not know their
function. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each stays DELAYED before it can be claimed again.
to_others: true if this worker does not know their function, or cannot read what is recorded: they stay DELAYED for about
five seconds unless a delay is given, so that they are not claimed here over and over.
Returns a row for each that was not given back: ''lease lost''.
Raises PD001 if the arrays differ in length.';
CREATE FUNCTION perdure.rename_application(old_name text, new_name text, OUT workflows bigint, OUT queues bigint, OUT schedules bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
#variable_conflict use_column
declare
  v_old int;
  v_new int;
begin
  perform _check_isolation('rename_application');
  perform _check_application(new_name);
  if old_name is not null then
    perform _check_application(old_name);
  end if;
  workflows := 0;
  queues := 0;
  schedules := 0;
  if old_name = new_name then
    return;
  end if;
  perform from executors e
  where e.application is not distinct from old_name
  order by e.executor_id
  for update;
  -- A worker that runs on under its old name finds that its executor is of the new one.
  update executors e
  set application = new_name
  where e.application is not distinct from old_name;
  select q.queue_id into v_old
  from queues q
  where q.name = '_internal' || coalesce('/' || old_name, '');
  v_new := _internal_queue(new_name);
  with held as materialized (
    select t.key
    from tasks t
    where t.queue_id = v_old
    order by t.key
    for no key update
  )
  update tasks t
  set queue_id = v_new
  from held h
  where t.key = h.key;
  perform _tell_returned(v_new);
  update queues q
  set application = new_name
  where q.application is not distinct from old_name and not q.internal and q.name <> 'default';
  get diagnostics queues = row_count;
  update schedules s
  set application = new_name
  where s.application is not distinct from old_name;
  get diagnostics schedules = row_count;
  with gone as (
    delete from versions v
    where v.application = coalesce(old_name, '')
    returning v.app_version, v.registered_at, v.place
  )
  insert into versions (application, app_version, registered_at, place)
  select new_name, g.app_version, g.registered_at, g.place
  from gone g
  order by g.app_version
  -- Somebody may register it at this moment.
  on conflict (application, app_version) do nothing;
  with held as materialized (
    select w.key
    from workflows w
    where w.application is not distinct from old_name
    order by w.key
    for no key update
  )
  update workflows w
  set application = new_name
  from held h
  where w.key = h.key;
  get diagnostics workflows = row_count;
end
$$;
COMMENT ON FUNCTION perdure.rename_application(old_name text, new_name text, OUT workflows bigint, OUT queues bigint, OUT schedules bigint) IS 'Gives all that belongs to an application to another name: its workflows, queues, schedules, versions and executors, in one
transaction. The new name may be in use already. Stop the workers of the old name before: one that registers again
begins it anew, and none can renew its lease meanwhile. What is enqueued at the same moment may keep the old name:
then call it again.
old_name: the application; null: all that belongs to none, but for the default queue.
new_name: 1 to 400 bytes.
Returns how many workflows, queues and schedules it has moved.
Raises PD001 (bad name, or a transaction that is not read committed).';
CREATE FUNCTION perdure.resume(workflow_id text, queue text DEFAULT NULL::text, children boolean DEFAULT false) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return (
    select r.outcome = 'resumed'
    from resume_many(array[resume.workflow_id], resume.queue, resume.children) as r
    where r.item = 1
  );
end
$$;
COMMENT ON FUNCTION perdure.resume(workflow_id text, queue text, children boolean) IS 'Enqueues a workflow again that was cancelled or dead-lettered; see resume_many. Returns false, and does nothing, if
it is active, or has ended as SUCCESS or ERROR.
Raises PD001 (a partition key is missing, or a transaction that is not read committed), PD002 (no such workflow), PD007 (no such queue).';
CREATE FUNCTION perdure.resume_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], queue text DEFAULT NULL::text, children boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_held record;
  v_recorded json := _recorded_before(workflow_key, resume_in_step.token, resume_in_step.step, 'perdure.resume');
begin
  if v_recorded is not null then
    return v_recorded;
  end if;
  v_keys := _keys_of(workflow_ids);
  select h.waiting, h.ended into v_held
  from _hold_resumable(
    case when children then _family(v_keys) else v_keys end, resume_in_step.queue, workflow_key
  ) as h;
  v_recorded := _recorded_in_step(workflow_key, resume_in_step.token, resume_in_step.step, 'perdure.resume');
  if v_recorded is not null then
    return v_recorded;
  end if;
  perform _resume(v_held.waiting, v_held.ended, resume_in_step.queue);
  select coalesce(json_object_agg(c.workflow_id, c.outcome), '{}') into v_recorded
  from (
    select distinct on (r.workflow_id) r.workflow_id, r.outcome
    from _resumed(v_keys, v_held.waiting || v_held.ended) as r
    order by r.workflow_id
  ) as c;
  perform _record_now(workflow_key, resume_in_step.step, 'perdure.resume', v_recorded);
  return v_recorded;
end
$$;
COMMENT ON FUNCTION perdure.resume_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], queue text, children boolean) IS 'Resumes workflows from a step of a workflow that the caller owns, and records the step with it: however often it
is replayed, they are resumed once. For workflow_ids, queue and children see resume_many.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns an object, as it is recorded: for each id what resume_many says of it.
Raises PD001, PD002, PD007 as resume_many does, PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.resume_many(workflow_ids text[], queue text DEFAULT NULL::text, children boolean DEFAULT false) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_keys bigint[] := _keys_of(workflow_ids);
  v_held record;
begin
  select h.waiting, h.ended into v_held
  from _hold_resumable(
    case when children then _family(v_keys) else v_keys end, resume_many.queue
  ) as h;
  perform _resume(v_held.waiting, v_held.ended, resume_many.queue);
  return query
  select r.item, r.workflow_id, r.outcome, r.status from _resumed(v_keys, v_held.waiting || v_held.ended) as r;
end
$$;
COMMENT ON FUNCTION perdure.resume_many(workflow_ids text[], queue text, children boolean) IS 'Enqueues workflows again that were cancelled or dead-lettered: they go on after the last step that is recorded.
Those that are DELAYED start now. Attempts, retries and timeout count anew; deadline, expiry and deduplication id are
gone. In one transaction.
workflow_ids: those to resume.
queue: null for the queue that each was in, or where they wait now, in the partition of the same key; with a queue,
those that are ENQUEUED already move there, too. In ''_internal'' they start at once, past all limits.
children: true to resume their children, too, and the children of those.
Returns a row for each, in order, and with children one more, without item, for each child that was resumed:
  ''resumed'': it is ENQUEUED now;
  ''active'': nothing was done, it runs, or waits: status says which;
  ''ended before'': nothing was done, it is SUCCESS or ERROR (fork it instead).
Raises PD001 (a partition key is missing, or a transaction that is not read committed), PD002 (one does not exist; nothing was resumed), PD007 (no such queue, or
the queue of one does not exist any more).';
CREATE FUNCTION perdure.resume_queue(queue text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select update_queue(resume_queue.queue, '{"paused": false}')
$$;
COMMENT ON FUNCTION perdure.resume_queue(queue text) IS 'Lets workflows of a paused queue start again. Raises PD001 (the internal queue, or a transaction that is
not read committed), PD007 (no such queue).';
CREATE FUNCTION perdure.resume_schedule(schedule text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_next timestamptz;
begin
  update schedules s
  set paused = false,
      next_at = coalesce(s.next_at, cron_next(s.cron, s.zone, _now())),
      reckoned_at = case when s.next_at is null then _now() else s.reckoned_at end
  where s.name = resume_schedule.schedule
  returning s.next_at into v_next;
  if not found then
    perform _schedule(resume_schedule.schedule);
  end if;
  return v_next;
end
$$;
COMMENT ON FUNCTION perdure.resume_schedule(schedule text) IS 'Lets a schedule start workflows again, from the next tick on; what it would have started while it was paused
is not (backfill_schedule starts it). Returns the next tick.
Raises PD001 (a name that none can have, or a zone that this Postgres does not know any more), PD020 (no such
schedule).';
CREATE FUNCTION perdure.run_maintenance(max_workflows integer DEFAULT 1000) RETURNS TABLE(executors_lapsed integer, workflows_requeued integer, workflows_dead_lettered integer, workflows_woken integer, workflows_expired integer, workflows_timed_out integer, next_lapse_in interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_next_in interval;
  v_kept boolean;
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot maintain %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may move.'
    );
  end if;
  perform _check_isolation('run_maintenance');
  -- First: it may have to do with many rows, and holds no task.
  v_kept := _apply_retention(max_workflows);
  -- Before the takeover, so that an executor that hangs is told of what it runs.
  workflows_timed_out := _time_out_due(max_workflows);
  select t.executors, t.workflows_requeued, t.workflows_dead_lettered
  into executors_lapsed, workflows_requeued, workflows_dead_lettered
  from _take_over(max_workflows) as t;
  perform fire_schedules(max_workflows);
  workflows_expired := _expire_due(max_workflows);
  workflows_woken := _wake_due(max_workflows);
  perform _prune_starts();
  perform _prune_waits();
  perform _check_floors();
  perform _check_lanes();
  select min(e.lease_until) - clock_timestamp() into next_lapse_in
  from executors e
  where not e.lapsed;
  v_next_in := least(_next_moment() - _now(), _next_tick_in());
  if not v_kept then
    v_next_in := interval '0';
  end if;
  if v_next_in is not null then
    -- What is due and was held by somebody, or was too much for this call: not at once, so that nobody spins.
    next_lapse_in := least(next_lapse_in, greatest(v_next_in, interval '0.1 seconds'));
  end if;
  return next;
end
$$;
COMMENT ON FUNCTION perdure.run_maintenance(max_workflows integer) IS 'What keeps things going, in a bounded amount a call: hands the work of executors whose lease has
lapsed to the living, fires schedules, enqueues workflows whose moment has come, cancels those that have expired
or whose deadline has passed, removes what no policy keeps (set_retention). Any worker calls it with its heartbeat; so may pg_cron or a person. Safe to
call at any time by any number of sessions.
max_workflows: how many workflows one call may take over, wake or cancel, 1 to 100000.
Returns one row: how many executors were found lapsed, how many workflows went back to their queues, were
dead-lettered, woken, expired and timed out; and after what time a worker should look again: when the next
lease lapses if it is not renewed, the next deadline passes, the next tick of a schedule
comes, or the next workflow is to be woken.
Raises PD001 for a number out of range.';
CREATE FUNCTION perdure.schema_version() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select max(number) from schema_migrations
$$;
COMMENT ON FUNCTION perdure.schema_version() IS 'The version of this schema: the number of its newest migration. A client compares it with
what it was written for.';
CREATE FUNCTION perdure.send(workflow_id text, message json, topic text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return _send(array[workflow_id], array[message], array[topic], array[idempotency_key]) > 0;
end
$$;
COMMENT ON FUNCTION perdure.send(workflow_id text, message json, topic text, idempotency_key text) IS 'Sends one message to a workflow; see send_many. Returns false if its idempotency key was used before.
Raises PD001 (bad topic or key), PD002 (no such workflow).';
CREATE FUNCTION perdure.send_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], messages json[], topics text[] DEFAULT NULL::text[], idempotency_keys text[] DEFAULT NULL::text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  if _hold_tasks(array[workflow_key], array[send_in_step.token]) = '{}' then
    perform _raise_lease_lost(workflow_key);
  end if;
  v_outcome := _record_now(workflow_key, send_in_step.step, 'perdure.send');
  if v_outcome = 'unexpected step' then
    select s.name into v_recorded from steps s where s.key = workflow_key and s.step = send_in_step.step;
    perform _raise_unexpected_step(send_in_step.step, v_recorded, 'perdure.send');
  elsif v_outcome is null then
    perform _send(workflow_ids, messages, topics, idempotency_keys);
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure.send_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) IS 'Sends messages from a step of a workflow that the caller owns, and records the step with them: however often
it is replayed, they are sent once. For parameters see send_many.
Returns true if they were sent now, false if the step was recorded before.
Raises PD001, PD002 as send_many does, PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.send_many(workflow_ids text[], messages json[], topics text[] DEFAULT NULL::text[], idempotency_keys text[] DEFAULT NULL::text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  return _send(workflow_ids, messages, topics, idempotency_keys);
end
$$;
COMMENT ON FUNCTION perdure.send_many(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) IS 'Sends messages to workflows, all or none, as part of the caller''s transaction. They are received in the order
in which they are given. A workflow that has ended keeps them unread.
workflow_ids, messages: one element each.
topics: null, or a topic for each, at most 512 bytes; a null element sends without one.
idempotency_keys: null, or 1 to 512 bytes for each: a workflow gets one message for a key, for ever.
Returns how many were sent now; those whose key was used before were not.
Raises PD001 (arrays of different lengths, bad topic or key), PD002 (no such workflow).';
CREATE FUNCTION perdure.set_attributes(workflow_id text, attributes jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
begin
  perform _set_attributes(set_attributes.workflow_id, set_attributes.attributes);
end
$$;
COMMENT ON FUNCTION perdure.set_attributes(workflow_id text, attributes jsonb) IS 'Replaces the attributes of a workflow, in whatever state it is.
workflow_id: the workflow.
attributes: a JSON object, in place of all that it had; null: none.
Raises PD001 (no object), PD002 (no such workflow).';
CREATE FUNCTION perdure.set_attributes_in_step(workflow_key bigint, token bigint, step integer, workflow_id text, attributes jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  if _hold_tasks(array[workflow_key], array[set_attributes_in_step.token]) = '{}' then
    perform _raise_lease_lost(workflow_key);
  end if;
  v_outcome := _record_now(workflow_key, set_attributes_in_step.step, 'perdure.set_attributes');
  if v_outcome = 'unexpected step' then
    select s.name into v_recorded from steps s where s.key = workflow_key and s.step = set_attributes_in_step.step;
    perform _raise_unexpected_step(set_attributes_in_step.step, v_recorded, 'perdure.set_attributes');
  elsif v_outcome is null then
    perform _set_attributes(set_attributes_in_step.workflow_id, set_attributes_in_step.attributes);
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure.set_attributes_in_step(workflow_key bigint, token bigint, step integer, workflow_id text, attributes jsonb) IS 'Replaces the attributes of a workflow, its own or another, as a step of a workflow that the caller owns: when it is
replayed, what somebody has set since stays. For the rest see set_attributes.
Returns true if they were set now, false if the step was recorded before.
Raises PD001, PD002 as set_attributes does, PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.set_delay(workflow_id text, delay interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  if set_delay.delay between interval '0' and interval '100 years' is not true then
    perform _raise(
      'PD001',
      format('a delay of %s is out of range', _span(set_delay.delay)),
      hint => 'Give a delay of 0 to 100 years.'
    );
  end if;
  v_key := _key_of(set_delay.workflow_id);
  update tasks t
  set wake_at = _now() + _exact_span(set_delay.delay)
  where t.key = v_key and t.status = 'DELAYED';
  return found;
end
$$;
COMMENT ON FUNCTION perdure.set_delay(workflow_id text, delay interval) IS 'Changes when a DELAYED workflow is enqueued: the delay counts from now; 0: at once.
Returns false, and changes nothing, if it is not DELAYED (any more).
Raises PD001 (delay out of range), PD002 (no such workflow).';
CREATE FUNCTION perdure.set_event(workflow_key bigint, token bigint, step integer, name text, value json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  select e.outcome, e.name into v_outcome, v_recorded
  from set_events(
    array[workflow_key], array[set_event.token], array[set_event.step], array[set_event.name], array[set_event.value]
  ) as e;
  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(set_event.step, v_recorded, 'perdure.set_event');
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure.set_event(workflow_key bigint, token bigint, step integer, name text, value json) IS 'Sets one event of a workflow that the caller owns, as a step of it; see set_events.
Returns true if it was set now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.set_events(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], in_step boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_set int[] := '{}'::int[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(set_events.steps), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality("values"), 0),
    coalesce(cardinality(in_step), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to set_events differ in length',
      hint => 'Give each array one element for each event.'
    );
  end if;
  perform _check_text('event', g.name) from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;
  v_held := _hold_tasks(workflow_keys, tokens);
  perform _hold_waiters(workflow_keys);
  for v_item in 1 .. v_many loop
    item := v_item;
    name := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    outcome := case
      when in_step[item] then null
      else _record_now(workflow_keys[item], set_events.steps[item], 'perdure.set_event')
    end;
    if outcome is null then
      insert into events (key, name, value, step, set_at)
      values (workflow_keys[item], names[item], "values"[item], set_events.steps[item], _now());
      v_set := v_set || item;
    else
      select s.name into name
      from steps s
      where s.key = workflow_keys[item] and s.step = set_events.steps[item];
      return next;
    end if;
  end loop;
  if v_set <> '{}' then
    perform _wake_waiters(
      array(select workflow_keys[s.item] from unnest(v_set) with ordinality as s (item, place) order by s.place),
      'event',
      array(select names[s.item] from unnest(v_set) with ordinality as s (item, place) order by s.place)
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure.set_events(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], in_step boolean[]) IS 'Sets events of workflows that the caller owns, each as a step of its workflow. The newest value of an event
counts; all are kept.
workflow_keys, tokens: from claim or start. steps: the number of each step within its workflow.
names: of the events, 1 to 512 bytes. "values": an element each.
in_step: null, or true for an event that is set by the code of that step: then nothing is recorded of it, and it
is set again when the step is run again.
Returns no row if all were set now; else a row for each that was not, in order: ''recorded before'',
''unexpected step'' (name is what is recorded there), ''lease lost''; see record_steps.
Raises PD001 (arrays of different lengths, bad name).';
CREATE FUNCTION perdure.set_latest_version(app_version text, application text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  update versions v
  set place = nextval('version_places')
  where v.application = coalesce(set_latest_version.application, '')
    and v.app_version = set_latest_version.app_version;
  if not found then
    perform _raise(
      'PD001',
      format('there is no version %L', set_latest_version.app_version),
      hint => 'See list_versions; register_version makes one.'
    );
  end if;
  perform _notify_queue(q.queue_id) from queues q;
end
$$;
COMMENT ON FUNCTION perdure.set_latest_version(app_version text, application text) IS 'Makes a version the latest: its executors take what was enqueued without a version, from their next claim on.
app_version: one that is registered. To go back to an earlier one, name that.
application: null, or the application whose version it is.
Raises PD001 (no such version).';
CREATE FUNCTION perdure.set_retention(workflow text DEFAULT NULL::text, max_age interval DEFAULT NULL::interval, max_count bigint DEFAULT NULL::bigint, statuses text[] DEFAULT NULL::text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  if set_retention.workflow is not null then
    perform _check_text('workflow name', set_retention.workflow);
  end if;
  if set_retention.max_age < interval '0' or set_retention.max_age > interval '100 years' then
    perform _raise(
      'PD001',
      format('nothing can be kept for %s', _span(set_retention.max_age)),
      hint => 'Give a max_age of 0 seconds to 100 years, or null to keep whatever its age.'
    );
  end if;
  if set_retention.max_count < 0 then
    perform _raise(
      'PD001',
      format('%s workflows cannot be kept', set_retention.max_count),
      hint => 'Give a max_count of 0 or more, or null to keep however many there are.'
    );
  end if;
  if set_retention.statuses = '{}' or not coalesce(
    set_retention.statuses <@ '{SUCCESS,ERROR,CANCELLED,MAX_RECOVERY_ATTEMPTS_EXCEEDED}', true
  ) then
    perform _raise(
      'PD001',
      format('statuses cannot be %s', set_retention.statuses),
      hint => 'Give some of SUCCESS, ERROR, CANCELLED and MAX_RECOVERY_ATTEMPTS_EXCEEDED, or null for all.'
    );
  end if;
  insert into retention as r (workflow, max_age, max_count, statuses, created_at)
  values (
    coalesce(set_retention.workflow, ''),
    _exact_span(set_retention.max_age), set_retention.max_count, set_retention.statuses, _now()
  )
  on conflict (workflow) do update
  set max_age = excluded.max_age, max_count = excluded.max_count, statuses = excluded.statuses;
  perform _restart_retention(set_retention.workflow);
end
$$;
COMMENT ON FUNCTION perdure.set_retention(workflow text, max_age interval, max_count bigint, statuses text[]) IS 'Says how long to keep what has ended; run_maintenance removes the rest by itself, some hundreds at a call, each
with all that it has started. Without any policy all is kept for ever. What is active is always kept, and what has a
parent as long as the parent.
workflow: the policy of the workflows of this name; null: of all whose names have none of their own.
max_age: what ended longer ago than this goes. max_count: what has so many after it goes. With both, what either
says; with neither, all is kept.
statuses: only what ended so goes, and is counted: SUCCESS, ERROR, CANCELLED, MAX_RECOVERY_ATTEMPTS_EXCEEDED; null: all.
A policy that is there is replaced.
Raises PD001 (a value out of range).';
CREATE FUNCTION perdure.set_version(to_version text, workflow_ids text[] DEFAULT NULL::text[], from_version text DEFAULT NULL::text, max_workflows integer DEFAULT 10000) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
#variable_conflict use_column
declare
  v_moved int;
  v_unbegun bigint[];
begin
  perform _check_isolation('set_version');
  if (workflow_ids is null) = (from_version is null) then
    perform _raise(
      'PD001',
      'set_version moves either the workflows of workflow_ids or those of from_version',
      hint => 'Give one of both. An empty from_version stands for work without version.'
    );
  end if;
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot move %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may move.'
    );
  end if;
  if to_version is not null then
    perform _pin_version(to_version);
  end if;
  with chosen as materialized (
    select t.key
    from tasks t
    where t.executor_id is null
      and t.app_version <> coalesce(to_version, '')
      and (from_version is null or t.app_version = from_version)
      and (workflow_ids is null or t.key = any (array(
        select w.key from workflows w where w.workflow_id = any (workflow_ids)
      )))
    order by t.key
    limit max_workflows
    for no key update
  ),
  moved as (
    update tasks t
    set app_version = coalesce(to_version, '')
    from chosen c
    where t.key = c.key
    returning t.key, t.queue_id, t.attempts
  ),
  told as (
    select _tell_returned(m.queue_id)
    from (select distinct queue_id from moved) as m
  )
  select
    (select count(*) from moved) + 0 * (select count(*) from told),
    (select array_agg(m.key) from moved m where m.attempts <= 1)
  into v_moved, v_unbegun;
  -- Where they go back to if they are claimed and not begun (_version_back).
  v_unbegun := array(
    select w.key
    from workflows w
    where w.key = any (v_unbegun) and w.app_version is distinct from to_version
    order by w.key
    for no key update
  );
  update workflows w set app_version = to_version where w.key = any (v_unbegun);
  -- Rightly so before a deployment; a name that was mistyped is waited for by everything that was moved.
  if v_moved > 0 and to_version is not null
    and not exists (select from versions v where v.app_version = to_version)
  then
    raise notice using
      message = format('version %L was never registered', to_version),
      hint = 'What was moved waits until an executor has this version. If the name is wrong, move it on; see list_versions.';
  end if;
  return v_moved;
end
$$;
COMMENT ON FUNCTION perdure.set_version(to_version text, workflow_ids text[], from_version text, max_workflows integer) IS 'Moves active workflows that do not run, whether they wait or are put down, to another version.
to_version: the version that they belong to from now on; null: none, so executors of the latest take them.
workflow_ids: which, or null. from_version: or all of this version; '''': all without version.
max_workflows: how many at the most, 1 to 100000.
Returns how many were moved: call it again until that is 0. What runs, has ended, is unknown, or belongs to that
version already is passed over: what runs may be moved once it is put down.
A version that was never registered is taken, for a deployment to come, with a notice that says so.
Raises PD001 (bad argument, or a transaction that is not read committed).';
CREATE FUNCTION perdure.sleep(workflow_key bigint, token bigint, step integer, duration interval, put_down boolean DEFAULT false) RETURNS interval
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_slept record;
begin
  select s.* into v_slept
  from sleep_many(
    array[workflow_key], array[sleep.token], array[sleep.step], array[sleep.duration], array[sleep.put_down]
  ) as s;
  if v_slept.outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_slept.outcome = 'unexpected step' then
    perform _raise_unexpected_step(sleep.step, v_slept.name, 'perdure.sleep');
  end if;
  return v_slept.wait_for;
end
$$;
COMMENT ON FUNCTION perdure.sleep(workflow_key bigint, token bigint, step integer, duration interval, put_down boolean) IS 'Begins a sleep in one step of a workflow that the caller owns, or goes on with it; see sleep_many.
Returns what is left of it.
Raises PD001 (out of range), PD004 (lease lost), PD005 (another step is recorded there).';
CREATE FUNCTION perdure.sleep_many(workflow_keys bigint[], tokens bigint[], steps integer[], durations interval[], put_down boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text, wait_for interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_until timestamptz;
  v_down_keys bigint[] := '{}'::bigint[];
  v_down_tokens bigint[] := '{}'::bigint[];
  v_down_waits interval[] := '{}'::interval[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(sleep_many.steps), 0),
    coalesce(cardinality(durations), 0),
    coalesce(cardinality(put_down), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to sleep_many differ in length',
      hint => 'Give each array one element for each workflow.'
    );
  end if;
  if exists (
    select from unnest(durations) as g (duration)
    where (g.duration between interval '0' and interval '100 years') is not true
  ) then
    perform _raise('PD001', 'a sleep is out of range', hint => 'Sleep 0 to 100 years.');
  end if;
  v_held := _hold_tasks(workflow_keys, tokens);
  for v_item in 1 .. v_many loop
    item := v_item;
    name := 'perdure.sleep';
    wait_for := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    v_until := v_now + _exact_span(durations[item]);
    outcome := _record_now(
      workflow_keys[item], sleep_many.steps[item], name, to_json(v_until), retry_at => v_until
    );
    if outcome is not null then
      select s.name, s.retry_at into name, v_until
      from steps s
      where s.key = workflow_keys[item] and s.step = sleep_many.steps[item];
    end if;
    if outcome is distinct from 'unexpected step' then
      wait_for := greatest(v_until - v_now, interval '0');
      outcome := 'sleeping';
      if wait_for > interval '0' and put_down[item]
        and cardinality(array_positions(workflow_keys, workflow_keys[item])) = 1
      then
        outcome := 'put down';
        v_down_keys := v_down_keys || workflow_keys[item];
        v_down_tokens := v_down_tokens || tokens[item];
        v_down_waits := v_down_waits || wait_for;
      end if;
    end if;
    return next;
  end loop;
  if v_down_keys <> '{}' then
    perform _put_down(v_down_keys, v_down_tokens, v_down_waits, 'PENDING');
  end if;
end
$$;
COMMENT ON FUNCTION perdure.sleep_many(workflow_keys bigint[], tokens bigint[], steps integer[], durations interval[], put_down boolean[]) IS 'Begins a sleep in each of these steps of workflows that the caller owns, or goes on with it.
workflow_keys, tokens: from claim or start. steps: the number of each step within its workflow.
durations: how long each sleeps, from the first time it is called; 0 to 100 years.
put_down: true to leave the worker until then, and be claimed again. A workflow that is named more than once
stays.
Returns a row for each, in order:
  ''sleeping'' with wait_for, what is left of it; the step is recorded;
  ''put down'': the workflow left the worker; the token is void;
  ''unexpected step'' (name is what is recorded there), ''lease lost'': as in record_steps.
Raises PD001 (arrays of different lengths, a sleep out of range).';
CREATE FUNCTION perdure.start(executor_id bigint, workflow text, input json DEFAULT NULL::json, workflow_id text DEFAULT NULL::text, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone, attributes jsonb DEFAULT NULL::jsonb, authenticated_user text DEFAULT NULL::text, authenticated_roles text[] DEFAULT NULL::text[], assumed_role text DEFAULT NULL::text, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text) RETURNS perdure.started
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
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
COMMENT ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text) IS 'Starts one workflow that the calling executor runs itself, at once, without a queue. If its worker
dies, any other worker takes it over.
executor_id: from register_executor. For the rest see enqueue.
Returns workflow_key, workflow_id, token (to write under) and time_left (until its deadline; null without one).
The token is null if the id existed already, or the deadline has passed: then that workflow is not the caller''s
to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD006 (executor without lease).';
CREATE FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[] DEFAULT NULL::text[], max_recovery_attempts integer[] DEFAULT NULL::integer[], app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[], timeouts interval[] DEFAULT NULL::interval[], deadlines timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], attributes jsonb[] DEFAULT NULL::jsonb[], authenticated_user text DEFAULT NULL::text, authenticated_roles text[] DEFAULT NULL::text[], assumed_role text DEFAULT NULL::text, class_names text[] DEFAULT NULL::text[], config_names text[] DEFAULT NULL::text[]) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, token bigint, time_left interval, identity json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(start_many.workflows);
  v_options enqueue_options;
  v_keys bigint[];
  v_ids text[];
  v_new boolean[];
  v_now timestamptz;
  v_deadlines timestamptz[];
  v_identities json[];
  v_late bigint[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(inputs), 0),
    coalesce(cardinality(workflow_ids), v_many),
    coalesce(cardinality(start_many.max_recovery_attempts), v_many),
    coalesce(cardinality(parent_keys), v_many),
    coalesce(cardinality(parent_tokens), v_many),
    coalesce(cardinality(parent_steps), v_many),
    coalesce(cardinality(timeouts), v_many),
    coalesce(cardinality(deadlines), v_many),
    coalesce(cardinality(attributes), v_many),
    coalesce(cardinality(class_names), v_many),
    coalesce(cardinality(config_names), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to start_many differ in length',
      hint => 'Give each array one element for each workflow, or leave it out.'
    );
  end if;
  if timeouts is not null or deadlines is not null then
    perform _check_deadline(g.timeout, g.deadline)
    from unnest(timeouts, deadlines) as g (timeout, deadline);
    v_options.timeouts := start_many.timeouts;
    v_options.deadlines := start_many.deadlines;
  end if;
  v_options.application := _hold_executor(start_many.executor_id);
  if num_nonnulls(attributes, authenticated_user, authenticated_roles, assumed_role, class_names, config_names) > 0 then
    v_options.origins := _origins(
      v_many, attributes, authenticated_user, authenticated_roles, assumed_role, class_names, config_names
    );
  end if;
  -- A child has a deadline and an identity if its parent has them; nothing else has.
  if timeouts is null and deadlines is null and parent_keys is null and v_options.origins is null then
    return query
    select c.item, c.workflow_key, c.workflow_id, case when c.created then 0::bigint end, null::interval, null::json
    from _create_workflows(
      start_many.workflows, inputs, workflow_ids, null, null,
      start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
      null, null, null, v_options
    ) as c;
    return;
  end if;
  select
    array_agg(c.workflow_key order by c.item),
    array_agg(c.workflow_id order by c.item),
    array_agg(c.created order by c.item)
  into v_keys, v_ids, v_new
  from _create_workflows(
    start_many.workflows, inputs, workflow_ids, null, null,
    start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
    parent_keys, parent_tokens, parent_steps, v_options
  ) as c;
  v_now := _now();
  v_deadlines := _deadlines(v_keys);
  v_identities := _identities(v_keys);
  select array_agg(g.key) into v_late
  from unnest(v_keys, v_new, v_deadlines) as g (key, is_new, deadline)
  where g.is_new and g.deadline <= v_now;
  if v_late is not null then
    -- Not run at all.
    perform _time_out(v_late);
  end if;
  return query
  select
    g.item::int, g.key, g.workflow_id,
    case when g.is_new and (g.deadline <= v_now) is not true then 0::bigint end,
    case when g.is_new then g.deadline - v_now end, case when g.is_new then g.identity end
  from unnest(v_keys, v_ids, v_new, v_deadlines, v_identities)
    with ordinality as g (key, workflow_id, is_new, deadline, identity, item)
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], timeouts interval[], deadlines timestamp with time zone[], attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) IS 'Starts workflows that the calling executor runs itself, at once, without a queue.
executor_id: from register_executor.
workflows, inputs, workflow_ids, max_recovery_attempts: an element each; see enqueue.
app_version: null: they belong to the version of the executor; or another that they belong to.
parent_keys, parent_tokens, parent_steps: the running workflows that start these as children; the
start is recorded as that step in the same transaction.
timeouts, deadlines, attributes, class_names, config_names: null, or an element each; see enqueue_many.
authenticated_user, authenticated_roles, assumed_role: null, or on whose behalf they run; see enqueue_many.
They belong to the application of the executor.
Returns a row for each, in order: its key, its id, the token to write under, null or the time left until its
deadline, and null or as what and on whose behalf it runs (see claim). The token is null if the id existed already, or the deadline has passed: then that workflow is
not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD004 (parent lost), PD005 (another step
recorded), PD006 (executor without lease).';
CREATE FUNCTION perdure.status() RETURNS TABLE(subject text, state text, detail text, hint text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_alive bigint;
  v_active boolean := exists (select from tasks);
begin
  return query values (
    'server', 'ok', format('Postgres %s', current_setting('server_version')), null::text
  ), (
    'schema', 'ok', format('schema %s is at version %s', current_schema(), schema_version()), null
  );
  return query
  select
    'durability',
    case when s.name = 'synchronous_commit' then 'warning' else 'problem' end,
    format('%s is off', s.name),
    case s.name
      when 'synchronous_commit' then 'A crash of the server loses what was acknowledged last: set it to on.'
      else 'A crash of the server can destroy the database: set it to on.'
    end
  from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as s (name)
  where current_setting(s.name) = 'off';
  if not found then
    return query values ('durability', 'ok', 'what is acknowledged survives a crash of the server', null::text);
  end if;
  select count(*) into v_alive from _living_executors();
  if v_alive > 0 or not v_active then
    return query values ('executors', 'ok', format('%s alive', v_alive), null::text);
  else
    return query values (
      'executors', 'problem', 'there is work, and no executor is alive',
      'Start a worker: perdure worker MODULE:APP.'
    );
  end if;
  return query
  select format('queue %s', q.name), 'warning', 'it is paused, and work waits', 'Let it go on: resume_queue.'
  from queues q
  where q.paused and exists (select from tasks t where t.queue_id = q.queue_id and t.status = 'ENQUEUED')
  order by q.name
  limit 100;
  -- What needs somebody, with what to do about it.
  return query
  select
    format('%s %s', a.kind, a.subject),
    case a.severity when 'critical' then 'problem' else 'warning' end,
    a.detail,
    case a.kind
      when 'dead letter' then 'See why its workers die; then resume them: list_workflows, resume_many.'
      when 'failing workflow' then 'See their errors: list_workflows; when it is mended: fork_many from the last failure.'
      when 'unserved queue' then 'Start a worker that serves this queue.'
      when 'slow queue' then 'See what holds it: explain_wait; start more workers, or raise its limits.'
      when 'unknown workflow' then 'Start a worker whose program has it; or cancel them: cancel_many.'
      when 'unserved version' then 'Start a worker of it, or move the work to another version: set_version.'
      when 'lapsed executor' then 'Any living worker takes them over; without one call run_maintenance().'
      when 'late schedule' then 'Start a worker, or call run_maintenance(); with an unknown time zone apply it again.'
    end
  from alerts() as a
  limit 100;
  return query
  select
    'vacuum', 'warning',
    format('a transaction of %s has been open for %s', a.usename, date_trunc('second', clock_timestamp() - a.xact_start)),
    format('It keeps dead rows from being removed. To end it: select pg_terminate_backend(%s).', a.pid)
  from pg_stat_activity a
  where a.datname = current_database() and a.backend_xmin is not null
    and a.xact_start < clock_timestamp() - interval '10 minutes'
  order by a.xact_start
  limit 5;
  return query
  select
    'vacuum', 'warning',
    format('the prepared transaction %L is there since %s', p.gid, p.prepared),
    'It keeps dead rows from being removed: commit prepared, or rollback prepared.'
  from pg_prepared_xacts p
  where p.database = current_database() and p.prepared < clock_timestamp() - interval '10 minutes'
  order by p.prepared
  limit 5;
  return query
  select
    'connections', 'warning',
    format('%s of %s connections are in use', c.used, current_setting('max_connections')),
    'Put a pooler before the server, or raise max_connections.'
  from (select count(*) from pg_stat_activity a where a.backend_type = 'client backend') as c (used)
  where c.used > 0.8 * current_setting('max_connections')::int;
end
$$;
COMMENT ON FUNCTION perdure.status() IS 'Whether all is well: a row for each thing looked at, and for each thing that is wrong. Its cost does not grow
with history.
Returns the subject (server, schema, durability, executors, queue NAME, what alerts() tells of, vacuum, connections); the
state (ok; warning: nothing stands still, look at it soon; problem: work stands still or may be lost); what was seen; and what
to do about it, or null.
Transactions of other roles are seen if the owner of the schema is a member of pg_read_all_stats.';
CREATE FUNCTION perdure.step_aggregates(group_by text[] DEFAULT '{step}'::text[], step_names text[] DEFAULT NULL::text[], names text[] DEFAULT NULL::text[], created_from timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone, max_groups integer DEFAULT 1000) RETURNS TABLE(step text, workflow text, steps bigint, succeeded bigint, failed bigint, unfinished bigint, attempts bigint, average interval, p50 interval, p95 interval, p99 interval, longest interval)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    SET random_page_cost TO '1.1'
    AS $$
#variable_conflict use_column
declare
  v_named boolean := names is not null or created_from is not null or created_until is not null
    or 'workflow' = any (coalesce(group_by, '{}'));
begin
  perform _check_groups(group_by, '{step,workflow}', max_groups);
  perform _check_span('created', created_from, created_until);
  return query
  with seen as (
    select s.name as step, null::text as workflow, s.error, s.attempts, s.completed_at, s.completed_at - s.started_at as took
    from steps s
    where not v_named
      and (step_names is null or s.name = any (step_names))
    union all
    select s.name, w.name, s.error, s.attempts, s.completed_at, s.completed_at - s.started_at
    from workflows w
    join steps s on s.key = w.key
    where v_named
      and (step_names is null or s.name = any (step_names))
      and (names is null or w.name collate "C" = any (names))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
  ),
  measured as (
    select
      case when 'step' = any (group_by) then s.step end as step,
      case when 'workflow' = any (group_by) then s.workflow end as workflow,
      count(*) as steps,
      count(*) filter (where s.completed_at is not null and s.error is null) as succeeded,
      count(*) filter (where s.completed_at is not null and s.error is not null) as failed,
      count(*) filter (where s.completed_at is null) as unfinished,
      sum(s.attempts) as attempts,
      avg(s.took) as average,
      percentile_disc(array[0.5, 0.95, 0.99, 1]) within group (order by s.took) as took
    from seen s
    group by 1, 2
  )
  select
    m.step, m.workflow, m.steps, m.succeeded, m.failed, m.unfinished, m.attempts, m.average,
    m.took[1], m.took[2], m.took[3], m.took[4]
  from measured m
  order by m.steps desc, m.step, m.workflow
  limit max_groups;
end
$$;
COMMENT ON FUNCTION perdure.step_aggregates(group_by text[], step_names text[], names text[], created_from timestamp with time zone, created_until timestamp with time zone, max_groups integer) IS 'How steps went: a row for each group.
group_by: any of step (its name), workflow (the name of the workflow); with none of them one row.
step_names: null for all, or only steps of these names; names: null for all, or only those of workflows of these names.
created_from, created_until: the steps of workflows that were enqueued or started in this span, with its beginning and
without its end. It reads what is in the span; without one, everything.
max_groups: 1 to 100000; those with the most steps come first.
steps: how many are recorded, of which succeeded, failed, and are unfinished: they wait, or will be tried again. attempts:
how often they were tried, all together. average to longest: how long those that have ended took, where that was
recorded.
Raises PD001 (an unknown group, a number out of range, a span that ends before it begins).';
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
CREATE FUNCTION perdure.suspend_until_ended(workflow_key bigint, token bigint, workflow_ids text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_targets bigint[];
  v_unknown text;
  v_keys bigint[];
begin
  select array_agg(distinct w.key), min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_targets, v_unknown
  from unnest(workflow_ids) as g (workflow_id)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  if workflow_key = any (v_targets) then
    perform _raise('PD001', 'a workflow cannot wait for its own end', hint => 'Give the id of another workflow.');
  end if;
  with held as materialized (
    select t.key
    from tasks t
    where t.key = any (v_targets || workflow_key)
      and (t.key <> workflow_key or t.token = suspend_until_ended.token)
    order by t.key
    for no key update
  )
  select array_agg(h.key) into v_keys from held h;
  if workflow_key = any (v_keys) is not true then
    perform _raise_lease_lost(workflow_key);
  end if;
  if v_targets is null or not v_targets <@ v_keys then
    return false;
  end if;
  insert into waits (target_key, kind, name, waiter_key)
  select g.key, 'end', '', workflow_key
  from unnest(v_targets) as g (key)
  on conflict (target_key, kind, name, waiter_key) do nothing;
  perform _mark_watched(v_targets);
  perform _put_down(array[workflow_key], array[suspend_until_ended.token], array[interval '100 years'], 'PENDING');
  return true;
end
$$;
COMMENT ON FUNCTION perdure.suspend_until_ended(workflow_key bigint, token bigint, workflow_ids text[]) IS 'Takes a workflow that the caller owns from this worker until one of these others has ended; then it is
claimed again.
workflow_key, token: from claim or start. workflow_ids: those whose end it waits for.
Returns true if it was put down, and its token is void; false if one of them has ended already.
Raises PD001 (itself), PD002 (no such workflow), PD004 (lease lost).';
CREATE FUNCTION perdure.trigger_schedule(schedule text, at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_schedule schedules := _schedule(trigger_schedule.schedule);
  v_at timestamptz := coalesce(trigger_schedule.at, _now());
begin
  perform _check_zone(v_schedule.zone);
  if v_at between '0001-01-01' and '9900-01-01' is not true then
    perform _raise('PD001', format('a schedule cannot be triggered at %s', v_at), hint => 'Give a moment, or null for now.');
  end if;
  return (select t.workflow_id from _start_ticks(v_schedule, array[v_at], 'trigger-') as t);
end
$$;
COMMENT ON FUNCTION perdure.trigger_schedule(schedule text, at timestamp with time zone) IS 'Starts a workflow of a schedule at once, also of one that is paused. Its ticks are not changed.
at: null for now, or the time that the workflow is given. It is in the id, sched-<schedule>-trigger-<time in UTC>,
so a call that is made again with the same time starts nothing more.
Returns the id.
Raises PD001 (bad argument), PD020 (no such schedule).';
CREATE FUNCTION perdure.update_queue(queue text, changes json) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$
#variable_conflict use_column
declare
  v_queue queues;
  v_known text[] := array[
    'concurrency', 'worker_concurrency', 'rate_limit', 'rate_period', 'partitioned',
    'partition_concurrency', 'partition_rate_limit', 'partition_rate_period', 'priority_ageing', 'paused'
  ];
  v_unknown text;
  v_bad text;
begin
  perform _check_isolation('changing a queue');
  v_queue := _hold_queue(update_queue.queue);
  if v_queue.queue_id is null then
    perform _raise_queue_not_found(update_queue.queue);
  end if;
  if json_typeof(changes) is distinct from 'object' then
    perform _raise(
      'PD001',
      'the changes of a queue are a JSON object',
      hint => 'For example {"concurrency": 10, "rate_limit": null, "rate_period": null}.'
    );
  end if;
  begin
    select k.name into v_unknown
    from json_object_keys(changes) as k (name)
    where k.name <> all (v_known)
    limit 1;
    -- Postgres would also read "yes" as true and "3" as 3.
    select format('%s cannot be %s', c.name, c.value) into v_bad
    from json_each(changes) as c (name, value)
    where json_typeof(c.value) <> all (
      case
        when c.name in ('partitioned', 'paused') then array['null', 'boolean']
        when c.name ~ '_period$' or c.name = 'priority_ageing' then array['null', 'number', 'string']
        else array['null', 'number']
      end
    )
    limit 1;
    if v_unknown is null and v_bad is null then
      v_queue := json_populate_record(v_queue, changes);
    end if;
  exception
    when data_exception then
      perform _raise(
        'PD001',
        format('a setting of queue %L cannot be read: %s', update_queue.queue, sqlerrm),
        hint => 'Limits are whole numbers, periods intervals such as "1 minute", partitioned and paused true or false.'
      );
  end;
  if v_unknown is not null then
    perform _raise(
      'PD001',
      format('a queue has no setting %L', v_unknown),
      hint => 'Settings are ' || array_to_string(v_known, ', ') || '.'
    );
  end if;
  if v_bad is not null then
    perform _raise(
      'PD001',
      format('a setting of queue %L cannot be read: %s', update_queue.queue, v_bad),
      hint => 'Limits are whole numbers, periods intervals such as "1 minute", partitioned and paused true or false.'
    );
  end if;
  v_queue.partitioned := coalesce(v_queue.partitioned, false);
  v_queue.paused := coalesce(v_queue.paused, false);
  perform _set_queue(v_queue);
end
$_$;
COMMENT ON FUNCTION perdure.update_queue(queue text, changes json) IS 'Changes settings of a queue, from the next claim on.
queue: its name.
changes: a JSON object of the settings to change; null removes a limit. Settings: concurrency,
worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency, partition_rate_limit,
partition_rate_period, priority_ageing (see register_queue), and paused.
Raises PD001 (unknown setting, bad value, a transaction that is not read committed), PD007 (no such queue),
PD013 (partitions would come or go under active workflows).';
CREATE FUNCTION perdure.watch(workflow_id text, kind text, name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  if watch.kind in ('event', 'stream') is not true then
    perform _raise('PD001', format('cannot watch %L', watch.kind), hint => 'Give ''event'' or ''stream''.');
  end if;
  perform _check_text(watch.kind, watch.name);
  perform _check_isolation('watch');
  v_key := _key_of(watch.workflow_id);
  if watch.kind = 'stream' then
    -- The end of its workflow is the end of a stream, and is told to those who watch for that.
    -- Whoever has it locked now writes, or ends it, and is not waited for.
    perform from tasks t where t.key = v_key and not t.watched for no key update skip locked;
    if found then
      perform _mark_watched(array[v_key]);
    elsif exists (select from tasks t where t.key = v_key and not t.watched) then
      return false;
    end if;
  end if;
  return _await(v_key, watch.kind, watch.name, 0);
end
$$;
COMMENT ON FUNCTION perdure.watch(workflow_id text, kind text, name text) IS 'Asks to be told, once, on channel <schema>.changed, with payload ''event <workflow id>'' or ''stream <workflow
id>'', when an event of a workflow is set, or something is written to a stream of it; of a stream also, on
<schema>.finished with the id, when the workflow ends. In a transaction of its own: the watch begins when that has
committed; look again then. Several may watch the same.
kind: ''event'' or ''stream''. name: of the event or stream.
Returns false if a writer is under way: nothing will be told, look again and ask again soon.
Raises PD001 (another kind, bad name, a transaction that is not read committed), PD002 (no such workflow).';
CREATE FUNCTION perdure.workflow_aggregates(group_by text[] DEFAULT '{name,status}'::text[], statuses text[] DEFAULT NULL::text[], names text[] DEFAULT NULL::text[], queues text[] DEFAULT NULL::text[], created_from timestamp with time zone DEFAULT NULL::timestamp with time zone, created_until timestamp with time zone DEFAULT NULL::timestamp with time zone, completed_from timestamp with time zone DEFAULT NULL::timestamp with time zone, completed_until timestamp with time zone DEFAULT NULL::timestamp with time zone, bucket_width interval DEFAULT NULL::interval, max_groups integer DEFAULT 1000) RETURNS TABLE(name text, status text, queue text, executor text, app_version text, application text, bucket timestamp with time zone, workflows bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    SET random_page_cost TO '1.1'
    AS $$
#variable_conflict use_column
declare
  v_by_completion boolean := num_nonnulls(completed_from, completed_until) > 0;
  -- What only tasks and outcomes know.
  v_apart boolean := v_by_completion or statuses is not null or coalesce(group_by, '{}') && '{status,executor,app_version}';
  v_buckets boolean := 'bucket' = any (coalesce(group_by, '{}'));
  v_wanted workflow_status[];
  v_queue_ids int[];
begin
  perform _check_groups(
    group_by, '{name,status,queue,executor,app_version,application,bucket}', max_groups
  );
  perform _check_statuses(statuses);
  perform _check_span('created', created_from, created_until);
  perform _check_span('completed', completed_from, completed_until);
  if v_buckets <> (bucket_width is not null)
    or bucket_width < interval '1 second' or bucket_width > interval '1000 days'
    or extract(year from bucket_width) <> 0 or extract(month from bucket_width) <> 0
  then
    perform _raise(
      'PD001',
      case when bucket_width is null then 'bucket_width is missing'
        when v_buckets then format('a bucket of %s', bucket_width)
        else 'there is a bucket_width and nothing is grouped by bucket' end,
      hint => 'Group by bucket and give a bucket_width of 1 second to 1000 days, without months.'
    );
  end if;
  v_wanted := statuses::workflow_status[];
  if queues is not null then
    v_queue_ids := array(select q.queue_id from queues q where q.name = any (workflow_aggregates.queues));
  end if;
  return query
  with seen as (
    select w.name, null::workflow_status as status, w.queue_id, null::bigint as executor_id, null::text as app_version, w.application,
      w.created_at as at
    from workflows w
    where not v_apart
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
    union all
    select w.name, t.status, w.queue_id, t.executor_id, nullif(t.app_version, ''), w.application, w.created_at
    from tasks t
    join workflows w on w.key = t.key
    where v_apart and not v_by_completion
      and (v_wanted is null or t.status = any (v_wanted))
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
    union all
    select w.name, o.status, w.queue_id, o.executor_id, o.app_version, w.application,
      case when v_by_completion then o.completed_at else w.created_at end
    from outcomes o
    join workflows w on w.key = o.key
    where v_apart
      and (v_wanted is null or o.status = any (v_wanted))
      and (completed_from is null or o.completed_at >= completed_from)
      and (completed_until is null or o.completed_at < completed_until)
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
      and (created_from is null or w.created_at >= created_from)
      and (created_until is null or w.created_at < created_until)
  ),
  counted as (
    select
      case when 'name' = any (group_by) then s.name end as name,
      case when 'status' = any (group_by) then s.status end as status,
      case when 'queue' = any (group_by) then s.queue_id end as queue_id,
      case when 'executor' = any (group_by) then s.executor_id end as executor_id,
      case when 'app_version' = any (group_by) then s.app_version end as app_version,
      case when 'application' = any (group_by) then s.application end as application,
      case when v_buckets then date_bin(bucket_width, s.at, '2001-01-01 00:00+00') end as bucket,
      count(*) as workflows
    from seen s
    group by 1, 2, 3, 4, 5, 6, 7
  )
  select
    c.name, c.status::text, q.name, e.name, c.app_version, c.application, c.bucket,
    sum(c.workflows)::bigint as workflows
  from counted c
  left join queues q on q.queue_id = c.queue_id
  left join executors e on e.executor_id = c.executor_id
  group by 1, 2, 3, 4, 5, 6, 7
  order by 7, 8 desc, 1, 2, 3, 4, 5, 6
  limit max_groups;
end
$$;
COMMENT ON FUNCTION perdure.workflow_aggregates(group_by text[], statuses text[], names text[], queues text[], created_from timestamp with time zone, created_until timestamp with time zone, completed_from timestamp with time zone, completed_until timestamp with time zone, bucket_width interval, max_groups integer) IS 'How many workflows there are, by what is asked for: a row for each group that has any.
group_by: any of name, status, queue, executor, app_version, application, bucket; with none of them the row has the total.
statuses, names, queues: null for all, or only these.
created_from, created_until, completed_from, completed_until: spans with their beginning and without their end. It reads
what is in the span; without one, everything.
bucket_width: with bucket, how long each is, 1 second to 1000 days without months; buckets are counted from midnight
UTC of a Monday. They are of created_at; with a span of completion, of completed_at.
max_groups: 1 to 100000.
Columns that are not grouped by are null; queue is null for direct starts, executor where it is not registered any more.
Ordered by bucket, the largest groups first.
Raises PD001 (an unknown group or status, a number out of range, a bucket without width or of no such width, a span that
ends before it begins).';
CREATE FUNCTION perdure.workflow_durations(group_by text[] DEFAULT '{name}'::text[], statuses text[] DEFAULT NULL::text[], names text[] DEFAULT NULL::text[], queues text[] DEFAULT NULL::text[], completed_from timestamp with time zone DEFAULT NULL::timestamp with time zone, completed_until timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(name text, queue text, workflows bigint, wait_p50 interval, wait_p95 interval, wait_p99 interval, wait_longest interval, run_p50 interval, run_p95 interval, run_p99 interval, run_longest interval)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    SET random_page_cost TO '1.1'
    AS $$
#variable_conflict use_column
declare
  v_wanted workflow_status[];
  v_queue_ids int[];
begin
  perform _check_groups(group_by, '{name,queue}');
  perform _check_statuses(statuses);
  perform _check_span('completed', completed_from, completed_until);
  v_wanted := statuses::workflow_status[];
  if queues is not null then
    v_queue_ids := array(select q.queue_id from queues q where q.name = any (workflow_durations.queues));
  end if;
  return query
  with seen as (
    select
      case when 'name' = any (group_by) then w.name end as name,
      case when 'queue' = any (group_by) then w.queue_id end as queue_id,
      o.started_at - w.created_at as wait,
      o.completed_at - o.started_at as run
    from outcomes o
    join workflows w on w.key = o.key
    where o.started_at is not null
      and (v_wanted is null or o.status = any (v_wanted))
      and (completed_from is null or o.completed_at >= completed_from)
      and (completed_until is null or o.completed_at < completed_until)
      and (names is null or w.name collate "C" = any (names))
      and (v_queue_ids is null or w.queue_id = any (v_queue_ids))
  ),
  measured as (
    select
      s.name, s.queue_id, count(*) as workflows,
      percentile_disc(array[0.5, 0.95, 0.99, 1]) within group (order by s.wait) as waits,
      percentile_disc(array[0.5, 0.95, 0.99, 1]) within group (order by s.run) as runs
    from seen s
    group by s.name, s.queue_id
  )
  select
    m.name, q.name, m.workflows, m.waits[1], m.waits[2], m.waits[3], m.waits[4],
    m.runs[1], m.runs[2], m.runs[3], m.runs[4]
  from measured m
  left join queues q on q.queue_id = m.queue_id
  order by m.workflows desc, m.name, q.name;
end
$$;
COMMENT ON FUNCTION perdure.workflow_durations(group_by text[], statuses text[], names text[], queues text[], completed_from timestamp with time zone, completed_until timestamp with time zone) IS 'How long workflows that have ended took: a row for each group.
group_by: any of name, queue; with none of them one row.
statuses, names, queues: null for all, or only these.
completed_from, completed_until: when they ended, with the beginning and without the end. It reads what is in the span;
without one, everything.
wait: from creation to the start of the last run; run: from there to the end. Of each the median, what 95 and 99 in a
hundred do not exceed, and the longest. Workflows that ended without having been started are left out.
Raises PD001 (an unknown group or status, a span that ends before it begins).';
CREATE FUNCTION perdure.workflow_tree(workflow_id text, max_depth integer DEFAULT 100, max_workflows integer DEFAULT 1000) RETURNS SETOF perdure.workflow_node
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_root bigint;
  v_keys bigint[];
  v_depths int[];
  v_last_children bigint[];
begin
  if max_depth between 0 and 1000 is not true or max_workflows between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('a tree of %s levels and %s workflows', coalesce(max_depth::text, 'null'), coalesce(max_workflows::text, 'null')),
      hint => 'Give max_depth 0 to 1000, and max_workflows 1 to 10000.'
    );
  end if;
  v_root := _key_of(workflow_tree.workflow_id);
  with recursive descent as (
    select v_root as key, 0 as depth, array[v_root] as path
    union all
    select c.key, d.depth + 1, d.path || c.key
    from descent d
    cross join lateral (
      select w.key from workflows w where w.parent_key = d.key order by w.key limit max_workflows
    ) as c
    where d.depth < max_depth and c.key <> all (d.path)
  ),
  reached as (
    select d.key, d.depth, d.path from descent d limit max_workflows
  )
  select
    array_agg(r.key order by r.path), array_agg(r.depth order by r.path),
    -- Children are reached in the order of their keys, so what is missing of them comes after the last.
    array_agg(r.last_child order by r.path)
  into v_keys, v_depths, v_last_children
  from (
    select p.*, c.last_child
    from reached p
    left join (
      select l.path[cardinality(l.path) - 1] as key, max(l.key) as last_child from reached l where l.depth > 0 group by 1
    ) as c on c.key = p.key
  ) as r;
  return query
  select
    g.depth, i.workflow_key, i.workflow_id, i.parent_id,
    (select w.parent_step from workflows w where w.key = g.key),
    i.workflow, i.status, i.queue, i.executor, i.app_version, i.created_at, i.started_at, i.completed_at,
    exists (
      select from workflows w
      where w.parent_key = g.key and w.key > coalesce(g.last_child, -1) and w.key <> all (v_keys)
    )
  from unnest(v_keys, v_depths, v_last_children) with ordinality as g (key, depth, last_child, item)
  cross join lateral _workflow_rows(array[g.key], null, false, false) as i
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.workflow_tree(workflow_id text, max_depth integer, max_workflows integer) IS 'A workflow, its children, their children and so on: each before its own children, these in the order in which they
were started.
max_depth: how many levels below the first, 0 to 1000. max_workflows: how many in all, 1 to 10000; the upper levels come
first.
depth is 0 for the workflow itself; parent_step is the step of its parent that started it; more: it has children that
are not listed. The other columns are those of list_workflows.
Raises PD001 (a number out of range), PD002 (no such workflow).';
CREATE FUNCTION perdure.write_stream(workflow_key bigint, token bigint, step integer, name text, value json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return _write_one(
    workflow_key, write_stream.token, write_stream.step, write_stream.name, write_stream.value, false, 'perdure.write_stream'
  );
end
$$;
COMMENT ON FUNCTION perdure.write_stream(workflow_key bigint, token bigint, step integer, name text, value json) IS 'Writes one value to a stream of a workflow that the caller owns, as a step of it; see write_streams.
Returns true if it was written now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';
CREATE FUNCTION perdure.write_streams(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], closes boolean[] DEFAULT NULL::boolean[], in_step boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(workflow_keys);
  v_held int[];
  v_step_name text;
  v_last stream_entries;
  v_written int[] := '{}'::int[];
begin
  if v_many is null or v_many <> any (array[
    coalesce(cardinality(tokens), 0),
    coalesce(cardinality(write_streams.steps), 0),
    coalesce(cardinality(names), 0),
    coalesce(cardinality("values"), 0),
    coalesce(cardinality(closes), v_many),
    coalesce(cardinality(in_step), v_many)
  ]) then
    perform _raise(
      'PD001',
      'the arrays given to write_streams differ in length',
      hint => 'Give each array one element for each value.'
    );
  end if;
  perform _check_text('stream', g.name) from unnest(names) as g (name)
  where octet_length(g.name) between 1 and 512 is not true;
  v_held := _hold_tasks(workflow_keys, tokens);
  perform _hold_waiters(workflow_keys);
  for v_item in 1 .. v_many loop
    item := v_item;
    outcome := null;
    name := null;
    if item <> all (v_held) then
      outcome := 'lease lost';
      return next;
      continue;
    end if;
    select e.* into v_last
    from stream_entries e
    where e.key = workflow_keys[item] and e.name = names[item]
    order by e.key desc, e.name desc, e.entry desc
    limit 1;
    v_step_name := case when closes[item] then 'perdure.close_stream' else 'perdure.write_stream' end;
    if in_step[item] is not true then
      select s.name into name
      from steps s
      where s.key = workflow_keys[item] and s.step = write_streams.steps[item];
      if found then
        outcome := case when name = v_step_name then 'recorded before' else 'unexpected step' end;
      end if;
    end if;
    if outcome is null and v_last.closes then
      outcome := 'stream closed';
    end if;
    if outcome is not null then
      return next;
      continue;
    end if;
    if in_step[item] is not true then
      perform _record_now(workflow_keys[item], write_streams.steps[item], v_step_name);
    end if;
    insert into stream_entries (key, name, entry, value, closes, step, written_at)
    values (
      workflow_keys[item], names[item], coalesce(v_last.entry + 1, 0),
      case when closes[item] is not true then "values"[item] end,
      coalesce(closes[item], false), write_streams.steps[item], _now()
    );
    v_written := v_written || item;
  end loop;
  if v_written <> '{}' then
    perform _wake_waiters(
      array(select workflow_keys[w.item] from unnest(v_written) with ordinality as w (item, place) order by w.place),
      'stream',
      array(select names[w.item] from unnest(v_written) with ordinality as w (item, place) order by w.place)
    );
  end if;
end
$$;
COMMENT ON FUNCTION perdure.write_streams(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], closes boolean[], in_step boolean[]) IS 'Writes values to streams of workflows that the caller owns, each as a step of its workflow.
workflow_keys, tokens: from claim or start. steps: the number of each step within its workflow.
names: of the streams, 1 to 512 bytes; a stream begins with its first value. "values": an element each.
closes: null, or true to close the stream instead: nothing can be written after that.
in_step: null, or true for what is written by the code of that step: then nothing is recorded of it, and it is
written again when the step is run again.
Returns no row if all were written now; else a row for each that was not, in order: ''stream closed'',
''recorded before'', ''unexpected step'' (name is what is recorded there), ''lease lost''; see record_steps.
Raises PD001 (arrays of different lengths, bad name).';
CREATE TABLE perdure.alerting (
    alerting_id integer DEFAULT 1 NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT alerting_alerting_id_check CHECK ((alerting_id = 1))
);
COMMENT ON TABLE perdure.alerting IS 'Whether alerts are notified: a row if they are.';
CREATE SEQUENCE perdure.claim_tokens
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE perdure.deduplications (
    queue_id integer NOT NULL,
    lane_id integer NOT NULL,
    deduplication_id text NOT NULL COLLATE pg_catalog."C",
    key bigint NOT NULL
);
COMMENT ON TABLE perdure.deduplications IS 'The active workflow that holds each deduplication id.';
CREATE TABLE perdure.events (
    event_id bigint NOT NULL,
    key bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    value json,
    step integer NOT NULL,
    set_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE perdure.events IS 'What workflows have told of themselves: the newest of each name counts, all are kept.';
ALTER TABLE perdure.events ALTER COLUMN event_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE perdure.executors ALTER COLUMN executor_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.executors_executor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE perdure.floor_drops (
    queue_id integer NOT NULL,
    transaction xid8 NOT NULL
);
COMMENT ON TABLE perdure.floor_drops IS 'The transactions in which something has returned to its old place in a queue.';
ALTER TABLE perdure.floors ALTER COLUMN version ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.floors_version_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE perdure.lanes (
    lane_id integer NOT NULL,
    queue_id integer NOT NULL,
    partition_key text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON TABLE perdure.lanes IS 'The partitions of queues.';
ALTER TABLE perdure.lanes ALTER COLUMN lane_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.lanes_lane_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE perdure.message_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE perdure.messages (
    message_id bigint NOT NULL,
    key bigint NOT NULL,
    topic text NOT NULL COLLATE pg_catalog."C",
    message json,
    idempotency_key text COLLATE pg_catalog."C",
    sent_at timestamp with time zone NOT NULL,
    received boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_threshold='500');
COMMENT ON TABLE perdure.messages IS 'What was sent to workflows and waits to be received, by topic in the order of message_id.';
CREATE TABLE perdure.outcomes (
    key bigint NOT NULL,
    status perdure.workflow_status NOT NULL,
    output json,
    error json,
    attempts integer NOT NULL,
    executor_id bigint,
    token bigint,
    started_at timestamp with time zone,
    completed_at timestamp with time zone NOT NULL,
    deadline timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    app_version text COLLATE pg_catalog."C"
);
COMMENT ON TABLE perdure.outcomes IS 'How each finished workflow ended.';
CREATE TABLE perdure.places (
    key bigint NOT NULL,
    step integer NOT NULL,
    place text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON TABLE perdure.places IS 'Which steps belong to which branch of their workflow''s code: for those whose number depends on time.';
ALTER TABLE perdure.queues ALTER COLUMN queue_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.queues_queue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE perdure.removals (
    transaction xid8 NOT NULL,
    removal_id bigint NOT NULL,
    removed_at timestamp with time zone NOT NULL,
    keys bigint[] NOT NULL
);
COMMENT ON TABLE perdure.removals IS 'What was deleted a moment ago, until nobody can write of it any more.';
ALTER TABLE perdure.removals ALTER COLUMN removal_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.removals_removal_id_seq
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
CREATE TABLE perdure.starts (
    queue_id integer NOT NULL,
    lane_id integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    total bigint NOT NULL,
    many integer NOT NULL
);
COMMENT ON TABLE perdure.starts IS 'For rate limits: how many workflows were ever started, after each claim.';
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
CREATE TABLE perdure.stream_entries (
    key bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    entry integer NOT NULL,
    value json,
    closes boolean DEFAULT false NOT NULL,
    step integer NOT NULL,
    written_at timestamp with time zone NOT NULL
);
COMMENT ON TABLE perdure.stream_entries IS 'What workflows have written to their streams.';
CREATE SEQUENCE perdure.task_keys
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE perdure.traces (
    key bigint NOT NULL,
    traceparent text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON TABLE perdure.traces IS 'The W3C trace contexts in which workflows were started, of programs that are instrumented with OpenTelemetry.';
CREATE TABLE perdure.turns (
    queue_id integer NOT NULL,
    turn bigint NOT NULL,
    lane_id integer NOT NULL
);
COMMENT ON TABLE perdure.turns IS 'For round robin: the partition served last.';
ALTER TABLE perdure.turns ALTER COLUMN turn ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.turns_turn_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE perdure.version_pins (
    app_version text NOT NULL COLLATE pg_catalog."C",
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL
);
COMMENT ON TABLE perdure.version_pins IS 'Versions that work was enqueued for before they were registered.';
CREATE SEQUENCE perdure.version_places
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE perdure.versions (
    application text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    app_version text NOT NULL COLLATE pg_catalog."C",
    registered_at timestamp with time zone NOT NULL,
    place bigint DEFAULT nextval('perdure.version_places'::regclass) NOT NULL
);
COMMENT ON TABLE perdure.versions IS 'The versions of applications: the one with the highest place is the latest.';
CREATE TABLE perdure.waits (
    target_key bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    waiter_key bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='200');
COMMENT ON TABLE perdure.waits IS 'Who waits for a message, an event, a stream or the end of a workflow.';
CREATE TABLE perdure.wakes (
    wake_id bigint NOT NULL,
    key bigint NOT NULL,
    kind text COLLATE pg_catalog."C",
    name text COLLATE pg_catalog."C"
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='200');
COMMENT ON TABLE perdure.wakes IS 'Workflows that were put down and are to be looked at again, by the next claim.';
ALTER TABLE perdure.wakes ALTER COLUMN wake_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME perdure.wakes_wake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
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
    created_at timestamp with time zone NOT NULL,
    lane_id integer DEFAULT 0 NOT NULL,
    deduplication_id text,
    retries integer,
    retry_interval interval,
    retry_backoff double precision,
    retry_max_interval interval,
    timeout interval,
    deadline timestamp with time zone,
    attributes jsonb,
    application text COLLATE pg_catalog."C",
    class_name text,
    config_name text,
    authenticated_user text COLLATE pg_catalog."C",
    authenticated_roles text[],
    assumed_role text,
    forked_from text COLLATE pg_catalog."C",
    was_forked boolean DEFAULT false NOT NULL,
    schedule text COLLATE pg_catalog."C"
);
COMMENT ON TABLE perdure.workflows IS 'What was asked for: one row a workflow, written once.';
COPY perdure.alerting (alerting_id, since) FROM stdin;
\.
COPY perdure.deduplications (queue_id, lane_id, deduplication_id, key) FROM stdin;
\.
COPY perdure.events (event_id, key, name, value, step, set_at) FROM stdin;
1	19	state	"on"	1	2026-01-01 00:00:00+00
\.
COPY perdure.executors (executor_id, name, app_version, lease, lease_until, registered_at, lapsed, workflows, queues, application) FROM stdin;
1	old	1	00:00:30	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	f	\N	\N	\N
\.
COPY perdure.floor_drops (queue_id, transaction) FROM stdin;
\.
COPY perdure.floors (queue_id, version, rank, key, candidate_key, candidate_xmax, snapshot, writer, server_started, app_version) FROM stdin;
\.
COPY perdure.lanes (lane_id, queue_id, partition_key) FROM stdin;
\.
COPY perdure.messages (message_id, key, topic, message, idempotency_key, sent_at, received) FROM stdin;
1	12	news	{"a": 1.0}	\N	2026-01-01 00:00:00+00	f
\.
COPY perdure.outcomes (key, status, output, error, attempts, executor_id, token, started_at, completed_at, deadline, failures, app_version) FROM stdin;
1	SUCCESS	{"a": 1.0}	\N	1	1	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N	0	1
14	SUCCESS	1	\N	1	1	10	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N	0	1
15	SUCCESS	1	\N	1	1	11	2026-01-01 00:00:00.000001+00	2026-01-01 00:00:00+00	\N	0	1
16	SUCCESS	1	\N	1	1	12	2026-01-01 00:00:00.000001+00	2026-01-01 00:00:00+00	\N	0	1
2	ERROR	\N	{"name": "E", "message": "m"}	1	1	2	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N	0	1
\.
COPY perdure.places (key, step, place) FROM stdin;
\.
COPY perdure.queues (queue_id, name, created_at, listening_until, paused, concurrency, worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency, partition_rate_limit, partition_rate_period, priority_ageing, application) FROM stdin;
1	_internal	2026-11-21 23:47:36.838726+00	\N	f	\N	\N	\N	\N	f	\N	\N	\N	\N	\N
2	default	2026-11-21 23:47:36.838726+00	\N	f	\N	\N	\N	\N	f	\N	\N	\N	\N	\N
3	orders	2026-11-21 23:47:37.195971+00	\N	f	\N	\N	\N	\N	f	\N	\N	\N	\N	\N
4	limited	2026-11-21 23:47:37.260657+00	\N	f	5	\N	3	48:00:00	f	\N	\N	\N	\N	\N
\.
COPY perdure.removals (transaction, removal_id, removed_at, keys) FROM stdin;
\.
COPY perdure.retention (workflow, max_age, max_count, statuses, created_at, swept_at, swept_key, sweep_began_at, cutoff_at, cutoff_key, counting_at, counting_key, counted, count_began_at, newest_at, newest_key) FROM stdin;
\.
COPY perdure.schedules (name, workflow, cron, zone, queue, context, automatic_backfill, max_recovery_attempts, paused, next_at, reckoned_at, last_at, created_at, application) FROM stdin;
hourly	w	0 * * * *	Europe/Berlin	orders	\N	f	100	t	\N	2026-01-01 00:00:00+00	\N	2026-01-01 00:00:00+00	\N
\.
COPY perdure.schema_functions (signature) FROM stdin;
_alert(text)
_alerts_of_ended(timestamp with time zone,double precision,integer)
_alerts_of_upkeep(interval)
_alerts_of_waiting(interval)
_anything_due()
_apply_retention(integer)
_await(bigint,text,text,bigint)
_backoff(interval,double precision,interval,integer)
_cancel_held(bigint[],bigint[])
_cancelled(bigint[],bigint[])
_check_application(text)
_check_children(json)
_check_deadline(interval,timestamp with time zone)
_check_exported(exported_workflow)
_check_filter(workflow_filter,text[])
_check_floors()
_check_groups(text[],text[],integer)
_check_isolation(text)
_check_lanes()
_check_options(text,interval,interval,integer,interval,double precision,interval)
_check_origins(workflow_origin[])
_check_queue(queues)
_check_repeated_ids(text[],json[])
_check_same_forks(text[],text[])
_check_same_workflows(text[],text[],workflow_origin[])
_check_schedule(schedules,boolean)
_check_span(text,timestamp with time zone,timestamp with time zone)
_check_statuses(text[])
_check_text(text,text)
_check_zone(text)
_claim_queue(integer,bigint,integer,boolean,text[],text)
_claim_queues(integer[],bigint,integer,text[],text)
_copy_history(bigint[],bigint[],integer[],json)
_count_back(retention)
_count_starts(integer,integer,integer,timestamp with time zone)
_create_forks(bigint[],bigint[],text[],integer[],integer[],integer[],text,interval)
_create_workflows(text[],json[],text[],integer,integer[],integer[],bigint,text,bigint[],bigint[],integer[],enqueue_options)
_cron_days(cron_line,integer,integer)
_cron_field(text,text,integer,integer,text[])
_cron_line(text)
_cron_next(cron_line,text,timestamp with time zone)
_cron_value(text,integer,text[])
_cron_wall(cron_line,timestamp without time zone)
_deadlines(bigint[])
_deduplicate(integer,enqueue_options,bigint[],text[],text[])
_delete_held(bigint[])
_descendants(bigint[],integer)
_drop_floors(integer[])
_due_ticks(schedules,timestamp with time zone,integer)
_end_tasks(bigint[],workflow_status,json)
_enqueue_plain(text,json,text,text,integer,integer,text,text)
_exact_span(interval)
_existing_workflows(bigint[],bigint[],text[],text[],enqueue_options,bigint[])
_expire_due(integer)
_export_one(bigint,text)
_family(bigint[])
_find_workflows(workflow_filter,text,workflow_status[],text,boolean,timestamp with time zone,bigint,integer)
_fire_due(integer)
_floor(integer,text)
_forget_removed()
_forget_writings(bigint[])
_fork_points(bigint[],integer[],text,text)
_held_back(tasks,queues,bigint[])
_hold_executor(bigint)
_hold_family(bigint[],boolean,bigint)
_hold_parents(bigint[],bigint[])
_hold_queue(text)
_hold_queues(bigint[],text)
_hold_resumable(bigint[],text,bigint)
_hold_tasks(bigint[],bigint[])
_hold_waiters(bigint[])
_hold_writers(bigint)
_horizon(retention,timestamp with time zone)
_identities(bigint[])
_identity(text,text,text,text[],text)
_import_one(json,boolean,bigint)
_import_place(exported_workflow,boolean)
_import_records(bigint,exported_workflow)
_import_task(bigint,exported_workflow,integer,integer)
_inherit(workflow_origin[],bigint[])
_internal_queue(text)
_is_active_below(bigint)
_is_traceparent(text)
_iso(timestamp with time zone,text)
_key_of(text)
_keys_of(text[])
_lane_ids(queues,text[],integer)
_late_and_dead(timestamp with time zone)
_list_columns(workflow_filter,text)
_list_conditions(workflow_filter,text,workflow_status[],text)
_list_statement(workflow_filter,text,workflow_status[],text,boolean,boolean)
_living_executors()
_lock_queue(integer,boolean,boolean)
_look_back(bigint[])
_mark_listening(integer[],boolean,interval)
_mark_watched(bigint[])
_migrate(integer,text)
_new_workflow_id()
_newest_event(bigint,text)
_next_moment()
_next_tick_in()
_notify_cancelled(bigint[])
_notify_finished(bigint[])
_notify_queue(integer)
_now()
_oldest_waiting(integer,boolean)
_open_queues(integer[])
_origins(integer,jsonb[],text,text[],text,text[],text[])
_pass_time(interval)
_pin_version(text)
_place_name(text,text)
_places_for(bigint[],text,text[])
_places_taken(integer,integer,bigint,integer)
_prune_starts()
_prune_waits()
_put_down(bigint[],bigint[],interval[],workflow_status)
_queue(text,boolean,text)
_raise(text,text,text,text)
_raise_deleted()
_raise_floor(integer,text,floors,bigint)
_raise_lease_lost(bigint)
_raise_queue_not_found(text)
_raise_unexpected_step(integer,text,text)
_raise_unreadable(text)
_raise_workflow_not_found(text)
_rate_room(integer,integer,integer,interval,timestamp with time zone)
_read_cursor(text,boolean)
_record_children(bigint[],integer[],text[],text[],timestamp with time zone)
_record_now(bigint,integer,text,json,timestamp with time zone)
_record_remaining(bigint[],bigint[],integer[],text[],json[],json[],interval[],bigint[],integer[])
_recorded_before(bigint,bigint,integer,text)
_recorded_in_step(bigint,bigint,integer,text)
_recorded_steps(bigint)
_remove_trees(bigint[])
_restart_retention(text)
_resume(bigint[],bigint[],text)
_resumed(bigint[],bigint[])
_retained_roots(retention,bigint[])
_retry_failed(bigint[],bigint[],json[],timestamp with time zone)
_same_error(json,json)
_schedule(text)
_send(text[],json[],text[],text[])
_set_attributes(text,jsonb)
_set_queue(queues)
_sides(workflow_filter,text[])
_span(interval)
_start_ticks(schedules,timestamp with time zone[],text)
_sweep(retention,integer)
_take_first(integer,text,bigint,text,integer,boolean,timestamp with time zone)
_take_lane(integer,text[],integer,bigint,text,integer,boolean,timestamp with time zone)
_take_message(bigint,text)
_take_over(integer)
_take_partitions(queues,bigint,integer,timestamp with time zone,text[],text)
_take_ready(integer,text,integer,bigint,text,integer,boolean,timestamp with time zone,double precision,bigint,double precision)
_take_returning(integer,bigint,integer,text[],text)
_take_wakes(integer)
_tell_returned(integer)
_time_out(bigint[])
_time_out_due(integer)
_turn_back_schedules()
_version_back(bigint,integer,text)
_versions_taken(bigint)
_wait_in_steps(text,text,bigint[],bigint[],integer[],bigint[],text[],interval[],boolean[])
_waiting_since(bigint)
_waiting_versions(integer)
_wake_due(integer)
_wake_waiters(bigint[],text,text[])
_wall_times(text,timestamp without time zone)
_with_work(integer[],text[])
_workflow_rows(bigint[],timestamp with time zone[],boolean,boolean)
_write_one(bigint,bigint,integer,text,json,boolean,text)
alerts(interval,interval,double precision,integer,interval)
apply_schedules(json,boolean,text)
await_events(bigint[],bigint[],integer[],text[],text[],interval[],boolean[])
backfill_schedule(text,timestamp with time zone,timestamp with time zone,integer)
cancel(text,boolean)
cancel_in_step(bigint,bigint,integer,text[],boolean)
cancel_many(text[],boolean)
claim(bigint,text[],integer,interval)
close_stream(bigint,bigint,integer,text)
create_schedule(text,text,text,text,text,json,boolean,integer,boolean,text)
cron_next(text,text,timestamp with time zone)
cron_ticks(text,text,timestamp with time zone,integer)
debounce(text,text,interval,json,text,interval,text,text,integer,interval,timestamp with time zone,jsonb,text,text[],text,text,text,text,boolean,text)
delete_in_step(bigint,bigint,integer,text[],boolean)
delete_queue(text)
delete_retention(text)
delete_schedule(text)
delete_workflows(text[],boolean)
deprecate_patch(bigint,bigint,integer,text)
deregister_executor(bigint)
enqueue(text,json,text,text,integer,integer,text,text,text,text,interval,interval,integer,interval,double precision,interval,boolean,interval,timestamp with time zone,jsonb,text,text[],text,text,text,text,text)
enqueue_many(text,json[],text,text[],integer[],integer,text,bigint[],bigint[],integer[],text[],text[],text,interval,interval,integer,interval,double precision,interval,boolean,interval,timestamp with time zone,jsonb[],text,text[],text,text,text,text,text[])
explain_wait(text)
export_workflow(text,boolean)
fail_step(bigint,bigint,integer,text,json,integer,integer,interval,double precision,interval)
finish(bigint,bigint,json,json)
finish_many(bigint[],bigint[],json[],json[])
fire_schedules(integer)
fork(text,integer,text,text,text,text,text,text,integer,interval,json)
fork_in_step(bigint,bigint,integer,text[],integer[],text,text,text[],text,text,text[],integer[],interval,json)
fork_many(text[],integer[],text,text,text[],text,text,text[],integer[],interval,json)
get_all_events(text)
get_event(text,text)
get_result(text)
get_results(text[],boolean)
get_schedule(text)
get_workflow(text)
heartbeat(bigint)
import_workflow(json,boolean)
keep_traces(text[],text[])
list_executors()
list_queues()
list_retention()
list_schedules()
list_steps(text,boolean,integer,integer)
list_versions(text)
list_workflows(text[],text[],text[],text[],text[],text[],text[],boolean,text[],text[],boolean,text[],boolean,boolean,text[],jsonb,text[],timestamp with time zone,timestamp with time zone,timestamp with time zone,timestamp with time zone,timestamp with time zone,timestamp with time zone,boolean,integer,text,boolean,boolean)
lost_workflows(bigint[],bigint[])
metrics()
notify_alerts(boolean)
patch(bigint,bigint,integer,text)
pause_queue(text)
pause_schedule(text)
place_steps(bigint[],bigint[],integer[],text[])
preview_retention(text,integer)
queue_stats(text,boolean)
read_stream(text,text,integer,integer)
reconcile(bigint,bigint[])
record_step(bigint,bigint,integer,text,json,json,interval)
record_steps(bigint[],bigint[],integer[],text[],json[],json[],interval[])
recv(bigint,bigint,integer,text,interval,boolean)
recv_many(bigint[],bigint[],integer[],text[],interval[],boolean[])
register_executor(text,interval,text,text[],text[],text)
register_queue(text,integer,integer,integer,interval,boolean,integer,integer,interval,interval,text,text)
register_version(text,text)
release(bigint,bigint,interval,boolean)
release_many(bigint[],bigint[],interval[],boolean)
rename_application(text,text)
resume(text,text,boolean)
resume_in_step(bigint,bigint,integer,text[],text,boolean)
resume_many(text[],text,boolean)
resume_queue(text)
resume_schedule(text)
run_maintenance(integer)
schema_version()
send(text,json,text,text)
send_in_step(bigint,bigint,integer,text[],json[],text[],text[])
send_many(text[],json[],text[],text[])
set_attributes(text,jsonb)
set_attributes_in_step(bigint,bigint,integer,text,jsonb)
set_delay(text,interval)
set_event(bigint,bigint,integer,text,json)
set_events(bigint[],bigint[],integer[],text[],json[],boolean[])
set_latest_version(text,text)
set_retention(text,interval,bigint,text[])
set_version(text,text[],text,integer)
sleep(bigint,bigint,integer,interval,boolean)
sleep_many(bigint[],bigint[],integer[],interval[],boolean[])
start(bigint,text,json,text,integer,text,interval,timestamp with time zone,jsonb,text,text[],text,text,text)
start_many(bigint,text[],json[],text[],integer[],text,bigint[],bigint[],integer[],interval[],timestamp with time zone[],jsonb[],text,text[],text,text[],text[])
status()
step_aggregates(text[],text[],text[],timestamp with time zone,timestamp with time zone,integer)
suspend(bigint,bigint,interval)
suspend_many(bigint[],bigint[],interval[])
suspend_until_ended(bigint,bigint,text[])
trigger_schedule(text,timestamp with time zone)
update_queue(text,json)
watch(text,text,text)
workflow_aggregates(text[],text[],text[],text[],timestamp with time zone,timestamp with time zone,timestamp with time zone,timestamp with time zone,interval,integer)
workflow_durations(text[],text[],text[],text[],timestamp with time zone,timestamp with time zone)
workflow_tree(text,integer,integer)
write_stream(bigint,bigint,integer,text,json)
write_streams(bigint[],bigint[],integer[],text[],json[],boolean[],boolean[])
\.
COPY perdure.schema_migrations (number, name, applied_at) FROM stdin;
1	engine	2026-11-21 23:47:36.838726+00
10	observing	2026-11-21 23:47:36.838726+00
11	keeping	2026-11-21 23:47:36.838726+00
12	versions	2026-11-21 23:47:36.838726+00
13	on whose behalf	2026-11-21 23:47:36.838726+00
14	one item	2026-11-21 23:47:36.838726+00
15	traces	2026-11-21 23:47:36.838726+00
2	function list	2026-11-21 23:47:36.838726+00
3	queue limits	2026-11-21 23:47:36.838726+00
4	rates	2026-11-21 23:47:36.838726+00
5	waiting	2026-11-21 23:47:36.838726+00
6	schedules	2026-11-21 23:47:36.838726+00
7	deadlines	2026-11-21 23:47:36.838726+00
8	served queues	2026-11-21 23:47:36.838726+00
9	described workflows	2026-11-21 23:47:36.838726+00
\.
COPY perdure.starts (queue_id, lane_id, started_at, total, many) FROM stdin;
4	0	2026-01-01 00:00:00+00	1	1
4	0	2026-01-01 00:00:00.000001+00	3	2
\.
COPY perdure.steps (key, step, name, output, error, child_id, attempts, started_at, completed_at, retry_at) FROM stdin;
1	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
14	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
15	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
16	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
18	1	perdure.recv	\N	\N	\N	1	2026-01-01 00:00:00+00	\N	2026-01-01 01:00:00+00
19	1	perdure.set_event	\N	\N	\N	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N
20	1	perdure.write_stream	\N	\N	\N	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N
3	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
5	1	first	\N	[{"message": "m"}]	\N	1	2026-01-01 00:00:00+00	\N	2026-01-01 01:00:00+00
6	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
7	1	w	\N	\N	child	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N
9	1	first	1	\N	\N	1	\N	2026-01-01 00:00:00+00	\N
\.
COPY perdure.stream_entries (key, name, entry, value, closes, step, written_at) FROM stdin;
20	lines	0	1	f	1	2026-01-01 00:00:00+00
\.
COPY perdure.tasks (key, queue_id, lane_id, rank, status, attempts, max_recovery_attempts, token, executor_id, started_at, wake_at, resumed, watched, placed, deduplicated, debounced, expires_at, failures, retries, timeout, deadline, app_version) FROM stdin;
10	2	0	0	PENDING	1	0	9	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
11	1	0	0	PENDING	1	100	0	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
12	3	0	5	ENQUEUED	0	100	\N	\N	\N	\N	f	t	f	f	f	\N	0	\N	\N	\N	
13	3	0	-1	ENQUEUED	0	100	\N	\N	\N	\N	f	f	f	f	f	\N	0	\N	\N	\N	
17	4	0	0	ENQUEUED	0	100	\N	\N	\N	\N	f	f	f	f	f	\N	0	\N	\N	\N	
18	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N	1
19	2	0	0	PENDING	1	100	14	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
20	2	0	0	PENDING	1	100	15	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
3	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N	1
4	2	0	0	DELAYED	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N	
5	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N	1
6	2	0	0	PENDING	1	100	6	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
7	2	0	0	PENDING	1	100	7	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
8	3	0	0	ENQUEUED	0	100	\N	\N	\N	\N	f	f	f	f	f	\N	0	\N	\N	\N	
9	2	0	0	PENDING	1	100	8	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N	1
\.
COPY perdure.traces (key, traceparent) FROM stdin;
\.
COPY perdure.turns (queue_id, turn, lane_id) FROM stdin;
\.
COPY perdure.version_pins (app_version, transaction) FROM stdin;
\.
COPY perdure.versions (application, app_version, registered_at, place) FROM stdin;
	1	2026-01-01 00:00:00+00	1
\.
COPY perdure.waits (target_key, kind, name, waiter_key) FROM stdin;
18	message	news	18
\.
COPY perdure.wakes (wake_id, key, kind, name) FROM stdin;
\.
COPY perdure.workflows (key, workflow_id, name, queue_id, priority, max_recovery_attempts, input, parent_key, parent_step, app_version, created_at, lane_id, deduplication_id, retries, retry_interval, retry_backoff, retry_max_interval, timeout, deadline, attributes, application, class_name, config_name, authenticated_user, authenticated_roles, assumed_role, forked_from, was_forked, schedule) FROM stdin;
1	succeeded	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
10	spent	w	2	0	0	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
11	direct	w	\N	0	100	[3]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
12	waiting	w	3	5	100	\N	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
13	urgent	w	3	-1	100	\N	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
14	l1	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
15	l2	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
16	l3	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
17	l4	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
18	receiving	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
19	telling	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
2	failed	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
20	writing	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
3	sleeping	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
4	delayed	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
5	retrying	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
6	running	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
7	parent	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
8	child	w	3	0	100	[2]	7	1	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
9	orphaned	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	f	\N
\.
SELECT pg_catalog.setval('perdure.claim_tokens', 15, true);
SELECT pg_catalog.setval('perdure.events_event_id_seq', 1, true);
SELECT pg_catalog.setval('perdure.executors_executor_id_seq', 1, true);
SELECT pg_catalog.setval('perdure.floors_version_seq', 1, false);
SELECT pg_catalog.setval('perdure.lanes_lane_id_seq', 1, false);
SELECT pg_catalog.setval('perdure.message_ids', 1, true);
SELECT pg_catalog.setval('perdure.queues_queue_id_seq', 4, true);
SELECT pg_catalog.setval('perdure.removals_removal_id_seq', 1, false);
SELECT pg_catalog.setval('perdure.task_keys', 20, true);
SELECT pg_catalog.setval('perdure.turns_turn_seq', 1, false);
SELECT pg_catalog.setval('perdure.version_places', 1, true);
SELECT pg_catalog.setval('perdure.wakes_wake_id_seq', 1, false);
ALTER TABLE ONLY perdure.alerting
    ADD CONSTRAINT alerting_pkey PRIMARY KEY (alerting_id);
ALTER TABLE ONLY perdure.deduplications
    ADD CONSTRAINT deduplications_key_key UNIQUE (key);
ALTER TABLE ONLY perdure.deduplications
    ADD CONSTRAINT deduplications_pkey PRIMARY KEY (queue_id, lane_id, deduplication_id);
ALTER TABLE ONLY perdure.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY perdure.executors
    ADD CONSTRAINT executors_pkey PRIMARY KEY (executor_id);
ALTER TABLE ONLY perdure.floor_drops
    ADD CONSTRAINT floor_drops_pkey PRIMARY KEY (queue_id, transaction);
ALTER TABLE ONLY perdure.floors
    ADD CONSTRAINT floors_pkey PRIMARY KEY (queue_id, app_version, version);
ALTER TABLE ONLY perdure.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (lane_id);
ALTER TABLE ONLY perdure.lanes
    ADD CONSTRAINT lanes_queue_id_partition_key_key UNIQUE (queue_id, partition_key);
ALTER TABLE ONLY perdure.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (message_id);
ALTER TABLE ONLY perdure.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.places
    ADD CONSTRAINT places_pkey PRIMARY KEY (key, step);
ALTER TABLE ONLY perdure.queues
    ADD CONSTRAINT queues_name_key UNIQUE (name);
ALTER TABLE ONLY perdure.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (queue_id);
ALTER TABLE ONLY perdure.removals
    ADD CONSTRAINT removals_pkey PRIMARY KEY (removal_id);
ALTER TABLE ONLY perdure.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (workflow);
ALTER TABLE ONLY perdure.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (name);
ALTER TABLE ONLY perdure.schema_functions
    ADD CONSTRAINT schema_functions_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY perdure.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY perdure.starts
    ADD CONSTRAINT starts_pkey PRIMARY KEY (queue_id, lane_id, started_at);
ALTER TABLE ONLY perdure.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (key, step);
ALTER TABLE ONLY perdure.stream_entries
    ADD CONSTRAINT stream_entries_pkey PRIMARY KEY (key, name, entry);
ALTER TABLE ONLY perdure.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.traces
    ADD CONSTRAINT traces_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (queue_id, turn);
ALTER TABLE ONLY perdure.version_pins
    ADD CONSTRAINT version_pins_pkey PRIMARY KEY (app_version, transaction);
ALTER TABLE ONLY perdure.versions
    ADD CONSTRAINT versions_pkey PRIMARY KEY (application, app_version);
ALTER TABLE ONLY perdure.waits
    ADD CONSTRAINT waits_pkey PRIMARY KEY (target_key, kind, name, waiter_key);
ALTER TABLE ONLY perdure.wakes
    ADD CONSTRAINT wakes_pkey PRIMARY KEY (wake_id);
ALTER TABLE ONLY perdure.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.workflows
    ADD CONSTRAINT workflows_workflow_id_key UNIQUE (workflow_id);
CREATE INDEX events_newest ON perdure.events USING btree (key, name, event_id);
CREATE UNIQUE INDEX messages_idempotency ON perdure.messages USING btree (key, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX messages_waiting ON perdure.messages USING btree (key, topic, message_id) WHERE (NOT received);
CREATE INDEX outcomes_completed ON perdure.outcomes USING btree (completed_at, key) WHERE (completed_at IS NOT NULL);
CREATE INDEX outcomes_dead ON perdure.outcomes USING btree (completed_at, key) WHERE (status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'::perdure.workflow_status);
CREATE INDEX outcomes_executor ON perdure.outcomes USING btree (executor_id, key) WHERE (executor_id IS NOT NULL);
CREATE INDEX outcomes_started ON perdure.outcomes USING btree (started_at, key) WHERE (started_at IS NOT NULL);
CREATE INDEX outcomes_unsuccessful ON perdure.outcomes USING btree (status, key) WHERE (status <> 'SUCCESS'::perdure.workflow_status);
CREATE INDEX outcomes_version ON perdure.outcomes USING btree (app_version, key) WHERE (app_version IS NOT NULL);
CREATE INDEX schedules_next ON perdure.schedules USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX schedules_reckoned ON perdure.schedules USING btree (reckoned_at);
CREATE INDEX tasks_deadline ON perdure.tasks USING btree (deadline, key) WHERE (deadline IS NOT NULL);
CREATE INDEX tasks_expiring ON perdure.tasks USING btree (expires_at, key) WHERE ((expires_at IS NOT NULL) AND (status = ANY (ARRAY['ENQUEUED'::perdure.workflow_status, 'DELAYED'::perdure.workflow_status])));
CREATE INDEX tasks_held ON perdure.tasks USING btree (executor_id, key) WHERE (executor_id IS NOT NULL);
CREATE INDEX tasks_placed ON perdure.tasks USING btree (queue_id, lane_id, executor_id) WHERE placed;
CREATE INDEX tasks_ready ON perdure.tasks USING btree (queue_id, app_version, lane_id, rank, key) WHERE ((status = 'ENQUEUED'::perdure.workflow_status) AND (NOT placed));
CREATE INDEX tasks_returning ON perdure.tasks USING btree (queue_id, app_version, key) WHERE ((status = 'ENQUEUED'::perdure.workflow_status) AND placed);
CREATE INDEX tasks_waking ON perdure.tasks USING btree (wake_at, key) WHERE (wake_at IS NOT NULL);
CREATE INDEX versions_latest ON perdure.versions USING btree (application, place);
CREATE INDEX waits_waiter ON perdure.waits USING btree (waiter_key) WHERE (waiter_key > 0);
CREATE INDEX wakes_key ON perdure.wakes USING btree (key);
CREATE INDEX wakes_unseen ON perdure.wakes USING btree (wake_id) WHERE (kind IS NOT NULL);
CREATE INDEX workflows_any_fork ON perdure.workflows USING btree (key) WHERE (num_nonnulls(forked_from) = 1);
CREATE INDEX workflows_application ON perdure.workflows USING btree (application, key) WHERE (application IS NOT NULL);
CREATE INDEX workflows_attributes ON perdure.workflows USING gin (attributes jsonb_path_ops) WHERE (attributes IS NOT NULL);
CREATE INDEX workflows_children ON perdure.workflows USING btree (parent_key, key) WHERE (parent_key IS NOT NULL);
CREATE INDEX workflows_created ON perdure.workflows USING btree (created_at, key) WHERE (created_at IS NOT NULL);
CREATE INDEX workflows_forked ON perdure.workflows USING btree (key) WHERE was_forked;
CREATE INDEX workflows_forks ON perdure.workflows USING btree (forked_from, key) WHERE (forked_from IS NOT NULL);
CREATE INDEX workflows_name ON perdure.workflows USING btree (name COLLATE "C", key) WHERE (name IS NOT NULL);
CREATE INDEX workflows_queue ON perdure.workflows USING btree (queue_id, key) WHERE (queue_id IS NOT NULL);
CREATE INDEX workflows_schedule ON perdure.workflows USING btree (schedule, key) WHERE (schedule IS NOT NULL);
CREATE INDEX workflows_user ON perdure.workflows USING btree (authenticated_user, key) WHERE (authenticated_user IS NOT NULL);
