-- A database with version 8 of the schema, frozen. See tests_py/install/freeze.py.
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
CREATE TYPE perdure.cron_line AS (
	seconds integer[],
	minutes integer[],
	hours integer[],
	days integer[],
	months integer[],
	weekdays integer[]
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
	deadlines timestamp with time zone[]
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
    return most;
  end if;
  return make_interval(secs => v_first * power(factor, retry - 1));
end
$$;
COMMENT ON FUNCTION perdure._backoff(first interval, factor double precision, most interval, retry integer) IS 'The wait before retry n, from 1: first * factor ^ (n - 1), at most the most.';
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
  select array_agg(q.queue_id) into v_wrong
  from queues q
  cross join lateral _floor(q.queue_id) as f
  where exists (
    select from tasks t
    where t.status = 'ENQUEUED' and not t.placed and t.queue_id = q.queue_id and t.lane_id = 0
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
    cross join lateral (
      select e.key
      from tasks e
      where e.status = 'ENQUEUED' and not e.placed and e.queue_id = q.queue_id and e.lane_id > 0
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
    limited boolean GENERATED ALWAYS AS ((partitioned OR (concurrency IS NOT NULL) OR (worker_concurrency IS NOT NULL) OR (rate_limit IS NOT NULL))) STORED NOT NULL
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
    select e.name from workflows e where e.workflow_id = g.workflow_id offset 0
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
    created_at timestamp with time zone NOT NULL
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
  perform _queue(schedule.queue, coalesce(create_queue, false));
  return cron_next(schedule.cron, schedule.zone, _now());
end
$$;
COMMENT ON FUNCTION perdure._check_schedule(schedule perdure.schedules, create_queue boolean) IS 'The next tick of a schedule. Raises PD001 if something in it is wrong, PD007 if its queue does not exist and
is not to be made.';
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
CREATE FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean) RETURNS bigint[]
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
begin
  select q.limited into v_limited
  from queues q
  where q.queue_id = _claim_queue.queue_id and not q.paused;
  if not found or not _lock_queue(queue_id, alone => v_limited, patient => patient) then
    return array[]::bigint[];
  end if;
  select q.* into v_queue
  from queues q
  where q.queue_id = _claim_queue.queue_id and not q.paused and q.limited = v_limited;
  if not found then
    return array[]::bigint[];
  end if;
  v_at := _now();
  if not v_limited then
    -- Some may return with a place from a time when the queue had limits.
    v_returning := _take_returning(queue_id, executor_id, v_room);
    return v_returning
      || _take_first(queue_id, executor_id, v_room - cardinality(v_returning), false, v_at);
  end if;
  if v_queue.worker_concurrency is not null then
    v_room := least(v_room, v_queue.worker_concurrency
      - _places_taken(queue_id, null, executor_id, v_queue.worker_concurrency));
  end if;
  if v_room <= 0 then
    return array[]::bigint[];
  end if;
  v_returning := _take_returning(queue_id, executor_id, v_room);
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
    v_new := _take_partitions(v_queue, executor_id, v_room, v_at);
  else
    v_new := _take_first(queue_id, executor_id, v_room, true, v_at);
  end if;
  if v_queue.rate_limit is not null or v_queue.partition_rate_limit is not null then
    perform _count_starts(queue_id, 0, cardinality(v_new), v_at);
  end if;
  return v_returning || v_new;
end
$$;
COMMENT ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean) IS 'Hands workflows of one queue to an executor, within the limits of the queue. Returns their keys, in no
order.';
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
  v_task_queue int := coalesce(queue_id, (select q.queue_id from queues q where q.name = '_internal'));
  v_ageing double precision;
  v_keys bigint[];
  v_ids text[];
  -- For each item the key of the workflow that holds its deduplication id; its own if it has none.
  v_holders bigint[];
  v_created bigint[];
begin
  if parent_keys is not null then
    perform _hold_parents(parent_keys, parent_tokens);
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
  select extract(epoch from q.priority_ageing) into v_ageing
  from queues q
  where q.queue_id = v_task_queue;
  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts,
      input, parent_key, parent_step, app_version, created_at,
      deduplication_id, retries, retry_interval, retry_backoff, retry_max_interval, timeout, deadline
    )
    select
      g.key, g.workflow_id, g.name, _create_workflows.queue_id, coalesce(g.lane_id, 0),
      coalesce(g.priority, 0), coalesce(g.max_recovery_attempts, 100), g.input, g.parent_key,
      g.parent_step, _create_workflows.app_version, v_now,
      g.deduplication_id, options.retries, options.retry_interval, options.retry_backoff,
      options.retry_max_interval,
      -- A day is 24 hours, whatever the session's time zone makes of it.
      make_interval(secs => extract(epoch from g.timeout)::double precision), g.deadline
    from unnest(
      v_keys, v_ids, v_holders, names, inputs, priorities, max_recovery_attempts, parent_keys, parent_steps,
      options.lane_ids, options.deduplication_ids, options.timeouts, options.deadlines
    ) as g (
      key, workflow_id, holder, name, input, priority, max_recovery_attempts, parent_key, parent_step,
      lane_id, deduplication_id, timeout, deadline
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
      started_at, wake_at, deduplicated, debounced, expires_at, retries, timeout, deadline
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
      case when options.delay > interval '0' then v_now + options.delay end,
      c.deduplication_id is not null,
      coalesce(options.debounce, false),
      v_now + options.expires_in,
      options.retries,
      case when not v_direct then c.timeout end,
      -- Not later than that of its parent, which is held here.
      least(
        c.deadline,
        (select t.deadline from tasks t where t.key = c.parent_key),
        case when v_direct then v_now + c.timeout end
      )
    from created c
    returning key
  )
  select array_agg(a.key) into v_created from activated a;
  if cardinality(v_created) is distinct from cardinality(names) then
    perform _check_same_workflows(v_ids, names);
    if options.deduplication_ids is not null then
      -- An id that was there already needs no second hold on a deduplication id.
      delete from deduplications d
      where d.key = any (v_keys) and d.key <> all (coalesce(v_created, '{}'));
      -- One that was turned away is named by the workflow that holds its deduplication id.
      select array_agg(coalesce(h.workflow_id, g.workflow_id) order by g.item) into v_ids
      from unnest(v_keys, v_holders, v_ids) with ordinality as g (key, holder, workflow_id, item)
      left join lateral (
        select w.workflow_id from workflows w where w.key = g.holder and g.holder <> g.key offset 0
      ) as h on true;
    end if;
  end if;
  if parent_keys is not null then
    perform _record_children(parent_keys, parent_steps, names, v_ids, v_now);
  end if;
  if cardinality(v_created) = cardinality(names) then
    return query
    select g.item::int, g.key, g.workflow_id, true
    from unnest(v_keys, v_ids) with ordinality as g (key, workflow_id, item);
  else
    -- One that was there already is named by the key it has. `offset 0`, here and in what this
    -- calls, keeps a look-up apart: as a join, planned on an empty database, it reads all there is.
    return query
    select g.item::int, w.key, g.workflow_id, w.key = g.key
    from unnest(v_keys, v_ids) with ordinality as g (key, workflow_id, item)
    cross join lateral (
      select e.key from workflows e where e.workflow_id = g.workflow_id offset 0
    ) as w
    order by g.item;
  end if;
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
    v_part := regexp_match(v_item, '^(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/([0-9]{1,4}))?$');
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
  v_fields := regexp_split_to_array(v_text, '[ \t\r\n]+');
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
  v_any_day := v_any_day or v_line.days @> array(select generate_series(1, 31)) and v_weekdays ~ '\*';
  v_any_weekday := v_any_weekday or cardinality(v_line.weekdays) = 7 and v_line.weekdays[7] = 6 and v_fields[3] ~ '\*';
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
    returning t.key, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deadline
  ),
  released as (
    delete from deduplications d
    where d.key = any (workflow_keys)
  ),
  written as (
    insert into outcomes (
      key, status, error, attempts, failures, executor_id, started_at, completed_at, deadline
    )
    select
      e.key, _end_tasks.status, _end_tasks.error, e.attempts, e.failures, e.executor_id, e.started_at, v_now,
      e.deadline
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
CREATE FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, create_queue boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_queue queues := _queue(_enqueue_plain.queue, create_queue);
  v_key bigint;
begin
  if v_queue.partitioned then
    return null;
  end if;
  -- The transaction has its id before it draws a key: _raise_floor relies on that.
  perform pg_current_xact_id();
  v_key := nextval('task_keys');
  insert into workflows (
    key, workflow_id, name, queue_id, priority, max_recovery_attempts, input, app_version, created_at
  )
  values (
    v_key, _enqueue_plain.workflow_id, workflow, v_queue.queue_id, _enqueue_plain.priority,
    _enqueue_plain.max_recovery_attempts, _enqueue_plain.input, _enqueue_plain.app_version, v_now
  )
  on conflict (workflow_id) do nothing;
  if not found then
    perform _check_same_workflows(array[_enqueue_plain.workflow_id], array[workflow]);
    return _enqueue_plain.workflow_id;
  end if;
  insert into tasks (key, queue_id, rank, status, attempts, max_recovery_attempts)
  values (
    v_key, v_queue.queue_id,
    _enqueue_plain.priority
      + coalesce(extract(epoch from v_now) / extract(epoch from v_queue.priority_ageing), 0),
    'ENQUEUED', 0, _enqueue_plain.max_recovery_attempts
  );
  if not v_queue.paused then
    perform _notify_queue(v_queue.queue_id);
  end if;
  return _enqueue_plain.workflow_id;
end
$$;
COMMENT ON FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, create_queue boolean) IS 'Enqueues one workflow that has no options, as enqueue_many does. Returns its id; null, and does nothing, if the
queue has partitions.';
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
    server_started timestamp with time zone DEFAULT pg_postmaster_start_time() NOT NULL
);
COMMENT ON TABLE perdure.floors IS 'Below which place in a queue nothing waits, so that claims need not look there.';
CREATE FUNCTION perdure._floor(queue_id integer) RETURNS perdure.floors
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
  from floors f
  where f.queue_id = _floor.queue_id
  order by f.version desc
  limit 1;
  if v_floor.server_started = pg_postmaster_start_time() and not exists (
    select from floor_drops d
    where d.queue_id = _floor.queue_id
      and d.transaction >= least(pg_snapshot_xmin(v_floor.snapshot), v_floor.writer)
      and (d.transaction = v_floor.writer or not pg_visible_in_snapshot(d.transaction, v_floor.snapshot))
  ) then
    return v_floor;
  end if;
  return null;
