-- The schema of a fresh installation, without the bodies of functions. Made by `make schema-dump`;
-- `make check` fails when it is not current. For reading: `make install-sql` installs.

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._alert(kind text) IS 'Tells of this on channel <schema>.alert, if notify_alerts was called.';

CREATE FUNCTION perdure._alerts_of_ended(since timestamp with time zone, max_failures double precision, min_ended integer) RETURNS SETOF perdure.alert_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._alerts_of_ended(since timestamp with time zone, max_failures double precision, min_ended integer) IS 'Of alerts: dead letters, and names of which too many have failed.';

CREATE FUNCTION perdure._alerts_of_upkeep(max_lateness interval) RETURNS SETOF perdure.alert_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._alerts_of_upkeep(max_lateness interval) IS 'Of alerts: what maintenance has not done that it should have: takeovers, and ticks of schedules.';

CREATE FUNCTION perdure._alerts_of_waiting(max_waiting interval) RETURNS SETOF perdure.alert_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._alerts_of_waiting(max_waiting interval) IS 'Of alerts: what waits too long, and what waits for somebody who is not there.';

CREATE FUNCTION perdure._anything_due() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._anything_due() IS 'Whether a schedule, an expiry, a deadline or a wake-up is due. Five index probes.';

CREATE FUNCTION perdure._apply_retention(max_workflows integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._apply_retention(max_workflows integer) IS 'Removes what no policy keeps, some hundreds at a call. Returns whether there is nothing more for now.';

CREATE FUNCTION perdure._await(target_key bigint, kind text, name text, waiter_key bigint) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._await(target_key bigint, kind text, name text, waiter_key bigint) IS 'Notes who waits for what, so that its writer wakes it. The caller looks once more afterwards. Returns false
if a writer is under way: then nothing is noted, and the caller looks again soon.';

CREATE FUNCTION perdure._backoff(first interval, factor double precision, most interval, retry integer) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._backoff(first interval, factor double precision, most interval, retry integer) IS 'The wait before retry n, from 1: first * factor ^ (n - 1), at most the most.';

CREATE FUNCTION perdure._cancel_held(active bigint[], dead bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._cancel_held(active bigint[], dead bigint[]) IS 'Cancels workflows that are active, and others that are dead-lettered. The caller holds them.';

CREATE FUNCTION perdure._cancelled(workflow_keys bigint[], cancelled_keys bigint[]) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._cancelled(workflow_keys bigint[], cancelled_keys bigint[]) IS 'What cancel_many returns: a row for each workflow that was named, then one for each child that was cancelled.';

CREATE FUNCTION perdure._check_application(application text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_application(application text) IS 'Raises PD001 unless the name of an application has 1 to 400 bytes.';

CREATE FUNCTION perdure._check_children(children json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_children(children json) IS 'Raises PD001 unless this is null or an object of ids, PD002 if a workflow that takes the place of another does not
exist.';

CREATE FUNCTION perdure._check_deadline(timeout interval, deadline timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_deadline(timeout interval, deadline timestamp with time zone) IS 'Raises PD001 if a timeout or a deadline is out of range. A deadline may have passed.';

CREATE FUNCTION perdure._check_exported(workflow perdure.exported_workflow) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._check_exported(workflow perdure.exported_workflow) IS 'Raises PD001 if a workflow of a document is not as export_workflow has made it.';

CREATE FUNCTION perdure._check_filter(filter perdure.workflow_filter, statuses text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_filter(filter perdure.workflow_filter, statuses text[]) IS 'Raises PD001 if a status is unknown, the attributes are no object, or a span ends before it begins.';

CREATE FUNCTION perdure._check_floors() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_floors() IS 'Drops floors below which something waits. Returns how many: it should be none.';

CREATE FUNCTION perdure._check_groups(group_by text[], known text[], max_groups integer DEFAULT 1) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_groups(group_by text[], known text[], max_groups integer) IS 'Raises PD001 if figures are asked for by something unknown, or for too many groups.';

CREATE FUNCTION perdure._check_isolation(verb text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_isolation(verb text) IS 'Raises PD001 in a transaction that is repeatable read or serializable.';

CREATE FUNCTION perdure._check_lanes() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_lanes() IS 'Moves what waits in a partition of a queue without partitions to where it is looked for. Returns how many.';

CREATE FUNCTION perdure._check_options(on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_options(on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval) IS 'Raises PD001 if an option of enqueueing is out of range.';

CREATE FUNCTION perdure._check_origins(origins perdure.workflow_origin[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_origins(origins perdure.workflow_origin[]) IS 'Raises PD001 if attributes are no JSON object, or a name is empty or too long.';

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_queue(queue perdure.queues) IS 'Raises PD001 if the settings of a queue are out of range or do not go together.';

CREATE FUNCTION perdure._check_repeated_ids(workflow_ids text[], inputs json[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_repeated_ids(workflow_ids text[], inputs json[]) IS 'Raises PD001 if an id comes more than once in a call, with different inputs.';

CREATE FUNCTION perdure._check_same_forks(new_ids text[], original_ids text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_same_forks(new_ids text[], original_ids text[]) IS 'Raises PD003 if one of these ids belongs to a workflow that is no fork of that original.';

CREATE FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[], origins perdure.workflow_origin[] DEFAULT NULL::perdure.workflow_origin[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_schedule(schedule perdure.schedules, create_queue boolean) IS 'The next tick of a schedule. Raises PD001 if something in it is wrong, PD007 if its queue does not exist and
is not to be made.';

CREATE FUNCTION perdure._check_span(what text, since timestamp with time zone, until timestamp with time zone) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_span(what text, since timestamp with time zone, until timestamp with time zone) IS 'Raises PD001 if a span ends before it begins.';

CREATE FUNCTION perdure._check_statuses(statuses text[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_statuses(statuses text[]) IS 'Raises PD001 if a status is unknown.';

CREATE FUNCTION perdure._check_text(what text, value text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_text(what text, value text) IS 'Raises PD001 unless the value has 1 to 512 bytes. Identifiers and names go through here.';

CREATE FUNCTION perdure._check_zone(zone text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._check_zone(zone text) IS 'Raises PD001 unless this is the name of a time zone.';

CREATE FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean, versions text[], own_version text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean, versions text[], own_version text) IS 'Hands workflows of one queue and these versions (null: of any) to an executor, within the limits of the queue. Returns their keys, in no
order; null if its turn did not come.';

CREATE FUNCTION perdure._claim_queues(queue_ids integer[], executor_id bigint, max_workflows integer, versions text[], own_version text) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._count_back(policy perdure.retention) IS 'Goes on with the count of what a policy keeps, and notes from where on there are too many. Returns the policy.';

CREATE FUNCTION perdure._count_starts(queue_id integer, lane_id integer, many integer, at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._count_starts(queue_id integer, lane_id integer, many integer, at timestamp with time zone) IS 'Adds to the starts of a queue (lane 0) or a lane, for its rate limit.';

CREATE FUNCTION perdure._create_forks(original_keys bigint[], new_keys bigint[], new_ids text[], queue_ids integer[], lane_ids integer[], priorities integer[], app_version text, timeout interval) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._create_forks(original_keys bigint[], new_keys bigint[], new_ids text[], queue_ids integer[], lane_ids integer[], priorities integer[], app_version text, timeout interval) IS 'Writes forks of these workflows, ENQUEUED in these queues, still without history. Returns the keys of those that
are new.';

CREATE FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], options perdure.enqueue_options DEFAULT NULL::perdure.enqueue_options) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, created boolean)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], options perdure.enqueue_options) IS 'Writes new workflows: ENQUEUED in a queue, or PENDING and owned by an executor. One row for each
item, in order: its key, its id, and whether it is new.';

CREATE FUNCTION perdure._cron_days(line perdure.cron_line, year integer, month integer) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._cron_days(line perdure.cron_line, year integer, month integer) IS 'The days of a month on which a cron line fires, in order.';

CREATE FUNCTION perdure._cron_field(what text, field text, low integer, high integer, names text[] DEFAULT '{}'::text[]) RETURNS integer[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._cron_field(what text, field text, low integer, high integer, names text[]) IS 'The numbers that a field of a cron line allows, in order. what: its name, for errors; names: words for the
numbers from the lowest on. Raises PD001 if it cannot be read.';

CREATE FUNCTION perdure._cron_line(expression text) RETURNS perdure.cron_line
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._cron_line(expression text) IS 'Reads a cron line; cron_next says what it may hold. Raises PD001 if it cannot be read.';

CREATE FUNCTION perdure._cron_next(line perdure.cron_line, zone text, after timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._cron_next(line perdure.cron_line, zone text, after timestamp with time zone) IS 'The first tick of a cron line after a moment, in a zone that is known; null if there is none within 50 years.';

CREATE FUNCTION perdure._cron_value(token text, low integer, names text[]) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._cron_value(token text, low integer, names text[]) IS 'The number that a token of a cron line stands for; null if none. names: words for the numbers from low on.';

CREATE FUNCTION perdure._cron_wall(line perdure.cron_line, after timestamp without time zone) RETURNS timestamp without time zone
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._cron_wall(line perdure.cron_line, after timestamp without time zone) IS 'The first time after this one, on a clock that is never put forward or back, at which a cron line fires;
null if there is none within 50 years.';

CREATE FUNCTION perdure._deadlines(workflow_keys bigint[]) RETURNS timestamp with time zone[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._deadlines(workflow_keys bigint[]) IS 'The deadline of each of these workflows; null if it is not active.';

CREATE FUNCTION perdure._deduplicate(queue_id integer, options perdure.enqueue_options, keys bigint[], workflow_ids text[], names text[]) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._deduplicate(queue_id integer, options perdure.enqueue_options, keys bigint[], workflow_ids text[], names text[]) IS 'Takes deduplication ids for new workflows. Returns for each the key of the workflow that holds its id,
which is its own if it took it or has none. Raises PD012 if one is held, unless existing ones are wanted and
that one has the same name.';

CREATE FUNCTION perdure._delete_held(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._delete_held(workflow_keys bigint[]) IS 'Removes workflows that have ended, with all that belongs to them. The caller holds them.';

CREATE FUNCTION perdure._descendants(workflow_keys bigint[], most integer DEFAULT NULL::integer) RETURNS TABLE(root_key bigint, key bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._descendants(workflow_keys bigint[], most integer) IS 'These workflows and all below them, level by level, each with the one of these that it is below; at most so many.';

CREATE FUNCTION perdure._drop_floors(queue_ids integer[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._drop_floors(queue_ids integer[]) IS 'Lets claims of these queues look from the front again, because something has returned to its old place.';

CREATE FUNCTION perdure._due_ticks(schedule perdure.schedules, now timestamp with time zone, max_ticks integer, OUT ticks timestamp with time zone[], OUT next_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._due_ticks(schedule perdure.schedules, now timestamp with time zone, max_ticks integer, OUT ticks timestamp with time zone[], OUT next_at timestamp with time zone) IS 'What a schedule whose next tick has come starts now, and its next tick after that: all that were missed, at
most so many, or only the latest. Without next tick: it cannot be reckoned.';

CREATE FUNCTION perdure._end_tasks(workflow_keys bigint[], status perdure.workflow_status, error json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._end_tasks(workflow_keys bigint[], status perdure.workflow_status, error json) IS 'Ends workflows that no worker ends: expired, timed out, cancelled, dead-lettered; the executor that runs one
is told. The caller holds their tasks.';

CREATE FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, application text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, application text) IS 'Enqueues one workflow that has no options, as enqueue_many does. Returns its id; null, and does nothing, if
that is for enqueue_many to do or to refuse.';

CREATE FUNCTION perdure._exact_span(span interval) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._exact_span(span interval) IS 'The same span without days, months and years: a day is 24 hours, a month 30 days.';

CREATE FUNCTION perdure._existing_workflows(keys bigint[], holders bigint[], workflow_ids text[], names text[], options perdure.enqueue_options, created_keys bigint[], OUT ids text[], OUT workflow_keys bigint[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._expire_due(max_workflows integer) IS 'Cancels workflows that waited past the moment at which they expire, at most so many. Returns how many.';

CREATE FUNCTION perdure._export_one(workflow_key bigint, parent_id text) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._family(workflow_keys bigint[]) IS 'These workflows with all their descendants, once each, by key.';

CREATE FUNCTION perdure._find_workflows(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, after_at timestamp with time zone, after_key bigint, many integer, OUT keys bigint[], OUT times timestamp with time zone[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_mergejoin TO 'off'
    SET enable_hashjoin TO 'off'
    AS $_$ ... $_$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._floor(queue_id integer, app_version text) IS 'Where claims of a version of a queue begin to look; null if that is the front.';

CREATE FUNCTION perdure._forget_removed() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._forget_writings(workflow_keys bigint[]) IS 'Removes what others have written for these workflows, or wait for, when the workflows are being deleted.';

CREATE FUNCTION perdure._fork_points(workflow_keys bigint[], from_steps integer[], from_name text, from_last text) RETURNS integer[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._held_back(task perdure.tasks, queue perdure.queues, living bigint[]) IS 'Of explain_wait: what holds a workflow back that waits to be claimed by one of these executors.';

CREATE FUNCTION perdure._hold_executor(executor_id bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) IS 'Locks the active parents that these tokens own. Raises PD004 unless all of them are owned.';

CREATE FUNCTION perdure._hold_queue(queue text) RETURNS perdure.queues
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_queue(queue text) IS 'The row of a queue, held alone until the end of the transaction; null if there is none of that name.';

CREATE FUNCTION perdure._hold_queues(workflow_keys bigint[], queue text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_tasks(workflow_keys bigint[], tokens bigint[]) IS 'Keeps the workflows that the caller owns from ending or changing hands until the end of the transaction.
Returns the items, from 1, that it does own.';

CREATE FUNCTION perdure._hold_waiters(target_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_waiters(target_keys bigint[]) IS 'For writers of what others may wait for, before they write: keeps anybody from beginning to wait for these
workflows until the end of the transaction.';

CREATE FUNCTION perdure._hold_writers(target_key bigint) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_writers(target_key bigint) IS 'For whoever waits, before the look that decides: keeps those away who write what others wait for from this
workflow, until the end of the transaction. Returns false if one is under way.';

CREATE FUNCTION perdure._horizon(policy perdure.retention, at timestamp with time zone, OUT completed_at timestamp with time zone, OUT key bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._horizon(policy perdure.retention, at timestamp with time zone, OUT completed_at timestamp with time zone, OUT key bigint) IS 'What has ended up to there is too old for this policy, or too much; null if nothing is.';

CREATE FUNCTION perdure._identities(workflow_keys bigint[]) RETURNS json[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._identities(workflow_keys bigint[]) IS 'As what and on whose behalf each of these workflows runs; see _identity.';

CREATE FUNCTION perdure._identity(class_name text, config_name text, authenticated_user text, authenticated_roles text[], assumed_role text) RETURNS json
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._identity(class_name text, config_name text, authenticated_user text, authenticated_roles text[], assumed_role text) IS 'As what and on whose behalf a workflow runs, for its worker; null if nothing is said of that.';

CREATE FUNCTION perdure._import_one(workflow json, create_queues boolean, first_key bigint) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._import_one(workflow json, create_queues boolean, first_key bigint) IS 'Writes one workflow of a document, of which all have keys from the first on. Returns the queue in which it is active, or null.';

CREATE FUNCTION perdure._import_place(workflow perdure.exported_workflow, create_queues boolean, OUT queue_id integer, OUT lane_id integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._import_place(workflow perdure.exported_workflow, create_queues boolean, OUT queue_id integer, OUT lane_id integer) IS 'The queue of a workflow of a document, null without one, and its partition there. Raises PD001 (partitions), PD007
(no such queue).';

CREATE FUNCTION perdure._import_records(workflow_key bigint, workflow perdure.exported_workflow) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._import_records(workflow_key bigint, workflow perdure.exported_workflow) IS 'Writes the trace context, steps, events, messages and streams of a workflow of a document.';

CREATE FUNCTION perdure._import_task(workflow_key bigint, workflow perdure.exported_workflow, queue_id integer, lane_id integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._import_task(workflow_key bigint, workflow perdure.exported_workflow, queue_id integer, lane_id integer) IS 'Makes a workflow of a document active. Returns the queue in which it is. Raises PD012 (its deduplication id is held).';

CREATE FUNCTION perdure._inherit(origins perdure.workflow_origin[], parent_keys bigint[]) RETURNS perdure.workflow_origin[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._inherit(origins perdure.workflow_origin[], parent_keys bigint[]) IS 'What each child tells of itself, with the user and the roles of its parent unless it has its own.';

CREATE FUNCTION perdure._internal_queue(application text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._is_active_below(root_key bigint) IS 'Whether a workflow, or any below it, is active.';

CREATE FUNCTION perdure._is_traceparent(value text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._is_traceparent(value text) IS 'Whether it has the form of the header traceparent of W3C; null of null.';

CREATE FUNCTION perdure._iso(at timestamp with time zone, zone text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._iso(at timestamp with time zone, zone text) IS 'A moment as ISO 8601 text with the offset that the zone has then.';

CREATE FUNCTION perdure._key_of(workflow_id text) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._key_of(workflow_id text) IS 'The key of a workflow. Raises PD002 if there is none of this id.';

CREATE FUNCTION perdure._keys_of(workflow_ids text[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._keys_of(workflow_ids text[]) IS 'The keys of these workflows, in order. Raises PD002 if one does not exist.';

CREATE FUNCTION perdure._lane_ids(queue perdure.queues, partition_keys text[], many integer) RETURNS integer[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._lane_ids(queue perdure.queues, partition_keys text[], many integer) IS 'The lane of each partition key, made if it is new; null for a queue without partitions. Raises PD001 if
keys are given where there are no partitions, or missing where there are.';

CREATE FUNCTION perdure._late_and_dead(now timestamp with time zone) RETURNS TABLE(metric text, labels json, value double precision)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._late_and_dead(now timestamp with time zone) IS 'Of metrics: how many are dead, and how late is what should have happened: then nobody runs maintenance, or it does not
keep up.';

CREATE FUNCTION perdure._list_columns(filter perdure.workflow_filter, side text) RETURNS TABLE(place integer, leads boolean, field text, column_name text, many integer)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._list_columns(filter perdure.workflow_filter, side text) IS 'Of a filter the fields that name values of a column, how many they name, and whether one of these may lead the order.';

CREATE FUNCTION perdure._list_conditions(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], lead text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._list_conditions(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], lead text) IS 'The conditions of a filter but for the field that leads the order: w is workflows, e is tasks or outcomes, $1 the filter
and $5 the statuses.';

CREATE FUNCTION perdure._list_statement(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, goes_on boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._living_executors() IS 'The executors whose lease holds.';

CREATE FUNCTION perdure._lock_queue(queue_id integer, alone boolean, patient boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._look_back(workflow_keys bigint[]) IS 'Of workflows that are put down now, enqueues those for which something is there that they have noted to wait
for; those for which something may be under way stay down for a second.';

CREATE FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean, span interval) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean, span interval) IS 'Keeps the mark by which enqueueing knows whether a worker is idle on these queues, and claims again within this span.';

CREATE FUNCTION perdure._mark_watched(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._mark_watched(workflow_keys bigint[]) IS 'Notes that the end of these workflows is to be told.';

CREATE FUNCTION perdure._migrate(number integer, name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._migrate(number integer, name text) IS 'True if this migration has not run in this schema before; records it as run.';

CREATE FUNCTION perdure._new_workflow_id() RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._new_workflow_id() IS 'A new time-ordered workflow id (UUID version 7).';

CREATE FUNCTION perdure._newest_event(workflow_key bigint, name text) RETURNS TABLE(value json)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._newest_event(workflow_key bigint, name text) IS 'The value an event was last set to; no row if it never was.';

CREATE FUNCTION perdure._next_moment() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._next_moment() IS 'When the next workflow is to be woken or has its deadline; null if none is. Two index probes.';

CREATE FUNCTION perdure._next_tick_in() RETURNS interval
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._next_tick_in() IS 'The time until a schedule is due; null if none has a next tick.';

CREATE FUNCTION perdure._notify_cancelled(workflow_keys bigint[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._notify_cancelled(workflow_keys bigint[]) IS 'Tells on channel <schema>.cancelled, one notification each, that these workflows, which an executor runs,
have been ended by somebody else.';

CREATE FUNCTION perdure._notify_finished(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._notify_finished(workflow_keys bigint[]) IS 'Tells on channel <schema>.finished, one notification each, that these workflows have ended, and wakes workflows
that were put down until then. The caller has ended them.';

CREATE FUNCTION perdure._notify_queue(queue_id integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._notify_queue(queue_id integer) IS 'Tells idle workers, if there are any, on channel <schema>.work that this queue has work. Nothing instead of its name:
it is an internal one, which every worker serves.';

CREATE FUNCTION perdure._now() RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._now() IS 'The present moment, or the one a test has set in perdure.test_clock.';

CREATE FUNCTION perdure._oldest_waiting(queue_id integer, resumed boolean) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._open_queues(queue_ids integer[]) IS 'Those of these queues that are not paused, and not seen to be full, in a random order.';

CREATE FUNCTION perdure._origins(many integer, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) RETURNS perdure.workflow_origin[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._origins(many integer, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) IS 'What each of so many workflows tells of itself; null if that is nothing. Raises PD001 as _check_origins does.';

CREATE FUNCTION perdure._pass_time(duration interval) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._pass_time(duration interval) IS 'Moves every recorded moment of workflows into the past. Raises PD001 (a negative span).';

CREATE FUNCTION perdure._pin_version(app_version text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._pin_version(app_version text) IS 'Notes that there is work of this version, so that executors without version look for it.
Raises PD001 unless its name has 1 to 512 bytes.';

CREATE FUNCTION perdure._place_name(class_name text, config_name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._place_name(class_name text, config_name text) IS 'A class and an instance of it, for a message.';

CREATE FUNCTION perdure._places_for(workflow_keys bigint[], queue text, partition_keys text[] DEFAULT NULL::text[]) RETURNS TABLE(item integer, queue_id integer, lane_id integer, priority_ageing double precision)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._prune_waits() IS 'Removes notes of those who do not wait any more, some at a call.';

CREATE FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) RETURNS TABLE(item integer, outcome text)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) IS 'Takes workflows from the executor that owns them and gives back the attempt; until its delay has
passed each has the status given. Returns a row for each that the caller does not own.';

CREATE FUNCTION perdure._queue(queue text, create_queue boolean DEFAULT false, application text DEFAULT NULL::text) RETURNS perdure.queues
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._queue(queue text, create_queue boolean, application text) IS 'The row of a queue, made for an application or for none if that is asked for, and held against deletion. Null: the queue
of the application itself, which has its name and is made when it is needed.
Raises PD001 for an internal queue, PD007 if there is none of that name.';

CREATE FUNCTION perdure._raise(code text, message text, detail text DEFAULT ''::text, hint text DEFAULT ''::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise(code text, message text, detail text, hint text) IS 'Raises an error with an SQLSTATE of class PD, a message for people, and the remedy as hint.';

CREATE FUNCTION perdure._raise_deleted() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_deleted() IS 'Raises 40001: a workflow that was found a moment ago is not there any more.';

CREATE FUNCTION perdure._raise_floor(queue_id integer, app_version text, old perdure.floors, last_claimed bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_floor(queue_id integer, app_version text, old perdure.floors, last_claimed bigint) IS 'Moves the floor of a version of a queue without partitions up to its candidate, if that is safe now, and chooses the
next candidate.';

CREATE FUNCTION perdure._raise_lease_lost(workflow_key bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_lease_lost(workflow_key bigint) IS 'Raises PD004 for a workflow that the caller does not own.';

CREATE FUNCTION perdure._raise_queue_not_found(queue text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_queue_not_found(queue text) IS 'Raises PD007, or PD001 for a name that no queue can have.';

CREATE FUNCTION perdure._raise_unexpected_step(step integer, recorded text, given text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_unexpected_step(step integer, recorded text, given text) IS 'Raises PD005: another step is recorded there.';

CREATE FUNCTION perdure._raise_unreadable(message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_unreadable(message text) IS 'Raises PD001: this is wrong with the document of import_workflow.';

CREATE FUNCTION perdure._raise_workflow_not_found(workflow_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_workflow_not_found(workflow_id text) IS 'Raises PD002.';

CREATE FUNCTION perdure._rate_room(queue_id integer, lane_id integer, rate_limit integer, rate_period interval, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._rate_room(queue_id integer, lane_id integer, rate_limit integer, rate_period interval, at timestamp with time zone) IS 'How many more workflows may start now in a queue (lane 0) or a lane without exceeding its rate.';

CREATE FUNCTION perdure._read_cursor(cursor text, with_moment boolean, OUT at timestamp with time zone, OUT key bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

COMMENT ON FUNCTION perdure._read_cursor(cursor text, with_moment boolean, OUT at timestamp with time zone, OUT key bigint) IS 'The moment, if it has one, and the key of a cursor; nulls for null. Raises PD001 if it cannot be read.';

CREATE FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) IS 'Records the start of children as steps of their parents. Raises PD001 without a step, PD005
if such a step is recorded as something else.';

CREATE FUNCTION perdure._record_now(workflow_key bigint, step integer, name text, output json DEFAULT NULL::json, retry_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._record_now(workflow_key bigint, step integer, name text, output json, retry_at timestamp with time zone) IS 'Records a step of the engine''s own, for the caller that holds the task. Returns null if it is recorded now,
else ''recorded before'' or ''unexpected step''.';

CREATE FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) IS 'Ends retried steps and returns what record_steps returns: a row for each item not recorded now.';

CREATE FUNCTION perdure._recorded_before(workflow_key bigint, token bigint, step integer, name text) RETURNS json
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._recorded_before(workflow_key bigint, token bigint, step integer, name text) IS 'As _recorded_in_step, but locks nothing if nothing is recorded.';

CREATE FUNCTION perdure._recorded_in_step(workflow_key bigint, token bigint, step integer, name text) RETURNS json
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._recorded_in_step(workflow_key bigint, token bigint, step integer, name text) IS 'What is recorded of a step of a workflow that the caller owns; null if nothing is. Raises PD004 if the caller does
not own it, PD005 if another step is recorded there.';

CREATE FUNCTION perdure._recorded_steps(workflow_key bigint) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._remove_trees(root_keys bigint[], OUT removed integer, OUT dealt_with integer) IS 'Removes workflows that have ended with all that they have started, if that has ended too. Returns how many
workflows it removed, and how many of the roots, in the order given, need not be looked at again.';

CREATE FUNCTION perdure._restart_retention(workflow text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._resume(waiting bigint[], ended bigint[], queue text) IS 'Enqueues workflows anew that wait, and others that are CANCELLED or dead-lettered. The caller holds them. Raises
PD001 (partitions), PD007 (no such queue).';

CREATE FUNCTION perdure._resumed(workflow_keys bigint[], resumed_keys bigint[]) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._resumed(workflow_keys bigint[], resumed_keys bigint[]) IS 'What resume_many returns: a row for each workflow that was named, then one for each child that was resumed.';

CREATE FUNCTION perdure._retained_roots(policy perdure.retention, workflow_keys bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._retry_failed(workflow_keys bigint[], tokens bigint[], errors json[], at timestamp with time zone) IS 'Of these failed workflows, delays those that have retries left, from this moment on. Returns the tokens that they gave up.';

CREATE FUNCTION perdure._same_error(one json, other json) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._same_error(one json, other json) IS 'Whether two recorded errors have the same name and message.';

CREATE FUNCTION perdure._schedule(schedule text) RETURNS perdure.schedules
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._schedule(schedule text) IS 'The row of a schedule. Raises PD020 if there is none of that name, PD001 for a name that none can have.';

CREATE FUNCTION perdure._send(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._send(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) IS 'The body of send_many and send_in_step.';

CREATE FUNCTION perdure._set_attributes(workflow_id text, attributes jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._set_attributes(workflow_id text, attributes jsonb) IS 'Gives a workflow these attributes. Raises PD001 if they are no object, PD002 if it does not exist.';

CREATE FUNCTION perdure._set_queue(queue perdure.queues) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._set_queue(queue perdure.queues) IS 'Gives a queue these settings, from the next claim on. Raises PD001 if they do not fit, PD013 if partitions
would come or go under active workflows.';

CREATE FUNCTION perdure._sides(filter perdure.workflow_filter, statuses text[]) RETURNS TABLE(side text, statuses_there perdure.workflow_status[], part perdure.workflow_filter)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._sides(filter perdure.workflow_filter, statuses text[]) IS 'Where to look for what passes a filter: all, active, or ended, for which statuses, and with which filter; no row if
nothing can pass.';

CREATE FUNCTION perdure._span(span interval) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._span(span interval) IS 'A span for people: what is shorter than a day in seconds.';

CREATE FUNCTION perdure._start_ticks(schedule perdure.schedules, ticks timestamp with time zone[], kind text DEFAULT ''::text) RETURNS TABLE(workflow_id text, tick timestamp with time zone, created boolean)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._take_first(queue_id integer, app_version text, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) IS 'Hands the first workflows of a version of a queue without partitions to an executor, with or without a place in
the limits. Returns their keys, in no order.';

CREATE FUNCTION perdure._take_lane(queue_id integer, versions text[], lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._take_message(workflow_key bigint, topic text) IS 'Takes the first message of a topic from a workflow''s messages; no row if there is none. The caller holds the
task of the workflow, so nobody else takes it.';

CREATE FUNCTION perdure._take_over(max_workflows integer) RETURNS TABLE(executors integer, workflows_requeued integer, workflows_dead_lettered integer)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._take_wakes(max_workflows integer) IS 'Takes wake-ups for workflows that were put down, at most so many, and returns the keys of those workflows. The
caller enqueues them.';

CREATE FUNCTION perdure._tell_returned(queue_id integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._tell_returned(queue_id integer) IS 'Something that was enqueued before waits again, at its old place: claims look from the front, and idle
workers are told.';

CREATE FUNCTION perdure._time_out(workflow_keys bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._time_out(workflow_keys bigint[]) IS 'Cancels workflows whose deadline has passed. The caller holds their tasks.';

CREATE FUNCTION perdure._time_out_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._turn_back_schedules() IS 'Gives up to 1000 schedules whose next tick was reckoned in what is now the future, because the clock was set back, the
next tick after the present.';

CREATE FUNCTION perdure._version_back(workflow_key bigint, attempts integer, app_version text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._version_back(workflow_key bigint, attempts integer, app_version text) IS 'The version that a workflow has when its executor gives it back: the one that it was enqueued for, if this was
its first attempt and no step is recorded; else its present one.';

CREATE FUNCTION perdure._versions_taken(executor_id bigint, OUT own text, OUT taken text[]) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._wait_in_steps(kind text, step_name text, workflow_keys bigint[], tokens bigint[], steps integer[], target_keys bigint[], names text[], timeouts interval[], put_down boolean[]) IS 'The body of recv_many and await_events: what they return.';

CREATE FUNCTION perdure._waiting_since(workflow_key bigint) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._waiting_since(workflow_key bigint) IS 'When a workflow was created; null for null.';

CREATE FUNCTION perdure._waiting_versions(queue_id integer) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._waiting_versions(queue_id integer) IS 'The versions whose work waits to be claimed in a queue, and '''', no version, in any case.';

CREATE FUNCTION perdure._wake_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._wake_due(max_workflows integer) IS 'Enqueues workflows whose moment has come, earliest first, at most so many. Returns how many.';

CREATE FUNCTION perdure._wake_waiters(target_keys bigint[], kind text, names text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._wake_waiters(target_keys bigint[], kind text, names text[]) IS 'Wakes those who wait for this of these workflows: by notification on <schema>.wake if they are in the memory
of a worker, through the next claim if they were put down, on <schema>.changed if they are no workflows. The
caller holds _hold_waiters, or the tasks.';

CREATE FUNCTION perdure._wall_times(zone text, wall timestamp without time zone, OUT first timestamp with time zone, OUT last timestamp with time zone, OUT turn timestamp with time zone) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._wall_times(zone text, wall timestamp without time zone, OUT first timestamp with time zone, OUT last timestamp with time zone, OUT turn timestamp with time zone) IS 'When the clocks of a zone show this time. first, last: the same moment; or two, when the clocks are put
back over it; or null, when they are put forward over it. turn: in these two cases the moment of the change.';

CREATE FUNCTION perdure._with_work(queue_ids integer[], versions text[]) RETURNS integer[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._with_work(queue_ids integer[], versions text[]) IS 'Which of these queues have work of these versions (null: of any) that waits to be claimed, whether or not limits hold it back.';

CREATE FUNCTION perdure._workflow_rows(workflow_keys bigint[], moments timestamp with time zone[], with_input boolean, with_output boolean) RETURNS SETOF perdure.workflow_info
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._workflow_rows(workflow_keys bigint[], moments timestamp with time zone[], with_input boolean, with_output boolean) IS 'All about these workflows, in the order given; without those that do not exist.
moments: null, or those that their cursors begin with.';

CREATE FUNCTION perdure._write_one(workflow_key bigint, token bigint, step integer, name text, value json, closes boolean, step_name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._write_one(workflow_key bigint, token bigint, step integer, name text, value json, closes boolean, step_name text) IS 'The body of write_stream and close_stream: what they return and raise.';

CREATE FUNCTION perdure.alerts(within interval DEFAULT '01:00:00'::interval, max_waiting interval DEFAULT '00:05:00'::interval, max_failures double precision DEFAULT 0.5, min_ended integer DEFAULT 10, max_lateness interval DEFAULT '00:01:00'::interval) RETURNS TABLE(kind text, subject text, since timestamp with time zone, detail text, severity text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.await_events(workflow_keys bigint[], tokens bigint[], steps integer[], workflow_ids text[], names text[], timeouts interval[], put_down boolean[]) IS 'Waits in each of these steps of workflows that the caller owns for an event of another workflow, and records
its value.
workflow_ids, names: whose event, and which, 1 to 512 bytes.
Other parameters and what is returned are as in recv_many, with value for message.
Raises PD001 (as recv_many; bad name), PD002 (no such workflow).';

CREATE FUNCTION perdure.backfill_schedule(schedule text, since timestamp with time zone, until timestamp with time zone, max_workflows integer DEFAULT 1000) RETURNS TABLE(workflow_id text, tick timestamp with time zone, created boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.cancel(workflow_id text, children boolean) IS 'Cancels one workflow; see cancel_many. Returns true if it is CANCELLED now, false if it had ended before.
Raises PD001 (with children, in a transaction that is not read committed), PD002 (no such workflow).';

CREATE FUNCTION perdure.cancel_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.cancel_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) IS 'Cancels workflows from a step of a workflow that the caller owns, and records the step with it: however often it
is replayed, they are cancelled once. It may cancel itself. For workflow_ids and children see cancel_many.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns an object, as it is recorded: for each id what cancel_many says of it.
Raises PD001, PD002 as cancel_many does, PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.cancel_many(workflow_ids text[], children boolean DEFAULT false) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) IS 'Closes a stream of a workflow that the caller owns, as a step of it: its readers come to an end.
Returns true if it was closed now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';

CREATE FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text DEFAULT 'UTC'::text, queue text DEFAULT 'default'::text, context json DEFAULT NULL::json, automatic_backfill boolean DEFAULT false, max_recovery_attempts integer DEFAULT 100, create_queue boolean DEFAULT false, application text DEFAULT NULL::text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.delete_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) IS 'Deletes workflows from a step of a workflow that the caller owns, and records the step with it. For workflow_ids and
children see delete_workflows.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns how many were removed, as it is recorded.
Raises PD001, PD030 as delete_workflows does, PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.delete_queue(queue text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.delete_queue(queue text) IS 'Removes a queue that has no active workflows. Finished ones stay, without the name of a queue.
Raises PD001 (default, or a transaction that is not read committed), PD007 (no such queue), PD013 (it has
active workflows).';

CREATE FUNCTION perdure.delete_retention(workflow text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.delete_retention(workflow text) IS 'Removes a policy. What it was about is then up to the policy for the rest; without that it is kept for ever.
workflow: as for set_retention.
Returns whether there was one.';

CREATE FUNCTION perdure.delete_schedule(schedule text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.deregister_executor(executor_id bigint) IS 'Ends an executor in good order: what it still runs goes back to its queues at once, without
counting as an attempt. Returns how many workflows went back. An unknown executor is no error.
Raises PD001 in a transaction that is not read committed.';

CREATE FUNCTION perdure.enqueue(workflow text, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text, partition_key text DEFAULT NULL::text, deduplication_id text DEFAULT NULL::text, on_duplicate text DEFAULT 'reject'::text, delay interval DEFAULT NULL::interval, expires_in interval DEFAULT NULL::interval, retries integer DEFAULT NULL::integer, retry_interval interval DEFAULT '00:00:01'::interval, retry_backoff double precision DEFAULT 2.0, retry_max_interval interval DEFAULT '01:00:00'::interval, create_queue boolean DEFAULT false, timeout interval DEFAULT NULL::interval, deadline timestamp with time zone DEFAULT NULL::timestamp with time zone, attributes jsonb DEFAULT NULL::jsonb, authenticated_user text DEFAULT NULL::text, authenticated_roles text[] DEFAULT NULL::text[], assumed_role text DEFAULT NULL::text, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text, application text DEFAULT NULL::text, traceparent text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.fire_schedules(max_workflows integer) IS 'Starts the workflows of all schedules whose next tick has come; each tick once, however many sessions call.
run_maintenance and claim do this too, so a worker need not.
max_workflows: how many ticks one call fires at the most, 1 to 100000; of one schedule 100.
Returns how many workflows it started.
Raises PD001 (bad number, or a transaction that is not read committed).';

CREATE FUNCTION perdure.fork(workflow_id text, from_step integer DEFAULT NULL::integer, from_name text DEFAULT NULL::text, from_last text DEFAULT NULL::text, new_workflow_id text DEFAULT NULL::text, queue text DEFAULT NULL::text, app_version text DEFAULT NULL::text, partition_key text DEFAULT NULL::text, priority integer DEFAULT 0, timeout interval DEFAULT NULL::interval, children json DEFAULT NULL::json) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.fork(workflow_id text, from_step integer, from_name text, from_last text, new_workflow_id text, queue text, app_version text, partition_key text, priority integer, timeout interval, children json) IS 'Starts a new workflow that goes on from a step of another, with all that it recorded before; see fork_many, for the
parameters, too, which have one value instead of an array.
Returns the id of the fork.
Raises PD001 (bad argument, no such step), PD002 (no such workflow), PD003 (the id of another workflow), PD007 (no
such queue).';

CREATE FUNCTION perdure.fork_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], from_steps integer[] DEFAULT NULL::integer[], from_name text DEFAULT NULL::text, from_last text DEFAULT NULL::text, new_workflow_ids text[] DEFAULT NULL::text[], queue text DEFAULT NULL::text, app_version text DEFAULT NULL::text, partition_keys text[] DEFAULT NULL::text[], priorities integer[] DEFAULT NULL::integer[], timeout interval DEFAULT NULL::interval, children json DEFAULT NULL::json) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_all_events(workflow_id text) IS 'The events of a workflow with their newest values, by name.
Raises PD002 (no such workflow).';

CREATE FUNCTION perdure.get_event(workflow_id text, name text) RETURNS TABLE(value json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_event(workflow_id text, name text) IS 'The value an event of a workflow was last set to; no row while it has not been set (watch tells when it is).
Raises PD001 (bad name), PD002 (no such workflow).';

CREATE FUNCTION perdure.get_result(workflow_id text) RETURNS TABLE(status text, output json, error json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) IS 'The results of those of these workflows that have ended; no row for one that is active.
watch: true to be notified, on channel <schema>.finished with the id as payload, when another ends. Commit at
once then: until you do, those that are active can be neither claimed nor ended.
Returns the id, the status, and the output or the error.
Raises PD002 if one of them does not exist.';

CREATE FUNCTION perdure.get_schedule(schedule text) RETURNS TABLE(workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, paused boolean, next_at timestamp with time zone, last_at timestamp with time zone, created_at timestamp with time zone, application text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_schedule(schedule text) IS 'One schedule; see list_schedules. Raises PD001 (a name that none can have), PD020 (no such schedule).';

CREATE FUNCTION perdure.get_workflow(workflow_id text) RETURNS SETOF perdure.workflow_info
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_workflow(workflow_id text) IS 'All about one workflow: one row, with the columns of list_workflows. queue is null for a direct start; executor is the
name of the one that runs it, or ran it, while that is registered; app_version is the version that it belongs to, if any; wake_at is set while it waits for a moment;
attempts: how often a worker began to run it, since its last failure that was retried; failures: how many of its
retries were used; deadline is when it is cancelled, or would have been: with a timeout it is set at the first start.
Raises PD002 if it does not exist.';

CREATE FUNCTION perdure.heartbeat(executor_id bigint, OUT lease_until timestamp with time zone, OUT renew_in interval, OUT suspend_after interval) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.heartbeat(executor_id bigint, OUT lease_until timestamp with time zone, OUT renew_in interval, OUT suspend_after interval) IS 'Renews the lease of an executor by the span it was registered with. A worker calls it first when it has registered.
Returns lease_until, when the lease ends; renew_in, after what time to call again: within a third of the lease; and
suspend_after: what a workflow waits for longer than this is put down, not waited for in memory. All are null if the
lease is lost: then its workflows belong to others, it should stop running them and register again.';

CREATE FUNCTION perdure.import_workflow(document json, create_queues boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.keep_traces(workflow_ids text[], traceparents text[]) IS 'Keeps the trace contexts of workflows, the first for each, and returns what is kept: null if none is.
workflow_ids: those that do not exist are passed over.
traceparents: for each workflow that in which it was started, in the form of the W3C header; null: only read.
Raises PD001 (not one for each, or no such form).';

CREATE FUNCTION perdure.list_executors() RETURNS TABLE(executor_id bigint, name text, app_version text, application text, latest boolean, registered_at timestamp with time zone, lease_until timestamp with time zone, alive boolean, running bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.list_executors() IS 'The registered executors, the version each has (null: none, it takes the work of all), whether that is the latest,
whether their lease holds, and how many workflows each runs.';

CREATE FUNCTION perdure.list_queues() RETURNS TABLE(queue text, paused boolean, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, created_at timestamp with time zone, application text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.list_queues() IS 'The queues by name with their settings (see register_queue), without the internal ones. application
is null for a queue that belongs to none.';

CREATE FUNCTION perdure.list_retention() RETURNS TABLE(workflow text, max_age interval, max_count bigint, statuses text[], created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.list_retention() IS 'The policies of set_retention: the one for the rest, whose workflow is null, then by name.';

CREATE FUNCTION perdure.list_schedules() RETURNS TABLE(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, paused boolean, next_at timestamp with time zone, last_at timestamp with time zone, created_at timestamp with time zone, application text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.lost_workflows(workflow_keys bigint[], tokens bigint[]) IS 'Of workflows that a worker runs, those that are not its own any more: cancelled, timed out, ended, or taken
over. For a worker that was told on channel <schema>.cancelled, or that cannot listen.
workflow_keys, tokens: from claim or start.
Returns a row for each that is lost: its place in the arrays, from 1.
Raises PD001 if the arrays differ in length.';

CREATE FUNCTION perdure.metrics() RETURNS TABLE(metric text, labels json, value double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.pause_queue(queue text) IS 'Lets no more workflows of a queue start. What runs goes on; what is enqueued waits. When this returns
no claim is under way any more. Raises PD001 (the internal queue, or a transaction
that is not read committed), PD007 (no such queue).';

CREATE FUNCTION perdure.pause_schedule(schedule text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.preview_retention(workflow text, max_workflows integer) IS 'What the policy of a name would remove now, earliest first; nothing is removed. It reads the history up to
where the policy ends, so it takes its time on a large one. To see what another policy would remove, set it, look, and
roll back.
workflow: as for set_retention. max_workflows: how many to name at most, 1 to 100000.
Returns the id and name of each, how it ended and when, and how many descendants would go with it.
Raises PD001 (a number out of range).';

CREATE FUNCTION perdure.queue_stats(only_queue text DEFAULT NULL::text, with_direct boolean DEFAULT false) RETURNS TABLE(queue text, waiting bigint, delayed bigint, running bigint, suspended bigint, partitions_waiting bigint, oldest_waiting interval)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.recv(workflow_key bigint, token bigint, step integer, topic text, timeout interval, put_down boolean) IS 'Receives a message in one step of a workflow that the caller owns: the first of its topic. Parameters and
outcomes are those of recv_many. Returns one row.
Raises PD001 (as recv_many), PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.recv_many(workflow_keys bigint[], tokens bigint[], steps integer[], topics text[], timeouts interval[] DEFAULT NULL::interval[], put_down boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text, message json, error json, wait_for interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.register_version(app_version text, application text) IS 'Makes a version known. A new one is the latest from now on: its executors take what was enqueued without a
version. register_executor does the same for the version that it is given.
app_version: its name, 1 to 512 bytes.
application: null, or the application whose version it is: each has a latest of its own.
Returns true if it is new. One that is known stays as it is.
Raises PD001 for a bad name.';

CREATE FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval DEFAULT NULL::interval, to_others boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval, to_others boolean) IS 'Gives one claimed workflow back to its queue; see release_many. Raises PD004 if the caller does not
own it.';

CREATE FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[] DEFAULT NULL::interval[], to_others boolean DEFAULT false) RETURNS TABLE(item integer, outcome text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.resume(workflow_id text, queue text, children boolean) IS 'Enqueues a workflow again that was cancelled or dead-lettered; see resume_many. Returns false, and does nothing, if
it is active, or has ended as SUCCESS or ERROR.
Raises PD001 (a partition key is missing, or a transaction that is not read committed), PD002 (no such workflow), PD007 (no such queue).';

CREATE FUNCTION perdure.resume_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], queue text DEFAULT NULL::text, children boolean DEFAULT false) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.resume_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], queue text, children boolean) IS 'Resumes workflows from a step of a workflow that the caller owns, and records the step with it: however often it
is replayed, they are resumed once. For workflow_ids, queue and children see resume_many.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns an object, as it is recorded: for each id what resume_many says of it.
Raises PD001, PD002, PD007 as resume_many does, PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.resume_many(workflow_ids text[], queue text DEFAULT NULL::text, children boolean DEFAULT false) RETURNS TABLE(item integer, workflow_id text, outcome text, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.resume_queue(queue text) IS 'Lets workflows of a paused queue start again. Raises PD001 (the internal queue, or a transaction that is
not read committed), PD007 (no such queue).';

CREATE FUNCTION perdure.resume_schedule(schedule text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.resume_schedule(schedule text) IS 'Lets a schedule start workflows again, from the next tick on; what it would have started while it was paused
is not (backfill_schedule starts it). Returns the next tick.
Raises PD001 (a name that none can have, or a zone that this Postgres does not know any more), PD020 (no such
schedule).';

CREATE FUNCTION perdure.run_maintenance(max_workflows integer DEFAULT 1000) RETURNS TABLE(executors_lapsed integer, workflows_requeued integer, workflows_dead_lettered integer, workflows_woken integer, workflows_expired integer, workflows_timed_out integer, next_lapse_in interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.schema_version() IS 'The version of this schema: the number of its newest migration. A client compares it with
what it was written for.';

CREATE FUNCTION perdure.send(workflow_id text, message json, topic text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.send(workflow_id text, message json, topic text, idempotency_key text) IS 'Sends one message to a workflow; see send_many. Returns false if its idempotency key was used before.
Raises PD001 (bad topic or key), PD002 (no such workflow).';

CREATE FUNCTION perdure.send_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], messages json[], topics text[] DEFAULT NULL::text[], idempotency_keys text[] DEFAULT NULL::text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.send_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) IS 'Sends messages from a step of a workflow that the caller owns, and records the step with them: however often
it is replayed, they are sent once. For parameters see send_many.
Returns true if they were sent now, false if the step was recorded before.
Raises PD001, PD002 as send_many does, PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.send_many(workflow_ids text[], messages json[], topics text[] DEFAULT NULL::text[], idempotency_keys text[] DEFAULT NULL::text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.set_attributes(workflow_id text, attributes jsonb) IS 'Replaces the attributes of a workflow, in whatever state it is.
workflow_id: the workflow.
attributes: a JSON object, in place of all that it had; null: none.
Raises PD001 (no object), PD002 (no such workflow).';

CREATE FUNCTION perdure.set_attributes_in_step(workflow_key bigint, token bigint, step integer, workflow_id text, attributes jsonb) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.set_delay(workflow_id text, delay interval) IS 'Changes when a DELAYED workflow is enqueued: the delay counts from now; 0: at once.
Returns false, and changes nothing, if it is not DELAYED (any more).
Raises PD001 (delay out of range), PD002 (no such workflow).';

CREATE FUNCTION perdure.set_event(workflow_key bigint, token bigint, step integer, name text, value json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.set_event(workflow_key bigint, token bigint, step integer, name text, value json) IS 'Sets one event of a workflow that the caller owns, as a step of it; see set_events.
Returns true if it was set now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.set_events(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], in_step boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.set_latest_version(app_version text, application text) IS 'Makes a version the latest: its executors take what was enqueued without a version, from their next claim on.
app_version: one that is registered. To go back to an earlier one, name that.
application: null, or the application whose version it is.
Raises PD001 (no such version).';

CREATE FUNCTION perdure.set_retention(workflow text DEFAULT NULL::text, max_age interval DEFAULT NULL::interval, max_count bigint DEFAULT NULL::bigint, statuses text[] DEFAULT NULL::text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.sleep(workflow_key bigint, token bigint, step integer, duration interval, put_down boolean) IS 'Begins a sleep in one step of a workflow that the caller owns, or goes on with it; see sleep_many.
Returns what is left of it.
Raises PD001 (out of range), PD004 (lease lost), PD005 (another step is recorded there).';

CREATE FUNCTION perdure.sleep_many(workflow_keys bigint[], tokens bigint[], steps integer[], durations interval[], put_down boolean[] DEFAULT NULL::boolean[]) RETURNS TABLE(item integer, outcome text, name text, wait_for interval)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval) IS 'Puts one running workflow down until the delay has passed; see suspend_many. Raises PD004 if the
caller does not own it.';

CREATE FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.suspend_until_ended(workflow_key bigint, token bigint, workflow_ids text[]) IS 'Takes a workflow that the caller owns from this worker until one of these others has ended; then it is
claimed again.
workflow_key, token: from claim or start. workflow_ids: those whose end it waits for.
Returns true if it was put down, and its token is void; false if one of them has ended already.
Raises PD001 (itself), PD002 (no such workflow), PD004 (lease lost).';

CREATE FUNCTION perdure.trigger_schedule(schedule text, at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.trigger_schedule(schedule text, at timestamp with time zone) IS 'Starts a workflow of a schedule at once, also of one that is paused. Its ticks are not changed.
at: null for now, or the time that the workflow is given. It is in the id, sched-<schedule>-trigger-<time in UTC>,
so a call that is made again with the same time starts nothing more.
Returns the id.
Raises PD001 (bad argument), PD020 (no such schedule).';

CREATE FUNCTION perdure.update_queue(queue text, changes json) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $_$ ... $_$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

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

GRANT USAGE ON SCHEMA perdure TO perdure_client;
GRANT USAGE ON SCHEMA perdure TO perdure_worker;
GRANT USAGE ON SCHEMA perdure TO perdure_operator;

REVOKE ALL ON FUNCTION perdure._alert(kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._alerts_of_ended(since timestamp with time zone, max_failures double precision, min_ended integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._alerts_of_upkeep(max_lateness interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._alerts_of_waiting(max_waiting interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._anything_due() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._apply_retention(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._await(target_key bigint, kind text, name text, waiter_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._backoff(first interval, factor double precision, most interval, retry integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cancel_held(active bigint[], dead bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cancelled(workflow_keys bigint[], cancelled_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_application(application text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_children(children json) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_deadline(timeout interval, deadline timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_exported(workflow perdure.exported_workflow) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_filter(filter perdure.workflow_filter, statuses text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_floors() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_groups(group_by text[], known text[], max_groups integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_isolation(verb text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_lanes() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_options(on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_origins(origins perdure.workflow_origin[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_queue(queue perdure.queues) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_repeated_ids(workflow_ids text[], inputs json[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_same_forks(new_ids text[], original_ids text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[], origins perdure.workflow_origin[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_schedule(schedule perdure.schedules, create_queue boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_span(what text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_statuses(statuses text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_text(what text, value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_zone(zone text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer, patient boolean, versions text[], own_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._claim_queues(queue_ids integer[], executor_id bigint, max_workflows integer, versions text[], own_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._copy_history(from_keys bigint[], to_keys bigint[], first_steps integer[], children json) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._count_back(policy perdure.retention) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._count_starts(queue_id integer, lane_id integer, many integer, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._create_forks(original_keys bigint[], new_keys bigint[], new_ids text[], queue_ids integer[], lane_ids integer[], priorities integer[], app_version text, timeout interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], options perdure.enqueue_options) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cron_days(line perdure.cron_line, year integer, month integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cron_field(what text, field text, low integer, high integer, names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cron_line(expression text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cron_next(line perdure.cron_line, zone text, after timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cron_value(token text, low integer, names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._cron_wall(line perdure.cron_line, after timestamp without time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._deadlines(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._deduplicate(queue_id integer, options perdure.enqueue_options, keys bigint[], workflow_ids text[], names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._delete_held(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._descendants(workflow_keys bigint[], most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._drop_floors(queue_ids integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._due_ticks(schedule perdure.schedules, now timestamp with time zone, max_ticks integer, OUT ticks timestamp with time zone[], OUT next_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._end_tasks(workflow_keys bigint[], status perdure.workflow_status, error json) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._enqueue_plain(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, application text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._exact_span(span interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._existing_workflows(keys bigint[], holders bigint[], workflow_ids text[], names text[], options perdure.enqueue_options, created_keys bigint[], OUT ids text[], OUT workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._expire_due(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._export_one(workflow_key bigint, parent_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._family(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._find_workflows(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, after_at timestamp with time zone, after_key bigint, many integer, OUT keys bigint[], OUT times timestamp with time zone[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._fire_due(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._floor(queue_id integer, app_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._forget_removed() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._forget_writings(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._fork_points(workflow_keys bigint[], from_steps integer[], from_name text, from_last text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._held_back(task perdure.tasks, queue perdure.queues, living bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_executor(executor_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_family(workflow_keys bigint[], children boolean, caller_key bigint, OUT active bigint[], OUT dead bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_queue(queue text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_queues(workflow_keys bigint[], queue text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_resumable(workflow_keys bigint[], queue text, caller_key bigint, OUT waiting bigint[], OUT ended bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_tasks(workflow_keys bigint[], tokens bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_waiters(target_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_writers(target_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._horizon(policy perdure.retention, at timestamp with time zone, OUT completed_at timestamp with time zone, OUT key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._identities(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._identity(class_name text, config_name text, authenticated_user text, authenticated_roles text[], assumed_role text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._import_one(workflow json, create_queues boolean, first_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._import_place(workflow perdure.exported_workflow, create_queues boolean, OUT queue_id integer, OUT lane_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._import_records(workflow_key bigint, workflow perdure.exported_workflow) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._import_task(workflow_key bigint, workflow perdure.exported_workflow, queue_id integer, lane_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._inherit(origins perdure.workflow_origin[], parent_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._internal_queue(application text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._is_active_below(root_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._is_traceparent(value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._iso(at timestamp with time zone, zone text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._key_of(workflow_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._keys_of(workflow_ids text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._lane_ids(queue perdure.queues, partition_keys text[], many integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._late_and_dead(now timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._list_columns(filter perdure.workflow_filter, side text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._list_conditions(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], lead text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._list_statement(filter perdure.workflow_filter, side text, statuses perdure.workflow_status[], sort text, newest_first boolean, goes_on boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._living_executors() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._lock_queue(queue_id integer, alone boolean, patient boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._look_back(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean, span interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._mark_watched(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._migrate(number integer, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._new_workflow_id() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._newest_event(workflow_key bigint, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._next_moment() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._next_tick_in() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._notify_cancelled(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._notify_finished(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._notify_queue(queue_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._now() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._oldest_waiting(queue_id integer, resumed boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._open_queues(queue_ids integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._origins(many integer, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._pass_time(duration interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._pin_version(app_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._place_name(class_name text, config_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._places_for(workflow_keys bigint[], queue text, partition_keys text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._places_taken(queue_id integer, lane_id integer, executor_id bigint, most integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._prune_starts() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._prune_waits() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._queue(queue text, create_queue boolean, application text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise(code text, message text, detail text, hint text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_deleted() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_floor(queue_id integer, app_version text, old perdure.floors, last_claimed bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_lease_lost(workflow_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_queue_not_found(queue text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_unexpected_step(step integer, recorded text, given text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_unreadable(message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_workflow_not_found(workflow_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._rate_room(queue_id integer, lane_id integer, rate_limit integer, rate_period interval, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._read_cursor(cursor text, with_moment boolean, OUT at timestamp with time zone, OUT key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._record_now(workflow_key bigint, step integer, name text, output json, retry_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._recorded_before(workflow_key bigint, token bigint, step integer, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._recorded_in_step(workflow_key bigint, token bigint, step integer, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._recorded_steps(workflow_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._remove_trees(root_keys bigint[], OUT removed integer, OUT dealt_with integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._restart_retention(workflow text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._resume(waiting bigint[], ended bigint[], queue text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._resumed(workflow_keys bigint[], resumed_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._retained_roots(policy perdure.retention, workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._retry_failed(workflow_keys bigint[], tokens bigint[], errors json[], at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._same_error(one json, other json) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._schedule(schedule text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._send(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._set_attributes(workflow_id text, attributes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._set_queue(queue perdure.queues) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._sides(filter perdure.workflow_filter, statuses text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._span(span interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._start_ticks(schedule perdure.schedules, ticks timestamp with time zone[], kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._sweep(policy perdure.retention, max_workflows integer, OUT swept_at timestamp with time zone, OUT swept_key bigint, OUT sweep_began_at timestamp with time zone, OUT removed integer, OUT is_done boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_first(queue_id integer, app_version text, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_lane(queue_id integer, versions text[], lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_message(workflow_key bigint, topic text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_over(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_partitions(queue perdure.queues, executor_id bigint, max_workflows integer, at timestamp with time zone, versions text[], own_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_ready(queue_id integer, app_version text, lane_id integer, executor_id bigint, own_version text, max_workflows integer, placed boolean, at timestamp with time zone, from_rank double precision, from_key bigint, before_rank double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_returning(queue_id integer, executor_id bigint, max_workflows integer, versions text[], own_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_wakes(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._tell_returned(queue_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._time_out(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._time_out_due(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._turn_back_schedules() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._version_back(workflow_key bigint, attempts integer, app_version text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._versions_taken(executor_id bigint, OUT own text, OUT taken text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._wait_in_steps(kind text, step_name text, workflow_keys bigint[], tokens bigint[], steps integer[], target_keys bigint[], names text[], timeouts interval[], put_down boolean[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._waiting_since(workflow_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._waiting_versions(queue_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._wake_due(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._wake_waiters(target_keys bigint[], kind text, names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._wall_times(zone text, wall timestamp without time zone, OUT first timestamp with time zone, OUT last timestamp with time zone, OUT turn timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._with_work(queue_ids integer[], versions text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._workflow_rows(workflow_keys bigint[], moments timestamp with time zone[], with_input boolean, with_output boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._write_one(workflow_key bigint, token bigint, step integer, name text, value json, closes boolean, step_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure.alerts(within interval, max_waiting interval, max_failures double precision, min_ended integer, max_lateness interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.alerts(within interval, max_waiting interval, max_failures double precision, min_ended integer, max_lateness interval) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.apply_schedules(schedules json, create_queues boolean, application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.apply_schedules(schedules json, create_queues boolean, application text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.await_events(workflow_keys bigint[], tokens bigint[], steps integer[], workflow_ids text[], names text[], timeouts interval[], put_down boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.await_events(workflow_keys bigint[], tokens bigint[], steps integer[], workflow_ids text[], names text[], timeouts interval[], put_down boolean[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.backfill_schedule(schedule text, since timestamp with time zone, until timestamp with time zone, max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.backfill_schedule(schedule text, since timestamp with time zone, until timestamp with time zone, max_workflows integer) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.cancel(workflow_id text, children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.cancel(workflow_id text, children boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.cancel_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.cancel_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.cancel_many(workflow_ids text[], children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.cancel_many(workflow_ids text[], children boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer, poll_interval interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer, poll_interval interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.close_stream(workflow_key bigint, token bigint, step integer, name text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, create_queue boolean, application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.create_schedule(schedule text, workflow text, cron text, zone text, queue text, context json, automatic_backfill boolean, max_recovery_attempts integer, create_queue boolean, application text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.cron_next(expression text, zone text, after timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.cron_next(expression text, zone text, after timestamp with time zone) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.cron_ticks(expression text, zone text, after timestamp with time zone, max_ticks integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.cron_ticks(expression text, zone text, after timestamp with time zone, max_ticks integer) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.debounce(workflow text, debounce_key text, delay interval, input json, queue text, max_delay interval, partition_key text, workflow_id text, priority integer, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, create_queue boolean, traceparent text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.debounce(workflow text, debounce_key text, delay interval, input json, queue text, max_delay interval, partition_key text, workflow_id text, priority integer, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, create_queue boolean, traceparent text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.delete_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.delete_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], children boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.delete_queue(queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.delete_queue(queue text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.delete_retention(workflow text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.delete_retention(workflow text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.delete_schedule(schedule text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.delete_schedule(schedule text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.delete_workflows(workflow_ids text[], children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.delete_workflows(workflow_ids text[], children boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.deprecate_patch(workflow_key bigint, token bigint, step integer, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.deprecate_patch(workflow_key bigint, token bigint, step integer, name text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.deregister_executor(executor_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.deregister_executor(executor_id bigint) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, partition_key text, deduplication_id text, on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, traceparent text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text, partition_key text, deduplication_id text, on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, traceparent text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], partition_keys text[], deduplication_ids text[], on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, traceparents text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], partition_keys text[], deduplication_ids text[], on_duplicate text, delay interval, expires_in interval, retries integer, retry_interval interval, retry_backoff double precision, retry_max_interval interval, create_queue boolean, timeout interval, deadline timestamp with time zone, attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text, application text, traceparents text[]) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.explain_wait(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.explain_wait(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.export_workflow(workflow_id text, children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.export_workflow(workflow_id text, children boolean) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval, backoff double precision, max_interval interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval, backoff double precision, max_interval interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.fire_schedules(max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.fire_schedules(max_workflows integer) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.fork(workflow_id text, from_step integer, from_name text, from_last text, new_workflow_id text, queue text, app_version text, partition_key text, priority integer, timeout interval, children json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.fork(workflow_id text, from_step integer, from_name text, from_last text, new_workflow_id text, queue text, app_version text, partition_key text, priority integer, timeout interval, children json) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.fork_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], from_steps integer[], from_name text, from_last text, new_workflow_ids text[], queue text, app_version text, partition_keys text[], priorities integer[], timeout interval, children json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.fork_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], from_steps integer[], from_name text, from_last text, new_workflow_ids text[], queue text, app_version text, partition_keys text[], priorities integer[], timeout interval, children json) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.fork_many(workflow_ids text[], from_steps integer[], from_name text, from_last text, new_workflow_ids text[], queue text, app_version text, partition_keys text[], priorities integer[], timeout interval, children json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.fork_many(workflow_ids text[], from_steps integer[], from_name text, from_last text, new_workflow_ids text[], queue text, app_version text, partition_keys text[], priorities integer[], timeout interval, children json) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_all_events(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_all_events(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_event(workflow_id text, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_event(workflow_id text, name text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_result(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_result(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_schedule(schedule text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_schedule(schedule text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_workflow(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_workflow(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.heartbeat(executor_id bigint, OUT lease_until timestamp with time zone, OUT renew_in interval, OUT suspend_after interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.heartbeat(executor_id bigint, OUT lease_until timestamp with time zone, OUT renew_in interval, OUT suspend_after interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.import_workflow(document json, create_queues boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.import_workflow(document json, create_queues boolean) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.keep_traces(workflow_ids text[], traceparents text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.keep_traces(workflow_ids text[], traceparents text[]) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.list_executors() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_executors() TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.list_queues() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_queues() TO perdure_client;

REVOKE ALL ON FUNCTION perdure.list_retention() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_retention() TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.list_schedules() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_schedules() TO perdure_client;

REVOKE ALL ON FUNCTION perdure.list_steps(workflow_id text, with_output boolean, after_step integer, max_steps integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_steps(workflow_id text, with_output boolean, after_step integer, max_steps integer) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.list_versions(of_application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_versions(of_application text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.list_workflows(workflow_ids text[], id_prefixes text[], statuses text[], names text[], app_versions text[], users text[], queues text[], queued boolean, executors text[], parents text[], has_parent boolean, forked_from text[], is_fork boolean, was_forked boolean, schedules text[], attributes jsonb, applications text[], created_from timestamp with time zone, created_until timestamp with time zone, started_from timestamp with time zone, started_until timestamp with time zone, completed_from timestamp with time zone, completed_until timestamp with time zone, newest_first boolean, max_workflows integer, after text, with_input boolean, with_output boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_workflows(workflow_ids text[], id_prefixes text[], statuses text[], names text[], app_versions text[], users text[], queues text[], queued boolean, executors text[], parents text[], has_parent boolean, forked_from text[], is_fork boolean, was_forked boolean, schedules text[], attributes jsonb, applications text[], created_from timestamp with time zone, created_until timestamp with time zone, started_from timestamp with time zone, started_until timestamp with time zone, completed_from timestamp with time zone, completed_until timestamp with time zone, newest_first boolean, max_workflows integer, after text, with_input boolean, with_output boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.lost_workflows(workflow_keys bigint[], tokens bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.lost_workflows(workflow_keys bigint[], tokens bigint[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.metrics() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.metrics() TO perdure_client;

REVOKE ALL ON FUNCTION perdure.notify_alerts(enabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.notify_alerts(enabled boolean) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.patch(workflow_key bigint, token bigint, step integer, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.patch(workflow_key bigint, token bigint, step integer, name text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.pause_queue(queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.pause_queue(queue text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.pause_schedule(schedule text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.pause_schedule(schedule text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.place_steps(workflow_keys bigint[], tokens bigint[], steps integer[], places text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.place_steps(workflow_keys bigint[], tokens bigint[], steps integer[], places text[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.preview_retention(workflow text, max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.preview_retention(workflow text, max_workflows integer) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.queue_stats(only_queue text, with_direct boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.queue_stats(only_queue text, with_direct boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.read_stream(workflow_id text, name text, from_entry integer, max_entries integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.read_stream(workflow_id text, name text, from_entry integer, max_entries integer) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json, duration interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json, duration interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.recv(workflow_key bigint, token bigint, step integer, topic text, timeout interval, put_down boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.recv(workflow_key bigint, token bigint, step integer, topic text, timeout interval, put_down boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.recv_many(workflow_keys bigint[], tokens bigint[], steps integer[], topics text[], timeouts interval[], put_down boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.recv_many(workflow_keys bigint[], tokens bigint[], steps integer[], topics text[], timeouts interval[], put_down boolean[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.register_executor(name text, lease interval, app_version text, workflows text[], queues text[], application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.register_executor(name text, lease interval, app_version text, workflows text[], queues text[], application text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.register_queue(queue text, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, on_conflict text, application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.register_queue(queue text, concurrency integer, worker_concurrency integer, rate_limit integer, rate_period interval, partitioned boolean, partition_concurrency integer, partition_rate_limit integer, partition_rate_period interval, priority_ageing interval, on_conflict text, application text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.register_version(app_version text, application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.register_version(app_version text, application text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval, to_others boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval, to_others boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[], to_others boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[], to_others boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.rename_application(old_name text, new_name text, OUT workflows bigint, OUT queues bigint, OUT schedules bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.rename_application(old_name text, new_name text, OUT workflows bigint, OUT queues bigint, OUT schedules bigint) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.resume(workflow_id text, queue text, children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.resume(workflow_id text, queue text, children boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.resume_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], queue text, children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.resume_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], queue text, children boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.resume_many(workflow_ids text[], queue text, children boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.resume_many(workflow_ids text[], queue text, children boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.resume_queue(queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.resume_queue(queue text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.resume_schedule(schedule text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.resume_schedule(schedule text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.run_maintenance(max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.run_maintenance(max_workflows integer) TO perdure_worker;
GRANT ALL ON FUNCTION perdure.run_maintenance(max_workflows integer) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.schema_version() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.schema_version() TO perdure_client;

REVOKE ALL ON FUNCTION perdure.send(workflow_id text, message json, topic text, idempotency_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.send(workflow_id text, message json, topic text, idempotency_key text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.send_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.send_in_step(workflow_key bigint, token bigint, step integer, workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.send_many(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.send_many(workflow_ids text[], messages json[], topics text[], idempotency_keys text[]) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.set_attributes(workflow_id text, attributes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_attributes(workflow_id text, attributes jsonb) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.set_attributes_in_step(workflow_key bigint, token bigint, step integer, workflow_id text, attributes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_attributes_in_step(workflow_key bigint, token bigint, step integer, workflow_id text, attributes jsonb) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.set_delay(workflow_id text, delay interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_delay(workflow_id text, delay interval) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.set_event(workflow_key bigint, token bigint, step integer, name text, value json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_event(workflow_key bigint, token bigint, step integer, name text, value json) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.set_events(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], in_step boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_events(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], in_step boolean[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.set_latest_version(app_version text, application text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_latest_version(app_version text, application text) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.set_retention(workflow text, max_age interval, max_count bigint, statuses text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_retention(workflow text, max_age interval, max_count bigint, statuses text[]) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.set_version(to_version text, workflow_ids text[], from_version text, max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.set_version(to_version text, workflow_ids text[], from_version text, max_workflows integer) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.sleep(workflow_key bigint, token bigint, step integer, duration interval, put_down boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.sleep(workflow_key bigint, token bigint, step integer, duration interval, put_down boolean) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.sleep_many(workflow_keys bigint[], tokens bigint[], steps integer[], durations interval[], put_down boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.sleep_many(workflow_keys bigint[], tokens bigint[], steps integer[], durations interval[], put_down boolean[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text, timeout interval, deadline timestamp with time zone, attributes jsonb, authenticated_user text, authenticated_roles text[], assumed_role text, class_name text, config_name text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], timeouts interval[], deadlines timestamp with time zone[], attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[], timeouts interval[], deadlines timestamp with time zone[], attributes jsonb[], authenticated_user text, authenticated_roles text[], assumed_role text, class_names text[], config_names text[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.status() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.status() TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.step_aggregates(group_by text[], step_names text[], names text[], created_from timestamp with time zone, created_until timestamp with time zone, max_groups integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.step_aggregates(group_by text[], step_names text[], names text[], created_from timestamp with time zone, created_until timestamp with time zone, max_groups integer) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.suspend_until_ended(workflow_key bigint, token bigint, workflow_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.suspend_until_ended(workflow_key bigint, token bigint, workflow_ids text[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.trigger_schedule(schedule text, at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.trigger_schedule(schedule text, at timestamp with time zone) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.update_queue(queue text, changes json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.update_queue(queue text, changes json) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.watch(workflow_id text, kind text, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.watch(workflow_id text, kind text, name text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.workflow_aggregates(group_by text[], statuses text[], names text[], queues text[], created_from timestamp with time zone, created_until timestamp with time zone, completed_from timestamp with time zone, completed_until timestamp with time zone, bucket_width interval, max_groups integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.workflow_aggregates(group_by text[], statuses text[], names text[], queues text[], created_from timestamp with time zone, created_until timestamp with time zone, completed_from timestamp with time zone, completed_until timestamp with time zone, bucket_width interval, max_groups integer) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.workflow_durations(group_by text[], statuses text[], names text[], queues text[], completed_from timestamp with time zone, completed_until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.workflow_durations(group_by text[], statuses text[], names text[], queues text[], completed_from timestamp with time zone, completed_until timestamp with time zone) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.workflow_tree(workflow_id text, max_depth integer, max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.workflow_tree(workflow_id text, max_depth integer, max_workflows integer) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.write_stream(workflow_key bigint, token bigint, step integer, name text, value json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.write_stream(workflow_key bigint, token bigint, step integer, name text, value json) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.write_streams(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], closes boolean[], in_step boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.write_streams(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], "values" json[], closes boolean[], in_step boolean[]) TO perdure_worker;