end
$$;
COMMENT ON FUNCTION perdure._floor(queue_id integer) IS 'Where claims of a queue begin to look; null if that is the front.';
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
CREATE FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) RETURNS void
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
        when idle then coalesce(q.listening_until < clock_timestamp() + interval '5 seconds', true)
        else q.listening_until > clock_timestamp()
      end
    order by q.queue_id
    for no key update skip locked
  )
  update queues q
  set listening_until = case when idle then clock_timestamp() + interval '10 seconds' end
  from stale s
  where q.queue_id = s.queue_id;
end
$$;
COMMENT ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) IS 'Keeps the mark by which enqueueing knows whether a worker is idle on these queues.';
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
  perform pg_notify(current_schema() || '.work', q.name)
  from queues q
  where q.queue_id = _notify_queue.queue_id
    and q.listening_until > clock_timestamp()
    and current_setting('perdure.notify', true) is distinct from 'off';
end
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
      hint => 'Reset perdure.test_clock.'
    );
  end if;
  return v_moved::timestamptz;
end
$$;
COMMENT ON FUNCTION perdure._now() IS 'The present moment, or the one a test has set in perdure.test_clock.';
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
  where (f.queue_id, f.version) in (
    select o.queue_id, o.version
    from floors o
    where o.version < (select max(n.version) from floors n where n.queue_id = o.queue_id)
    limit 10000
    for update skip locked
  );
  delete from floor_drops d
  where (d.queue_id, d.transaction) in (
    select o.queue_id, o.transaction
    from floor_drops o
    where o.transaction < pg_snapshot_xmin((_floor(o.queue_id)).snapshot)
    limit 10000
    for update skip locked
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
        wake_at = case when h.delay > interval '0' then v_now + h.delay end,
        executor_id = null,
        token = null,
        attempts = t.attempts - 1,
        placed = t.placed and status_until_then = 'PENDING',
        resumed = true
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
CREATE FUNCTION perdure._queue(queue text, create_queue boolean DEFAULT false) RETURNS perdure.queues
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  if _queue.queue = '_internal' then
    perform _raise(
      'PD001',
      'nothing is enqueued in the internal queue',
      hint => 'Every worker serves it, and it cannot be paused. Use a queue of your own.'
    );
  end if;
  loop
    select q.* into v_queue
    from queues q
    where q.name = _queue.queue;
    if found then
      perform pg_advisory_xact_lock_shared('tasks'::regclass::oid::bigint::bit(32)::int, v_queue.queue_id);
      if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        -- Its snapshot may show a queue that is deleted. Locking the row finds out: that raises 40001.
        perform from queues q where q.queue_id = v_queue.queue_id for key share;
      end if;
      select q.* into v_queue
      from queues q
      where q.queue_id = v_queue.queue_id;
      exit when found;
    elsif create_queue then
      perform _check_text('queue', _queue.queue);
      insert into queues (name) values (_queue.queue) on conflict (name) do nothing;
    else
      perform _raise_queue_not_found(_queue.queue);
    end if;
  end loop;
  return v_queue;
end
$$;
COMMENT ON FUNCTION perdure._queue(queue text, create_queue boolean) IS 'The row of a queue, made if that is asked for, and held against deletion. Raises PD001 for the internal
queue, PD007 if there is none of that name.';
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
CREATE FUNCTION perdure._raise_floor(queue_id integer, old perdure.floors, last_claimed bigint) RETURNS void
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
    and t.queue_id = _raise_floor.queue_id and t.lane_id = 0
    and (t.rank, t.key) >= (coalesce(old.rank, '-Infinity'), coalesce(old.key, -1))
  order by t.queue_id, t.lane_id, t.rank, t.key
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
    insert into floors (queue_id, rank, key, candidate_key, candidate_xmax, snapshot)
    values (_raise_floor.queue_id, v_rank, v_floor, v_lowest, '0', v_snapshot)
    returning version, xmin::text::bigint into v_version, v_drawn;
  exception
    when unique_violation then
      return;
  end;
  v_drawn := (v_own & ~4294967295) | v_drawn;
  update floors f
  set candidate_xmax = (v_drawn + case when v_drawn < v_own then 4294967296 else 0 end)::text::xid8
  where f.queue_id = _raise_floor.queue_id and f.version = v_version;
end
$$;
COMMENT ON FUNCTION perdure._raise_floor(queue_id integer, old perdure.floors, last_claimed bigint) IS 'Moves the floor of a queue without partitions up to its candidate, if that is safe now, and chooses the
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
CREATE FUNCTION perdure._recorded_steps(workflow_key bigint) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
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
nothing is. retry_in: seconds until a failed step is to be tried again.';
CREATE FUNCTION perdure._retry_failed(workflow_keys bigint[], tokens bigint[], errors json[]) RETURNS bigint[]
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
        wake_at = v_now + _backoff(w.retry_interval, w.retry_backoff, w.retry_max_interval, t.failures + 1),
        executor_id = null,
        token = null,
        placed = false,
        resumed = true
    from held h
    join workflows w on w.key = h.key
    where t.key = h.key and h.is_retried
      -- One that could not begin before the deadline: it ends with its error instead.
      and (
        t.deadline <= v_now + _backoff(w.retry_interval, w.retry_backoff, w.retry_max_interval, t.failures + 1)
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
COMMENT ON FUNCTION perdure._retry_failed(workflow_keys bigint[], tokens bigint[], errors json[]) IS 'Of these failed workflows, delays those that have retries left. Returns the tokens that they gave up.';
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
  if queue.name = '_internal' then
    perform _raise(
      'PD001',
      'the internal queue has no settings',
      hint => 'Directly started workflows are recovered through it, without delay and without limits.'
    );
  end if;
  select q.* into v_old from queues q where q.queue_id = queue.queue_id;
  if v_old.partitioned <> queue.partitioned or v_old.priority_ageing is distinct from queue.priority_ageing then
    -- Enqueueing that is under way has chosen its partitions and ranks already: it is waited for.
    perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, queue.queue_id);
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
      -- A day is 24 hours, whatever the time zone.
      rate_period = make_interval(secs => extract(epoch from queue.rate_period)::double precision),
      partitioned = queue.partitioned,
      partition_concurrency = queue.partition_concurrency,
      partition_rate_limit = queue.partition_rate_limit,
      partition_rate_period = make_interval(secs => extract(epoch from queue.partition_rate_period)::double precision),
      priority_ageing = queue.priority_ageing
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
  if not queue.paused then
    perform _notify_queue(queue.queue_id);
  end if;
end
$$;
COMMENT ON FUNCTION perdure._set_queue(queue perdure.queues) IS 'Gives a queue these settings, from the next claim on. Raises PD001 if they do not fit, PD013 if partitions
would come or go under active workflows.';
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
    v_queue := _queue(schedule.queue, create_queue => true);
    if v_queue.partitioned then
      v_options.lane_ids := _lane_ids(v_queue, array_fill(schedule.name, array[v_many]), v_many);
    end if;
    select array_agg(c.workflow_id) into v_new
    from _create_workflows(
      array_fill(schedule.workflow, array[v_many]), v_inputs, v_new, v_queue.queue_id, null,
      array_fill(schedule.max_recovery_attempts, array[v_many]), null, null, null, null, null, v_options
    ) as c
    where c.created;
    if not v_queue.paused then
      perform _notify_queue(v_queue.queue_id);
    end if;
  end if;
  return query
  select t.id, t.tick, coalesce(t.id = any (v_new), false)
  from unnest(v_ids, ticks) with ordinality as t (id, tick, item)
  order by t.item;
end
$$;
COMMENT ON FUNCTION perdure._start_ticks(schedule perdure.schedules, ticks timestamp with time zone[], kind text) IS 'Enqueues a workflow of a schedule for each of these ticks, unless it exists. kind: what stands before the
time in its id. Returns a row for each: its id, the tick, and whether it is new.';
CREATE FUNCTION perdure._take_first(queue_id integer, executor_id bigint, max_workflows integer, placed boolean, at timestamp with time zone) RETURNS bigint[]
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
  v_floor floors := _floor(queue_id);
  v_keys bigint[] := '{}'::bigint[];
  v_last bigint;
begin
  if v_floor.rank is not null then
    v_keys := _take_ready(
      queue_id, 0, executor_id, max_workflows, placed, at, before_rank => v_floor.rank
    );
  end if;
  if cardinality(v_keys) < max_workflows then
    v_keys := v_keys || _take_ready(
      queue_id, 0, executor_id, max_workflows - cardinality(v_keys), placed, at,
      from_rank => coalesce(v_floor.rank, '-Infinity'),
      from_key => coalesce(v_floor.key, -1)
    );
  end if;
  select max(g.key) into v_last from unnest(v_keys) as g (key);
  if v_last > coalesce(v_floor.candidate_key, 0) + 500 then
    perform _raise_floor(queue_id, v_floor, v_last);
  end if;
  return v_keys;
end
$$;
COMMENT ON FUNCTION perdure._take_first(queue_id integer, executor_id bigint, max_workflows integer, placed boolean, at timestamp with time zone) IS 'Hands the first workflows of a queue without partitions to an executor, with or without a place in the
limits. Returns their keys, in no order.';
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
      set status = 'ENQUEUED', executor_id = null, token = null, placed = false, resumed = true
      from lost l
      where t.key = l.key and not l.spent
      returning t.queue_id
    ),
    dead as (
      delete from tasks t
      using lost l
      where t.key = l.key and l.spent
      returning t.key, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deadline
    ),
    released as (
      delete from deduplications r
      using dead d
      where r.key = d.key
    ),
    written as (
      insert into outcomes (
        key, status, error, attempts, failures, executor_id, started_at, completed_at, deadline
      )
      select
        d.key, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED',
        json_build_object(
          'name', 'MaxRecoveryAttemptsExceeded',
          'message', format('the worker that ran it died %s times', d.attempts),
          'code', 'PD010',
          'data', json_build_object('attempts', d.attempts)
        ),
        d.attempts, d.failures, d.executor_id, d.started_at, _now(), d.deadline
      from dead d
      returning key
    ),
    told as (
      select _tell_returned(r.queue_id)
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
CREATE FUNCTION perdure._take_partitions(queue perdure.queues, executor_id bigint, max_workflows integer, at timestamp with time zone) RETURNS bigint[]
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
      select t.lane_id into v_next
      from tasks t
      where t.status = 'ENQUEUED' and not t.placed
        and t.queue_id = queue.queue_id
        and t.lane_id > v_lane
      order by t.queue_id, t.lane_id
      limit 1;
      if not found and not v_wrapped then
        v_wrapped := true;
        v_lane := -1;
        continue;
      end if;
      v_around := not found or v_wrapped and v_next > v_last;
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
      v_found := _take_ready(
        queue.queue_id, v_lanes[v_served], executor_id,
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
    v_found := _take_ready(queue.queue_id, v_lanes[v_index], executor_id, v_room, true, at);
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
COMMENT ON FUNCTION perdure._take_partitions(queue perdure.queues, executor_id bigint, max_workflows integer, at timestamp with time zone) IS 'Hands workflows of a partitioned queue to an executor, in turn over its partitions and within their
limits. Returns their keys, in no order.';
CREATE FUNCTION perdure._take_ready(queue_id integer, lane_id integer, executor_id bigint, max_workflows integer, placed boolean, at timestamp with time zone, from_rank double precision DEFAULT '-Infinity'::double precision, from_key bigint DEFAULT '-1'::integer, before_rank double precision DEFAULT 'Infinity'::double precision) RETURNS bigint[]
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
  with ready as materialized (
    select t.key
    from tasks t
    where t.status = 'ENQUEUED' and not t.placed
      and t.queue_id = _take_ready.queue_id
      and t.lane_id = _take_ready.lane_id
      and (t.rank, t.key) >= (from_rank, from_key) and t.rank < before_rank
      and (t.expires_at > at) is not false
      and (t.deadline > at) is not false
    order by t.queue_id, t.lane_id, t.rank, t.key
    limit max_workflows
    for update skip locked
  ),
  claimed as (
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
        placed = _take_ready.placed
    from ready r
    where t.key = r.key
    returning t.key
  )
  select array_agg(c.key) into v_keys from claimed c;
  return coalesce(v_keys, '{}');
end
$$;
COMMENT ON FUNCTION perdure._take_ready(queue_id integer, lane_id integer, executor_id bigint, max_workflows integer, placed boolean, at timestamp with time zone, from_rank double precision, from_key bigint, before_rank double precision) IS 'Hands the first workflows of a lane, or of a part of its order, to an executor, with or without a place
in the limits. Returns their keys, in no order.';
CREATE FUNCTION perdure._take_returning(queue_id integer, executor_id bigint, max_workflows integer) RETURNS bigint[]
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
  v_keys bigint[];
begin
  with ready as materialized (
    select t.key
    from tasks t
    where t.status = 'ENQUEUED' and t.placed
      and t.queue_id = _take_returning.queue_id
      and (t.deadline > v_now) is not false
    order by t.queue_id, t.key
    limit max_workflows
    for update skip locked
  ),
  claimed as (
    update tasks t
    set status = 'PENDING',
        executor_id = _take_returning.executor_id,
        token = nextval('claim_tokens'),
        attempts = t.attempts + 1
    from ready r
    where t.key = r.key
    returning t.key
  )
  select array_agg(c.key) into v_keys from claimed c;
  return coalesce(v_keys, '{}');
end
$$;
COMMENT ON FUNCTION perdure._take_returning(queue_id integer, executor_id bigint, max_workflows integer) IS 'Hands workflows that return to a limited queue, and have kept their place there, to an executor.';
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
    v_until := coalesce(v_step.retry_at, v_now + coalesce(timeouts[item], interval '100 years'));
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
CREATE FUNCTION perdure._with_work(queue_ids integer[]) RETURNS integer[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
#variable_conflict use_column
begin
  -- One condition for each part of an index: below the rank of the floor, from the floor on
  -- (_take_first), and what returns with a place. The "or" also keeps them from becoming joins, which,
  -- planned while nothing waits, would read the whole backlog.
  return array(
    select g.queue_id
    from unnest(queue_ids) as g (queue_id)
    cross join lateral _floor(g.queue_id) as f
    where exists (
        select from tasks t
        where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id
          and t.lane_id = 0 and t.rank < f.rank
      )
      or exists (
        select from tasks t
        where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id
          and (t.lane_id, t.rank, t.key) >= (0, coalesce(f.rank, '-Infinity'), coalesce(f.key, -1))
      )
      or exists (select from tasks t where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id)
  );
end
$$;
COMMENT ON FUNCTION perdure._with_work(queue_ids integer[]) IS 'Which of these queues have work that waits to be claimed, whether or not limits hold it back.';
CREATE FUNCTION perdure.apply_schedules(schedules json, create_queues boolean DEFAULT false) RETURNS TABLE(schedule text, outcome text, next_at timestamp with time zone)
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
    v_new.queue := coalesce(v_item ->> 'queue', 'default');
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
    v_new.paused := false;
    v_new.created_at := _now();
    v_new.reckoned_at := v_new.created_at;
    v_new.next_at := _check_schedule(v_new, create_queues);
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
COMMENT ON FUNCTION perdure.apply_schedules(schedules json, create_queues boolean) IS 'Makes these schedules, or gives those that exist exactly these settings: all of them or, on an error, none.
Others are left as they are.
schedules: an array of objects with the settings schedule, workflow, cron, zone, queue, context,
automatic_backfill and max_recovery_attempts; see create_schedule. The first three are required.
create_queues: true to make queues, without limits, that do not exist.
One whose line and zone are as before keeps its next tick, and one that is paused stays so.
Returns a row for each, by name: created, updated or unchanged, and its next tick.
Raises PD001 (bad argument, or a transaction that is not read committed), PD007 (no such queue).';
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
CREATE FUNCTION perdure.claim(executor_id bigint, queues text[] DEFAULT NULL::text[], max_workflows integer DEFAULT 1) RETURNS TABLE(workflow_key bigint, token bigint, workflow_id text, workflow text, queue text, input json, attempt integer, created_at timestamp with time zone, steps json, time_left interval)
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
  v_busy int[];
  v_open int[];
  v_queue_id int;
  v_found bigint[];
  v_keys bigint[] := array[]::bigint[];
  v_left int := claim.max_workflows;
  v_now timestamptz;
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
  perform _hold_executor(claim.executor_id);
  perform _fire_due(1000);
  perform _expire_due(1000);
  perform _time_out_due(1000);
  perform _wake_due(1000);
  select array_agg(q.queue_id) into v_listened
  from queues q
  where claim.queues is null or q.name = any (claim.queues) or q.name = '_internal';
  v_busy := _with_work(v_listened);
  -- A queue that is seen to be full is passed over without locking it, unless something returns to it with
  -- a place: so claims do not take turns at nothing, and thousands of full queues need no thousands of locks.
  -- (To count a high limit twice would cost more than that saves.)
  --
  -- In a new order each time, and with an equal share for each, so that no queue with a long
  -- backlog starves the others; what the short ones leave goes to the long ones afterwards.
  select array_agg(b.queue_id order by random()) into v_open
  from unnest(v_busy) as b (queue_id)
  cross join lateral (
    select q.concurrency, q.paused from queues q where q.queue_id = b.queue_id offset 0
  ) as q
  where not q.paused and (
    q.concurrency <= 100 is not true
    or q.concurrency > (
      select count(*)
      from (select from tasks t where t.placed and t.queue_id = b.queue_id limit q.concurrency) as taken
    )
    or (
      select t.key from tasks t where t.status = 'ENQUEUED' and t.placed and t.queue_id = b.queue_id limit 1
    ) is not null
  );
  for v_turn in 1 .. 2 loop
    for v_index in 1 .. coalesce(cardinality(v_open), 0) loop
      exit when v_left = 0;
      v_queue_id := v_open[v_index];
      v_found := _claim_queue(
        v_queue_id,
        claim.executor_id,
        case
          when v_turn = 1 then ceil(v_left / (cardinality(v_open) - v_index + 1)::numeric)::int
          else v_left
        end,
        -- Whoever has found something waits for no queue that another claim holds.
        patient => v_turn = 2 and v_keys = '{}'
      );
      v_keys := v_keys || v_found;
      v_left := v_left - cardinality(v_found);
    end loop;
  end loop;
  -- Idle on the queues that have nothing more. One that a limit holds back needs no NOTIFY: more
  -- work there changes nothing.
  if v_left > 0 then
    perform _mark_listening(array(select unnest(v_listened) except select unnest(_with_work(v_busy))), idle => true);
  else
    perform _mark_listening(v_listened, idle => false);
  end if;
  v_now := _now();
  return query
  select
    t.key, t.token, w.workflow_id, w.name, q.name, w.input, t.attempts, w.created_at,
    case when t.resumed then _recorded_steps(t.key) end, t.deadline - v_now
  from tasks t
  join workflows w on w.key = t.key
  join queues q on q.queue_id = t.queue_id
  where t.key = any (v_keys)
  order by t.rank, t.key;
end
$$;
COMMENT ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer) IS 'Hands waiting workflows to an executor: from now on it owns them, and only its writes count.
executor_id: from register_executor.
queues: null for all, or the names of those to serve. Recovered direct runs are served in any case.
max_workflows: how many at the most, 1 to 10000. Several queues share them evenly.
Returns a row for each, in the order of its queue: workflow_key and token, which every write for this
workflow must name; its id, name, queue and input; attempt, 1 for the first; steps, null or what
is recorded of earlier attempts: an array of {step, name, output, error, child_id, attempts,
completed, retry_in}; and time_left, null or the time until its deadline, when run_maintenance cancels it.
An unknown queue is served as soon as it exists. No row: nothing waits, or what waits is held back by
a limit (explain_wait tells).
Raises PD001 (bad number, or a transaction that is not read committed), PD006 (executor without lease).';
CREATE FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  select w.outcome, w.name into v_outcome, v_recorded
  from write_streams(
    array[workflow_key], array[close_stream.token], array[close_stream.step], array[close_stream.name], array[null]::json[], array[true]
  ) as w;
  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(close_stream.step, v_recorded, 'perdure.close_stream');
  elsif v_outcome = 'stream closed' then
    perform _raise(
      'PD015',
      format('stream %L is closed', close_stream.name),
      hint => 'Nothing can be written to a stream, nor can it be closed again, after close_stream.'
    );
  end if;
  return v_outcome is null;
end
$$;
COMMENT ON FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) IS 'Closes a stream of a workflow that the caller owns, as a step of it: its readers come to an end.
Returns true if it was closed now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';
CREATE FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text DEFAULT 'UTC'::text, queue text DEFAULT 'default'::text, context json DEFAULT NULL::json, automatic_backfill boolean DEFAULT false, max_recovery_attempts integer DEFAULT 100, create_queue boolean DEFAULT false) RETURNS timestamp with time zone
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
  v_schedule.queue := create_schedule.queue;
  v_schedule.context := create_schedule.context;
  v_schedule.automatic_backfill := create_schedule.automatic_backfill;
  v_schedule.max_recovery_attempts := create_schedule.max_recovery_attempts;
  v_schedule.paused := false;
  v_schedule.created_at := _now();
  v_schedule.reckoned_at := v_schedule.created_at;
  v_schedule.next_at := _check_schedule(v_schedule, create_queue);
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
COMMENT ON FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, create_queue boolean) IS 'Makes a schedule: at each tick of its cron line a workflow is put into a queue, once over all executors. Its id
is sched-<schedule>-<tick in UTC>, its input an array of two: the tick as ISO 8601 text with the offset of
the zone, and the context.
schedule: its name, 1 to 400 bytes.
workflow: the name under which workers know the function.
cron: five fields, or six with seconds as the last; see cron_next.
zone: the time zone of the line, by name.
queue: where its workflows wait. In a partitioned queue the schedule''s name is their partition key.
context: any JSON value.
automatic_backfill: whether ticks that were missed while nobody ran are all started later. Otherwise only the
latest of them is.
max_recovery_attempts: how often each workflow may be taken over from a dead worker.
create_queue: true to make the queue, without limits, if it does not exist. One that is deleted later is
made again by the next tick.
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
CREATE FUNCTION perdure.debounce(workflow text, debounce_key text, delay interval, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, max_delay interval DEFAULT NULL::interval, partition_key text DEFAULT NULL::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
declare
  v_queue queues := _queue(debounce.queue);
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
  loop
    select c.workflow_key, c.workflow_id, c.created into v_created
    from _create_workflows(
      array[workflow], array[input], array[debounce.workflow_id], v_queue.queue_id, array[priority],
      null, null, null, null, null, null, v_options
    ) as c;
    exit when v_created.created;
    -- Somebody was first: the start is put off, and this input counts.
    update tasks t
    set wake_at = least(v_now + delay, w.created_at + max_delay)
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
  return v_created.workflow_id;
end
$$;
COMMENT ON FUNCTION perdure.debounce(workflow text, debounce_key text, delay interval, input json, queue text, max_delay interval, partition_key text, workflow_id text, priority integer, timeout interval, deadline timestamp with time zone) IS 'Starts a workflow once its calls have been quiet: the first call enqueues it, DELAYED; each further
one with the same key, before it starts, puts it off and replaces its input. A call after that begins anew.
workflow, queue, partition_key, priority: as for enqueue.
debounce_key: 1 to 512 bytes; what belongs together, for each queue or partition.
delay: how long it waits after the last call.
input: a JSON value; that of the last call counts.
max_delay: null, or how long after the first call it starts at the latest.
workflow_id: null, or the id if this call is the first.
timeout, deadline: as for enqueue; those of the first call count.
Returns the id of the workflow that will run with this input.
Raises PD001 (bad argument), PD003 (id of another workflow), PD007 (no such queue), PD012 (the key is held by
another workflow).';
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
  if delete_queue.queue in ('_internal', 'default') then
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
  perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, v_queue.queue_id);
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
        attempts = t.attempts - 1, placed = false
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
CREATE FUNCTION perdure.enqueue(workflow text, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, partition_key text DEFAULT NULL::text, deduplication_id text DEFAULT NULL::text, on_duplicate text DEFAULT 'reject'::text, delay interval DEFAULT NULL::interval, expires_in interval DEFAULT NULL::interval, retries integer DEFAULT NULL::integer, retry_interval interval DEFAULT '00:00:01'::interval, retry_backoff double precision DEFAULT 2.0, retry_max_interval interval DEFAULT '01:00:00'::interval, create_queue boolean DEFAULT false, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_id text;
begin
  if octet_length(workflow) between 1 and 512 and octet_length(coalesce(enqueue.workflow_id, '-')) between 1 and 512
    and partition_key is null and deduplication_id is null and on_duplicate = 'reject'
    and delay is null and expires_in is null and coalesce(retries, 0) = 0 and timeout is null and deadline is null
    and max_recovery_attempts >= 0
  then
    v_id := _enqueue_plain(
      workflow, enqueue.input, enqueue.queue, coalesce(enqueue.workflow_id, _new_workflow_id()),
      coalesce(enqueue.priority, 0), enqueue.max_recovery_attempts, enqueue.app_version, enqueue.create_queue
    );
    if v_id is not null then
      return v_id;
    end if;
  end if;
  return (
    select e.workflow_id
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
      deadline => enqueue.deadline
    ) as e
  );
end
$$;
COMMENT ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, partition_key text, deduplication_id text, on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone) IS 'Puts a workflow into a queue, in the transaction of the caller: it can be claimed when that
commits, and never was there when it rolls back.
workflow: the name under which workers know the function; it need not be known yet.
input: a JSON value. An array holds positional arguments, an object named ones.
queue: where it waits.
workflow_id: 1 to 512 bytes; null: a new time-ordered one. An id starts one workflow, once.
priority: lower runs first; 0 unless given.
max_recovery_attempts: how often it may be taken over from a dead worker.
app_version: null, or the version of the application that enqueues.
For the rest, with one value instead of an array, see enqueue_many.
Returns the id.
Raises PD001 (bad argument), PD003 (id of another workflow), PD007 (no such queue), PD012 (deduplication
id held).';
CREATE FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text DEFAULT 'default'::text, workflow_ids text[] DEFAULT NULL::text[], priorities integer[] DEFAULT NULL::integer[], max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[], partition_keys text[] DEFAULT NULL::text[], deduplication_ids text[] DEFAULT NULL::text[], on_duplicate text DEFAULT 'reject'::text, delay interval DEFAULT NULL::interval, expires_in interval DEFAULT NULL::interval, retries integer DEFAULT NULL::integer, retry_interval interval DEFAULT '00:00:01'::interval, retry_backoff double precision DEFAULT 2.0, retry_max_interval interval DEFAULT '01:00:00'::interval, create_queue boolean DEFAULT false, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(item integer, workflow_id text, created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_many int := cardinality(inputs);
  v_queue queues := _queue(enqueue_many.queue, create_queue);
  v_options enqueue_options;
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
    coalesce(cardinality(deduplication_ids), v_many)
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
  return query
  select c.item, c.workflow_id, c.created
  from _create_workflows(
    array_fill(workflow, array[v_many]), inputs, workflow_ids, v_queue.queue_id, priorities,
    array_fill(enqueue_many.max_recovery_attempts, array[v_many]), null, enqueue_many.app_version,
    parent_keys, parent_tokens, parent_steps, v_options
  ) as c;
  if not v_queue.paused then
    perform _notify_queue(v_queue.queue_id);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], partition_keys text[], deduplication_ids text[], on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone) IS 'Enqueues many workflows of one name in one call: all of them or, on an error, none.
workflow: the name under which workers know the function; it need not be known yet.
inputs: one JSON value each. An array holds positional arguments, an object named ones.
queue: where they wait.
workflow_ids: null, or an id each (1 to 512 bytes; null: a new time-ordered one). An id starts one
workflow, once: if it exists, that workflow is returned and created is false. An id that comes twice has the
same input.
priorities: null, or a number each; lower runs first.
max_recovery_attempts: how often each may be taken over from a dead worker.
app_version: null, or the version of the application that enqueues.
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
    bool_or(e.queues is null or v_queue.name = any (e.queues) or v_queue.name = '_internal')
  into v_alive, v_known, v_served
  from executors e
  where not e.lapsed and e.lease_until >= clock_timestamp();
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
  if v_task.wake_at > v_now then
    return query
    select
      case when v_task.status = 'DELAYED' then 'delayed' else 'suspended' end,
      format('it waits until %s', v_task.wake_at);
    return;
  end if;
  return query
  select r.reason, r.detail
  from (values
    ('expired', v_task.expires_at <= v_now, format('it expired at %s and will be cancelled', v_task.expires_at)),
    ('timed out', v_task.deadline <= v_now, format('its deadline was %s, it will be cancelled', v_task.deadline)),
    ('queue paused', v_queue.paused, format('queue %s is paused', v_queue.name)),
    ('no executor', v_alive is null, 'no executor is alive'),
    (
      'worker concurrency',
      v_queue.worker_concurrency <= all (
        select _places_taken(v_queue.queue_id, null, a.executor_id, v_queue.worker_concurrency)
        from unnest(v_alive) as a (executor_id)
      ) and v_alive is not null,
      format('%s workflows of queue %s run on each living executor, the limit',
        v_queue.worker_concurrency, v_queue.name)
    ),
    (
      'concurrency',
      not v_task.placed
        and v_queue.concurrency <= _places_taken(v_queue.queue_id, null, null, v_queue.concurrency),
      format('%s workflows of queue %s run, its limit', v_queue.concurrency, v_queue.name)
    ),
    (
      'rate limit',
      not v_task.placed
        and _rate_room(v_queue.queue_id, 0, v_queue.rate_limit, v_queue.rate_period, v_now) <= 0,
      format('%s workflows of queue %s have started within %s, its limit',
        v_queue.rate_limit, v_queue.name, v_queue.rate_period)
    ),
    (
      'partition concurrency',
      not v_task.placed
        and v_queue.partition_concurrency
          <= _places_taken(v_queue.queue_id, v_task.lane_id, null, v_queue.partition_concurrency),
      format('%s workflows of its partition of queue %s run, the limit',
        v_queue.partition_concurrency, v_queue.name)
    ),
    (
      'partition rate limit',
      not v_task.placed
        and _rate_room(v_queue.queue_id, v_task.lane_id, v_queue.partition_rate_limit,
          v_queue.partition_rate_period, v_now) <= 0,
      format('%s workflows of its partition of queue %s have started within %s',
        v_queue.partition_rate_limit, v_queue.name, v_queue.partition_rate_period)
    )
  ) as r (reason, holds, detail)
  where r.holds;
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
        and t.queue_id = v_task.queue_id and t.lane_id = v_task.lane_id
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
its name), unserved queue (no living executor serves it), delayed, suspended, expired or timed out (until it is cancelled), queue paused, no executor, worker
concurrency (each living executor has reached it), concurrency, rate limit, partition concurrency, partition rate limit,
no idle executor, order (others are before it), next (nothing holds it: the next claim takes it). There is always
a row.
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
    v_retrying := _retry_failed(workflow_keys, tokens, errors);
  end if;
  -- Those that are retried have given up their token and are not met here.
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
    returning
      t.key, t.token, t.attempts, t.failures, t.executor_id, t.started_at, t.watched, t.deduplicated, t.deadline,
      h.output, h.error, h.item
  ),
  written as (
    insert into outcomes (
      key, status, output, error, attempts, failures, executor_id, token, started_at, completed_at, deadline
    )
    select
      e.key,
      (case when e.error is null then 'SUCCESS' else 'ERROR' end)::workflow_status,
      case when e.error is null then e.output end,
      e.error, e.attempts, e.failures, e.executor_id, e.token, e.started_at, v_now, e.deadline
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
  select w.key into v_key from workflows w where w.workflow_id = get_all_events.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_all_events.workflow_id);
  end if;
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
  select w.key into v_key from workflows w where w.workflow_id = get_event.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_event.workflow_id);
  end if;
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
CREATE FUNCTION perdure.get_schedule(schedule text) RETURNS TABLE(workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, paused boolean, next_at timestamp with time zone, last_at timestamp with time zone, created_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  perform _schedule(get_schedule.schedule);
  return query
  select
    l.workflow, l.cron, l.zone, l.queue, l.context, l.automatic_backfill, l.max_recovery_attempts,
    l.paused, l.next_at, l.last_at, l.created_at
  from list_schedules() as l
  where l.schedule = get_schedule.schedule;
end
$$;
COMMENT ON FUNCTION perdure.get_schedule(schedule text) IS 'One schedule; see list_schedules. Raises PD001 (a name that none can have), PD020 (no such schedule).';
CREATE FUNCTION perdure.get_workflow(workflow_id text) RETURNS TABLE(workflow text, status text, queue text, priority integer, input json, output json, error json, attempts integer, failures integer, retries integer, max_recovery_attempts integer, executor text, app_version text, parent_id text, created_at timestamp with time zone, started_at timestamp with time zone, completed_at timestamp with time zone, wake_at timestamp with time zone, timeout interval, deadline timestamp with time zone)
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
    w.input, o.output, o.error, coalesce(o.attempts, t.attempts), coalesce(o.failures, t.failures),
    coalesce(w.retries, 0), w.max_recovery_attempts,
    (select e.name from executors e where e.executor_id = coalesce(o.executor_id, t.executor_id)),
    w.app_version, (select p.workflow_id from workflows p where p.key = w.parent_key), w.created_at,
    coalesce(o.started_at, t.started_at), o.completed_at, t.wake_at, w.timeout,
    coalesce(o.deadline, t.deadline)
  from workflows w
  left join outcomes o on o.key = v_key
  left join tasks t on t.key = v_key
  where w.key = v_key;
end
$$;
COMMENT ON FUNCTION perdure.get_workflow(workflow_id text) IS 'All about one workflow: one row. queue is null for a direct start; executor is the name of the one
that runs it, or ran it, while that is registered; wake_at is set while it waits for a moment;
attempts: how often a worker began to run it, since its last failure that was retried; failures: how many of its
retries were used; deadline is when it is cancelled, or would have been: with a timeout it is set at the first start.
Raises PD002 if it does not exist.';
CREATE FUNCTION perdure.heartbeat(executor_id bigint) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_until timestamptz;
begin
  update executors e
  set lease_until = clock_timestamp() + e.lease
  where e.executor_id = heartbeat.executor_id and not e.lapsed
  returning e.lease_until into v_until;
  return v_until;
end
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
CREATE FUNCTION perdure.list_queues() RETURNS TABLE(queue text, paused boolean, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select
    q.name, q.paused, q.concurrency, q.worker_concurrency, q.rate_limit, q.rate_period,
    q.partitioned, q.partition_concurrency, q.partition_rate_limit, q.partition_rate_period,
    q.priority_ageing, q.created_at
  from queues q
  where q.name <> '_internal'
  order by q.name
$$;
COMMENT ON FUNCTION perdure.list_queues() IS 'The queues by name with their settings (see register_queue), without the internal one.';
CREATE FUNCTION perdure.list_schedules() RETURNS TABLE(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, paused boolean, next_at timestamp with time zone, last_at timestamp with time zone, created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select
    s.name, s.workflow, s.cron, s.zone, s.queue, s.context, s.automatic_backfill, s.max_recovery_attempts,
    s.paused, s.next_at, s.last_at, s.created_at
  from schedules s
  order by s.name
$$;
COMMENT ON FUNCTION perdure.list_schedules() IS 'The schedules by name, with their settings (see create_schedule), whether they are paused, the next tick, and
the one that was fired last. One that is not paused and has no next tick has a zone that this Postgres does not
know any more.';
CREATE FUNCTION perdure.list_steps(workflow_id text) RETURNS TABLE(step integer, name text, output json, error json, child_id text, attempts integer, started_at timestamp with time zone, completed_at timestamp with time zone, retry_at timestamp with time zone)
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
CREATE FUNCTION perdure.queue_stats(only_queue text DEFAULT NULL::text) RETURNS TABLE(queue text, waiting bigint, delayed bigint, running bigint, suspended bigint, partitions_waiting bigint, oldest_waiting interval)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
begin
  return query
  select
    q.name,
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
  where q.name <> '_internal' and (only_queue is null or q.name = only_queue)
  group by q.queue_id, q.name
  order by q.name;
  if not found and only_queue is not null then
    perform _raise_queue_not_found(only_queue);
  end if;
end
$$;
COMMENT ON FUNCTION perdure.queue_stats(only_queue text) IS 'What each queue holds now. It counts rows: its cost grows with what is active, not with history.
only_queue: null for all, or the name of one.
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
  select w.key into v_key from workflows w where w.workflow_id = read_stream.workflow_id;
  if not found then
    perform _raise_workflow_not_found(read_stream.workflow_id);
  end if;
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
        attempts = t.attempts - 1, placed = false
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
    perform _raise_unexpected_step(record_step.step, v_result.name, record_step.name);
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
CREATE FUNCTION perdure.register_executor(name text, lease interval DEFAULT '00:00:30'::interval, app_version text DEFAULT NULL::text, workflows text[] DEFAULT NULL::text[], queues text[] DEFAULT NULL::text[]) RETURNS bigint
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
  insert into executors (name, app_version, lease, lease_until, registered_at, workflows, queues)
  values (
    register_executor.name, register_executor.app_version, register_executor.lease,
    clock_timestamp() + register_executor.lease, clock_timestamp(), register_executor.workflows,
    register_executor.queues
  )
  returning executor_id into v_executor_id;
  return v_executor_id;
end
$$;
COMMENT ON FUNCTION perdure.register_executor(name text, lease interval, app_version text, workflows text[], queues text[]) IS 'Makes a worker known. Each call is a new executor, also under the same name: two processes that
share a name by mistake never share work.
name: for people: a host and process, a pod.
lease: how long it counts as alive without a heartbeat; 1 second to 1 day.
app_version: null, or the version of the application that it runs.
workflows: null, or the names of the workflows it knows; explain_wait tells when nobody knows one.
queues: null for all, or the names of the queues that it claims from; explain_wait tells when nobody serves one.
Returns its executor_id, which the functions for workers ask for.
Raises PD001 for an empty name or a lease out of range.';
CREATE FUNCTION perdure.register_queue(queue text, concurrency integer DEFAULT NULL::integer, worker_concurrency integer DEFAULT NULL::integer, rate_limit integer DEFAULT NULL::integer, rate_period interval DEFAULT NULL::interval, partitioned boolean DEFAULT false, partition_concurrency integer DEFAULT NULL::integer, partition_rate_limit integer DEFAULT NULL::integer, partition_rate_period interval DEFAULT NULL::interval, priority_ageing interval DEFAULT NULL::interval, on_conflict text DEFAULT 'keep'::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_queue queues;
  v_held queues;
  v_new boolean;
begin
  perform _check_text('queue', register_queue.queue);
  if register_queue.on_conflict in ('keep', 'update') is not true then
    perform _raise(
      'PD001',
      format('on_conflict cannot be %L', register_queue.on_conflict),
      hint => 'Give ''keep'' or ''update''.'
    );
  end if;
  v_queue.name := register_queue.queue;
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
  -- A day is 24 hours, whatever the time zone. (Only now: no number of seconds makes an infinite interval.)
  v_queue.rate_period := make_interval(secs => extract(epoch from v_queue.rate_period)::double precision);
  v_queue.partition_rate_period := make_interval(
    secs => extract(epoch from v_queue.partition_rate_period)::double precision
  );
  loop
    insert into queues (
      name, concurrency, worker_concurrency, rate_limit, rate_period,
      partitioned, partition_concurrency, partition_rate_limit, partition_rate_period, priority_ageing
    )
    values (
      v_queue.name, v_queue.concurrency, v_queue.worker_concurrency, v_queue.rate_limit, v_queue.rate_period,
      v_queue.partitioned, v_queue.partition_concurrency, v_queue.partition_rate_limit,
      v_queue.partition_rate_period, v_queue.priority_ageing
    )
    on conflict (name) do nothing;
    v_new := found;
    exit when v_new or register_queue.on_conflict = 'keep';
    perform _check_isolation('changing a queue');
    v_held := _hold_queue(v_queue.name);
    if v_held.queue_id is not null then
      v_queue.queue_id := v_held.queue_id;
      v_queue.paused := v_held.paused;
      perform _set_queue(v_queue);
      exit;
    end if;
    -- It was deleted meanwhile: once more.
  end loop;
  return v_new;
end
$$;
COMMENT ON FUNCTION perdure.register_queue(queue text, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, on_conflict text) IS 'Makes a queue. A queue is a row: any number of them may exist, and every worker serves a new
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
Returns true if it is new.
Raises PD001 (bad argument, or an update in a transaction that is not read committed), PD013 (partitions would
come or go under active workflows).';
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
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot maintain %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may move.'
    );
  end if;
  perform _check_isolation('run_maintenance');
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
  if v_next_in is not null then
    -- What is due and was held by somebody, or was too much for this call: not at once, so that nobody spins.
    next_lapse_in := least(next_lapse_in, greatest(v_next_in, interval '0.1 seconds'));
  end if;
  return next;
end
$$;
COMMENT ON FUNCTION perdure.run_maintenance(max_workflows integer) IS 'What keeps things going, in a bounded amount a call: hands the work of executors whose lease has
lapsed to the living, fires schedules, enqueues workflows whose moment has come, cancels those that have expired
or whose deadline has passed. Any worker calls it with its heartbeat; so may pg_cron or a person. Safe to
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
  select w.key into v_key
  from workflows w
  where w.workflow_id = set_delay.workflow_id;
  if not found then
    perform _raise_workflow_not_found(set_delay.workflow_id);
  end if;
  update tasks t
  set wake_at = _now() + set_delay.delay
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
    v_until := v_now + durations[item];
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
CREATE FUNCTION perdure.start(executor_id bigint, workflow text, input json DEFAULT NULL::json, workflow_id text DEFAULT NULL::text, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(workflow_key bigint, workflow_id text, token bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
  select s.workflow_key, s.workflow_id, s.token
  from start_many(
    start.executor_id, array[start.workflow], array[start.input],
    workflow_ids => array[start.workflow_id],
    max_recovery_attempts => array[start.max_recovery_attempts],
    app_version => start.app_version,
    timeouts => case when start.timeout is not null then array[start.timeout] end,
    deadlines => case when start.deadline is not null then array[start.deadline] end
  ) as s
$$;
COMMENT ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text, timeout interval, deadline timestamp with time zone) IS 'Starts one workflow that the calling executor runs itself, at once, without a queue. If its worker
dies, any other worker takes it over.
executor_id: from register_executor. For the rest see enqueue.
Returns its key, its id, and the token to write under; the token is null if the id existed already,
or the deadline has passed: then that workflow is not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD006 (executor without lease).';
CREATE FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[] DEFAULT NULL::text[], max_recovery_attempts integer[] DEFAULT NULL::integer[], app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[], timeouts interval[] DEFAULT NULL::interval[], deadlines timestamp with time zone[] DEFAULT NULL::timestamp with time zone[]) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, token bigint, time_left interval)
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
    coalesce(cardinality(deadlines), v_many)
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
  perform _hold_executor(start_many.executor_id);
  -- A child has a deadline if its parent has one; nothing else has.
  if timeouts is null and deadlines is null and parent_keys is null then
    return query
    select c.item, c.workflow_key, c.workflow_id, case when c.created then 0::bigint end, null::interval
    from _create_workflows(
      start_many.workflows, inputs, workflow_ids, null, null,
      start_many.max_recovery_attempts, start_many.executor_id, start_many.app_version,
      null, null, null
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
    case when g.is_new then g.deadline - v_now end
  from unnest(v_keys, v_ids, v_new, v_deadlines) with ordinality as g (key, workflow_id, is_new, deadline, item)
  order by g.item;
end
$$;
COMMENT ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], timeouts interval[], deadlines timestamp with time zone[]) IS 'Starts workflows that the calling executor runs itself, at once, without a queue.
executor_id: from register_executor.
workflows, inputs, workflow_ids, max_recovery_attempts: an element each; see enqueue.
app_version: null, or the version of the application.
parent_keys, parent_tokens, parent_steps: the running workflows that start these as children; the
start is recorded as that step in the same transaction.
timeouts, deadlines: null, or an element each; see enqueue_many.
Returns a row for each, in order: its key, its id, the token to write under, and null or the time left until
its deadline. The token is null if the id existed already, or the deadline has passed: then that workflow is
not the caller''s to run.
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
    AS $$
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
        when c.name like '%\_period' or c.name = 'priority_ageing' then array['null', 'number', 'string']
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
$$;
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
  select w.key into v_key from workflows w where w.workflow_id = watch.workflow_id;
  if not found then
    perform _raise_workflow_not_found(watch.workflow_id);
  end if;
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
CREATE FUNCTION perdure.write_stream(workflow_key bigint, token bigint, step integer, name text, value json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  select w.outcome, w.name into v_outcome, v_recorded
  from write_streams(
    array[workflow_key], array[write_stream.token], array[write_stream.step], array[write_stream.name], array[write_stream.value]
  ) as w;
  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(write_stream.step, v_recorded, 'perdure.write_stream');
  elsif v_outcome = 'stream closed' then
    perform _raise(
      'PD015',
      format('stream %L is closed', write_stream.name),
      hint => 'Nothing can be written to a stream, nor can it be closed again, after close_stream.'
    );
  end if;
  return v_outcome is null;
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
CREATE TABLE perdure.executors (
    executor_id bigint NOT NULL,
    name text NOT NULL,
    app_version text,
    lease interval NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    registered_at timestamp with time zone NOT NULL,
    lapsed boolean DEFAULT false NOT NULL,
    workflows text[],
    queues text[]
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
    failures integer DEFAULT 0 NOT NULL
);
COMMENT ON TABLE perdure.outcomes IS 'How each finished workflow ended.';
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
    deadline timestamp with time zone
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='2000', autovacuum_analyze_scale_factor='0.05', autovacuum_vacuum_cost_delay='0');
COMMENT ON TABLE perdure.tasks IS 'The active workflows: one narrow row each, from enqueue to finish.';
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
    deadline timestamp with time zone
);
COMMENT ON TABLE perdure.workflows IS 'What was asked for: one row a workflow, written once.';
COPY perdure.deduplications (queue_id, lane_id, deduplication_id, key) FROM stdin;
\.
COPY perdure.events (event_id, key, name, value, step, set_at) FROM stdin;
1	19	state	"on"	1	2026-01-01 00:00:00+00
\.
COPY perdure.executors (executor_id, name, app_version, lease, lease_until, registered_at, lapsed, workflows, queues) FROM stdin;
1	old	1	00:00:30	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	f	\N	\N
\.
COPY perdure.floor_drops (queue_id, transaction) FROM stdin;
\.
COPY perdure.floors (queue_id, version, rank, key, candidate_key, candidate_xmax, snapshot, writer, server_started) FROM stdin;
\.
COPY perdure.lanes (lane_id, queue_id, partition_key) FROM stdin;
\.
COPY perdure.messages (message_id, key, topic, message, idempotency_key, sent_at, received) FROM stdin;
1	12	news	{"a": 1.0}	\N	2026-01-01 00:00:00+00	f
\.
COPY perdure.outcomes (key, status, output, error, attempts, executor_id, token, started_at, completed_at, deadline, failures) FROM stdin;
1	SUCCESS	{"a": 1.0}	\N	1	1	1	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N	0
14	SUCCESS	1	\N	1	1	10	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N	0
15	SUCCESS	1	\N	1	1	11	2026-01-01 00:00:00.000001+00	2026-01-01 00:00:00+00	\N	0
16	SUCCESS	1	\N	1	1	12	2026-01-01 00:00:00.000001+00	2026-01-01 00:00:00+00	\N	0
2	ERROR	\N	{"name": "E", "message": "m"}	1	1	2	2026-01-01 00:00:00+00	2026-01-01 00:00:00+00	\N	0
\.
COPY perdure.queues (queue_id, name, created_at, listening_until, paused, concurrency, worker_concurrency, rate_limit, rate_period, partitioned, partition_concurrency, partition_rate_limit, partition_rate_period, priority_ageing) FROM stdin;
1	_internal	2026-11-21 14:21:44.378266+00	\N	f	\N	\N	\N	\N	f	\N	\N	\N	\N
2	default	2026-11-21 14:21:44.378266+00	\N	f	\N	\N	\N	\N	f	\N	\N	\N	\N
3	orders	2026-11-21 14:21:44.491781+00	\N	f	\N	\N	\N	\N	f	\N	\N	\N	\N
4	limited	2026-11-21 14:21:44.525999+00	\N	f	5	\N	3	48:00:00	f	\N	\N	\N	\N
\.
COPY perdure.schedules (name, workflow, cron, zone, queue, context, automatic_backfill, max_recovery_attempts, paused, next_at, reckoned_at, last_at, created_at) FROM stdin;
hourly	w	0 * * * *	Europe/Berlin	orders	\N	f	100	t	\N	2026-01-01 00:00:00+00	\N	2026-01-01 00:00:00+00
\.
COPY perdure.schema_functions (signature) FROM stdin;
_await(bigint,text,text,bigint)
_backoff(interval,double precision,interval,integer)
_check_deadline(interval,timestamp with time zone)
_check_floors()
_check_isolation(text)
_check_lanes()
_check_options(text,interval,interval,integer,interval,double precision,interval)
_check_queue(queues)
_check_repeated_ids(text[],json[])
_check_same_workflows(text[],text[])
_check_schedule(schedules,boolean)
_check_text(text,text)
_check_zone(text)
_claim_queue(integer,bigint,integer,boolean)
_count_starts(integer,integer,integer,timestamp with time zone)
_create_workflows(text[],json[],text[],integer,integer[],integer[],bigint,text,bigint[],bigint[],integer[],enqueue_options)
_cron_days(cron_line,integer,integer)
_cron_field(text,text,integer,integer,text[])
_cron_line(text)
_cron_next(cron_line,text,timestamp with time zone)
_cron_value(text,integer,text[])
_cron_wall(cron_line,timestamp without time zone)
_deadlines(bigint[])
_deduplicate(integer,enqueue_options,bigint[],text[],text[])
_drop_floors(integer[])
_due_ticks(schedules,timestamp with time zone,integer)
_end_tasks(bigint[],workflow_status,json)
_enqueue_plain(text,json,text,text,integer,integer,text,boolean)
_expire_due(integer)
_fire_due(integer)
_floor(integer)
_hold_executor(bigint)
_hold_parents(bigint[],bigint[])
_hold_queue(text)
_hold_tasks(bigint[],bigint[])
_hold_waiters(bigint[])
_hold_writers(bigint)
_iso(timestamp with time zone,text)
_lane_ids(queues,text[],integer)
_lock_queue(integer,boolean,boolean)
_look_back(bigint[])
_mark_listening(integer[],boolean)
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
_places_taken(integer,integer,bigint,integer)
_prune_starts()
_prune_waits()
_put_down(bigint[],bigint[],interval[],workflow_status)
_queue(text,boolean)
_raise(text,text,text,text)
_raise_floor(integer,floors,bigint)
_raise_lease_lost(bigint)
_raise_queue_not_found(text)
_raise_unexpected_step(integer,text,text)
_raise_workflow_not_found(text)
_rate_room(integer,integer,integer,interval,timestamp with time zone)
_record_children(bigint[],integer[],text[],text[],timestamp with time zone)
_record_now(bigint,integer,text,json,timestamp with time zone)
_record_remaining(bigint[],bigint[],integer[],text[],json[],json[],interval[],bigint[],integer[])
_recorded_steps(bigint)
_retry_failed(bigint[],bigint[],json[])
_same_error(json,json)
_schedule(text)
_send(text[],json[],text[],text[])
_set_queue(queues)
_span(interval)
_start_ticks(schedules,timestamp with time zone[],text)
_take_first(integer,bigint,integer,boolean,timestamp with time zone)
_take_message(bigint,text)
_take_over(integer)
_take_partitions(queues,bigint,integer,timestamp with time zone)
_take_ready(integer,integer,bigint,integer,boolean,timestamp with time zone,double precision,bigint,double precision)
_take_returning(integer,bigint,integer)
_take_wakes(integer)
_tell_returned(integer)
_time_out(bigint[])
_time_out_due(integer)
_turn_back_schedules()
_wait_in_steps(text,text,bigint[],bigint[],integer[],bigint[],text[],interval[],boolean[])
_wake_due(integer)
_wake_waiters(bigint[],text,text[])
_wall_times(text,timestamp without time zone)
_with_work(integer[])
apply_schedules(json,boolean)
await_events(bigint[],bigint[],integer[],text[],text[],interval[],boolean[])
backfill_schedule(text,timestamp with time zone,timestamp with time zone,integer)
claim(bigint,text[],integer)
close_stream(bigint,bigint,integer,text)
create_schedule(text,text,text,text,text,json,boolean,integer,boolean)
cron_next(text,text,timestamp with time zone)
debounce(text,text,interval,json,text,interval,text,text,integer,interval,timestamp with time zone)
delete_queue(text)
delete_schedule(text)
deregister_executor(bigint)
enqueue(text,json,text,text,integer,integer,text,text,text,text,interval,interval,integer,interval,double precision,interval,boolean,interval,timestamp with time zone)
enqueue_many(text,json[],text,text[],integer[],integer,text,bigint[],bigint[],integer[],text[],text[],text,interval,interval,integer,interval,double precision,interval,boolean,interval,timestamp with time zone)
explain_wait(text)
fail_step(bigint,bigint,integer,text,json,integer,integer,interval,double precision,interval)
finish(bigint,bigint,json,json)
finish_many(bigint[],bigint[],json[],json[])
fire_schedules(integer)
get_all_events(text)
get_event(text,text)
get_result(text)
get_results(text[],boolean)
get_schedule(text)
get_workflow(text)
heartbeat(bigint)
list_executors()
list_queues()
list_schedules()
list_steps(text)
lost_workflows(bigint[],bigint[])
pause_queue(text)
pause_schedule(text)
queue_stats(text)
read_stream(text,text,integer,integer)
reconcile(bigint,bigint[])
record_step(bigint,bigint,integer,text,json,json)
record_steps(bigint[],bigint[],integer[],text[],json[],json[],interval[])
recv(bigint,bigint,integer,text,interval,boolean)
recv_many(bigint[],bigint[],integer[],text[],interval[],boolean[])
register_executor(text,interval,text,text[],text[])
register_queue(text,integer,integer,integer,interval,boolean,integer,integer,interval,interval,text)
release(bigint,bigint,interval)
release_many(bigint[],bigint[],interval[])
resume_queue(text)
resume_schedule(text)
run_maintenance(integer)
schema_version()
send(text,json,text,text)
send_in_step(bigint,bigint,integer,text[],json[],text[],text[])
send_many(text[],json[],text[],text[])
set_delay(text,interval)
set_event(bigint,bigint,integer,text,json)
set_events(bigint[],bigint[],integer[],text[],json[],boolean[])
sleep(bigint,bigint,integer,interval,boolean)
sleep_many(bigint[],bigint[],integer[],interval[],boolean[])
start(bigint,text,json,text,integer,text,interval,timestamp with time zone)
start_many(bigint,text[],json[],text[],integer[],text,bigint[],bigint[],integer[],interval[],timestamp with time zone[])
suspend(bigint,bigint,interval)
suspend_many(bigint[],bigint[],interval[])
suspend_until_ended(bigint,bigint,text[])
trigger_schedule(text,timestamp with time zone)
update_queue(text,json)
watch(text,text,text)
write_stream(bigint,bigint,integer,text,json)
write_streams(bigint[],bigint[],integer[],text[],json[],boolean[],boolean[])
\.
COPY perdure.schema_migrations (number, name, applied_at) FROM stdin;
1	engine	2026-11-21 14:21:44.378266+00
2	function list	2026-11-21 14:21:44.378266+00
3	queue limits	2026-11-21 14:21:44.378266+00
4	rates	2026-11-21 14:21:44.378266+00
5	waiting	2026-11-21 14:21:44.378266+00
6	schedules	2026-11-21 14:21:44.378266+00
7	deadlines	2026-11-21 14:21:44.378266+00
8	served queues	2026-11-21 14:21:44.378266+00
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
COPY perdure.tasks (key, queue_id, lane_id, rank, status, attempts, max_recovery_attempts, token, executor_id, started_at, wake_at, resumed, watched, placed, deduplicated, debounced, expires_at, failures, retries, timeout, deadline) FROM stdin;
10	2	0	0	PENDING	1	0	9	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
11	1	0	0	PENDING	1	100	0	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
12	3	0	5	ENQUEUED	0	100	\N	\N	\N	\N	f	t	f	f	f	\N	0	\N	\N	\N
13	3	0	-1	ENQUEUED	0	100	\N	\N	\N	\N	f	f	f	f	f	\N	0	\N	\N	\N
17	4	0	0	ENQUEUED	0	100	\N	\N	\N	\N	f	f	f	f	f	\N	0	\N	\N	\N
18	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N
19	2	0	0	PENDING	1	100	14	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
20	2	0	0	PENDING	1	100	15	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
3	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N
4	2	0	0	DELAYED	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N
5	2	0	0	PENDING	0	100	\N	\N	2026-01-01 00:00:00+00	2026-01-01 01:00:00+00	t	f	f	f	f	\N	0	\N	\N	\N
6	2	0	0	PENDING	1	100	6	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
7	2	0	0	PENDING	1	100	7	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
8	3	0	0	ENQUEUED	0	100	\N	\N	\N	\N	f	f	f	f	f	\N	0	\N	\N	\N
9	2	0	0	PENDING	1	100	8	1	2026-01-01 00:00:00+00	\N	f	f	f	f	f	\N	0	\N	\N	\N
\.
COPY perdure.turns (queue_id, turn, lane_id) FROM stdin;
\.
COPY perdure.waits (target_key, kind, name, waiter_key) FROM stdin;
18	message	news	18
\.
COPY perdure.wakes (wake_id, key, kind, name) FROM stdin;
\.
COPY perdure.workflows (key, workflow_id, name, queue_id, priority, max_recovery_attempts, input, parent_key, parent_step, app_version, created_at, lane_id, deduplication_id, retries, retry_interval, retry_backoff, retry_max_interval, timeout, deadline) FROM stdin;
1	succeeded	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
10	spent	w	2	0	0	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
11	direct	w	\N	0	100	[3]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
12	waiting	w	3	5	100	\N	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
13	urgent	w	3	-1	100	\N	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
14	l1	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
15	l2	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
16	l3	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
17	l4	w	4	0	100	1	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
18	receiving	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
19	telling	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
2	failed	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
20	writing	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
3	sleeping	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
4	delayed	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
5	retrying	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
6	running	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
7	parent	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
8	child	w	3	0	100	[2]	7	1	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
9	orphaned	w	2	0	100	[1]	\N	\N	\N	2026-01-01 00:00:00+00	0	\N	\N	\N	\N	\N	\N	\N
\.
SELECT pg_catalog.setval('perdure.claim_tokens', 15, true);
SELECT pg_catalog.setval('perdure.events_event_id_seq', 1, true);
SELECT pg_catalog.setval('perdure.executors_executor_id_seq', 1, true);
SELECT pg_catalog.setval('perdure.floors_version_seq', 1, false);
SELECT pg_catalog.setval('perdure.lanes_lane_id_seq', 1, false);
SELECT pg_catalog.setval('perdure.message_ids', 1, true);
SELECT pg_catalog.setval('perdure.queues_queue_id_seq', 4, true);
SELECT pg_catalog.setval('perdure.task_keys', 20, true);
SELECT pg_catalog.setval('perdure.turns_turn_seq', 1, false);
SELECT pg_catalog.setval('perdure.wakes_wake_id_seq', 1, false);
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
    ADD CONSTRAINT floors_pkey PRIMARY KEY (queue_id, version);
ALTER TABLE ONLY perdure.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (lane_id);
ALTER TABLE ONLY perdure.lanes
    ADD CONSTRAINT lanes_queue_id_partition_key_key UNIQUE (queue_id, partition_key);
ALTER TABLE ONLY perdure.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (message_id);
ALTER TABLE ONLY perdure.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (key);
ALTER TABLE ONLY perdure.queues
    ADD CONSTRAINT queues_name_key UNIQUE (name);
ALTER TABLE ONLY perdure.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (queue_id);
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
ALTER TABLE ONLY perdure.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (queue_id, turn);
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
CREATE INDEX schedules_next ON perdure.schedules USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX schedules_reckoned ON perdure.schedules USING btree (reckoned_at);
CREATE INDEX tasks_deadline ON perdure.tasks USING btree (deadline, key) WHERE (deadline IS NOT NULL);
CREATE INDEX tasks_expiring ON perdure.tasks USING btree (expires_at, key) WHERE ((expires_at IS NOT NULL) AND (status = ANY (ARRAY['ENQUEUED'::perdure.workflow_status, 'DELAYED'::perdure.workflow_status])));
CREATE INDEX tasks_held ON perdure.tasks USING btree (executor_id, key) WHERE (executor_id IS NOT NULL);
CREATE INDEX tasks_placed ON perdure.tasks USING btree (queue_id, lane_id, executor_id) WHERE placed;
CREATE INDEX tasks_ready ON perdure.tasks USING btree (queue_id, lane_id, rank, key) WHERE ((status = 'ENQUEUED'::perdure.workflow_status) AND (NOT placed));
CREATE INDEX tasks_returning ON perdure.tasks USING btree (queue_id, key) WHERE ((status = 'ENQUEUED'::perdure.workflow_status) AND placed);
CREATE INDEX tasks_waking ON perdure.tasks USING btree (wake_at, key) WHERE (wake_at IS NOT NULL);
CREATE INDEX waits_waiter ON perdure.waits USING btree (waiter_key) WHERE (waiter_key > 0);
CREATE INDEX wakes_key ON perdure.wakes USING btree (key);
CREATE INDEX wakes_unseen ON perdure.wakes USING btree (wake_id) WHERE (kind IS NOT NULL);
CREATE INDEX workflows_children ON perdure.workflows USING btree (parent_key, parent_step) WHERE (parent_key IS NOT NULL);
