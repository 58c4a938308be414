-- The schema of a fresh installation, without the bodies of functions. Made by `make schema-dump`;
-- `make check` fails when it is not current. For reading: `make install-sql` installs.

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[]) IS 'Raises PD003 if one of these ids exists under another workflow name.';

CREATE FUNCTION perdure._check_text(what text, value text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._check_text(what text, value text) IS 'Raises PD001 unless the value has 1 to 512 bytes. Identifiers and names go through here.';

CREATE FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer) IS 'Hands the first workflows of one queue to an executor. Returns their keys, in no order.';

CREATE FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, created boolean)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) IS 'Writes new workflows: ENQUEUED in a queue, or PENDING and owned by an executor. One row for each
item, in order: its key, its id, and whether it is new.';

CREATE FUNCTION perdure._hold_executor(executor_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_executor(executor_id bigint) IS 'Keeps an executor from being taken over until the end of the transaction. Raises PD006 if it
has no lease.';

CREATE FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) IS 'Locks the active parents that these tokens own. Raises PD004 unless all of them are owned.';

CREATE FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) IS 'Keeps the mark by which enqueueing knows whether a worker is idle on these queues.';

CREATE FUNCTION perdure._migrate(number integer, name text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._migrate(number integer, name text) IS 'True if this migration has not run in this schema before; records it as run.';

CREATE FUNCTION perdure._new_workflow_id() RETURNS text
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._new_workflow_id() IS 'A new time-ordered workflow id (UUID version 7).';

CREATE FUNCTION perdure._notify_finished(workflow_keys bigint[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._notify_finished(workflow_keys bigint[]) IS 'Tells on channel <schema>.finished, one notification each, that these workflows have ended.';

CREATE FUNCTION perdure._notify_queue(queue_id integer) RETURNS void
    LANGUAGE sql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._notify_queue(queue_id integer) IS 'Tells idle workers, if there are any, on channel <schema>.work that this queue has work.';

CREATE FUNCTION perdure._now() RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._now() IS 'The present moment, or the one a test has set in perdure.test_clock.';

CREATE FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) RETURNS TABLE(item integer, outcome text)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) IS 'Takes workflows from the executor that owns them and gives back the attempt; until its delay has
passed each has the status given. Returns a row for each that the caller does not own.';

CREATE FUNCTION perdure._queue_id(queue text) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._queue_id(queue text) IS 'The key of a queue. Raises PD007 if there is none of that name.';

CREATE FUNCTION perdure._raise(code text, message text, detail text DEFAULT ''::text, hint text DEFAULT ''::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise(code text, message text, detail text, hint text) IS 'Raises an error with an SQLSTATE of class PD, a message for people, and the remedy as hint.';

CREATE FUNCTION perdure._raise_lease_lost(workflow_key bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_lease_lost(workflow_key bigint) IS 'Raises PD004 for a workflow that the caller does not own.';

CREATE FUNCTION perdure._raise_workflow_not_found(workflow_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._raise_workflow_not_found(workflow_id text) IS 'Raises PD002.';

CREATE FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) IS 'Records the start of children as steps of their parents. Raises PD005 if such a step is recorded
as something else.';

CREATE FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) IS 'Ends retried steps and returns what record_steps returns: a row for each item not recorded now.';

CREATE FUNCTION perdure._recorded_steps(workflow_key bigint) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._recorded_steps(workflow_key bigint) IS 'What is recorded of the steps of a workflow, as a JSON array in the order of the steps; null if
nothing is. retry_in: seconds until a failed step is to be tried again.';

CREATE FUNCTION perdure._take_over(max_workflows integer) RETURNS TABLE(executors integer, workflows_requeued integer, workflows_dead_lettered integer)
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._take_over(max_workflows integer) IS 'Takes workflows from executors whose lease has lapsed, at most so many: back to their queues, or,
when they have been taken over too often, to MAX_RECOVERY_ATTEMPTS_EXCEEDED. Returns one row: how many
executors were found lapsed, how many workflows went back, how many were dead-lettered.';

CREATE FUNCTION perdure._wake_due(max_workflows integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure._wake_due(max_workflows integer) IS 'Enqueues workflows whose moment has come, earliest first, at most so many. Returns how many.';

CREATE FUNCTION perdure.claim(executor_id bigint, queues text[] DEFAULT NULL::text[], max_workflows integer DEFAULT 1) RETURNS TABLE(workflow_key bigint, token bigint, workflow_id text, workflow text, queue text, input json, attempt integer, created_at timestamp with time zone, steps json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.deregister_executor(executor_id bigint) IS 'Ends an executor in good order: what it still runs goes back to its queues at once, without
counting as an attempt. Returns how many workflows went back. An unknown executor is no error.';

CREATE FUNCTION perdure.enqueue(workflow text, input json DEFAULT NULL::json, queue text DEFAULT 'default'::text, workflow_id text DEFAULT NULL::text, priority integer DEFAULT 0, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) IS 'Ends one workflow that the caller owns: SUCCESS with the output, or ERROR if there is an error.
Returns true if it ended now, false if the caller had ended it under this token before.
Raises PD004 if another executor owns it, or somebody else has ended it.';

CREATE FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[] DEFAULT NULL::json[]) RETURNS TABLE(item integer, outcome text, status text, output json, error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
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
  ''finished before'': the caller had ended it under this token already;
  ''lease lost'': another executor owns it, or somebody else has ended it.
Raises PD001 if the arrays differ in length.';

CREATE FUNCTION perdure.get_result(workflow_id text) RETURNS TABLE(status text, output json, error json)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) IS 'The results of those of these workflows that have ended; no row for one that is active.
watch: true to be notified, on channel <schema>.finished with the id as payload, when another ends.
Returns the id, the status, and the output or the error.
Raises PD002 if one of them does not exist.';

CREATE FUNCTION perdure.get_workflow(workflow_id text) RETURNS TABLE(workflow text, status text, queue text, priority integer, input json, output json, error json, attempts integer, max_recovery_attempts integer, executor text, app_version text, parent_id text, created_at timestamp with time zone, started_at timestamp with time zone, completed_at timestamp with time zone, wake_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.get_workflow(workflow_id text) IS 'All about one workflow: one row. queue is null for a direct start; executor is the name of the one
that runs it, or ran it, while that is registered; wake_at is set while it waits for a moment.
Raises PD002 if it does not exist.';

CREATE FUNCTION perdure.heartbeat(executor_id bigint) RETURNS timestamp with time zone
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.heartbeat(executor_id bigint) IS 'Renews the lease of an executor by the span it was registered with.
Returns when the lease ends; null if it is lost: then its workflows belong to others, it should stop
running them and register again.';

CREATE FUNCTION perdure.list_executors() RETURNS TABLE(executor_id bigint, name text, app_version text, registered_at timestamp with time zone, lease_until timestamp with time zone, alive boolean, running bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.list_executors() IS 'The registered executors, whether their lease holds, and how many workflows each runs.';

CREATE FUNCTION perdure.list_queues() RETURNS TABLE(queue text, created_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.list_queues() IS 'The queues by name, without the internal one.';

CREATE FUNCTION perdure.list_steps(workflow_id text) RETURNS TABLE(step integer, name text, output json, error json, child_id text, attempts integer, started_at timestamp with time zone, completed_at timestamp with time zone, retry_at timestamp with time zone)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.list_steps(workflow_id text) IS 'The recorded steps of a workflow, in order. child_id is set where the step started a child. While a
failed step waits for its next attempt, completed_at is null, retry_at is that moment, and error is the
list of its errors so far.
Raises PD002 if the workflow does not exist.';

CREATE FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) IS 'For a worker that has lost the answer to claim or start: whatever the executor owns besides the
workflows it names goes back to its queue, without counting as an attempt.
executor_id: from register_executor.
workflow_keys: all that the worker knows it is running.
Returns how many workflows went back.
Raises PD006 (executor without lease).';

CREATE FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json DEFAULT NULL::json, error json DEFAULT NULL::json) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json) IS 'Records one completed step; see record_steps.
Returns true if it was recorded now, false if it was recorded before: list_steps tells what stands.
Raises PD004 (lease lost), PD005 (a step of another name is recorded there).';

CREATE FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[] DEFAULT NULL::json[], durations interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text, name text, output json, error json)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
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

CREATE FUNCTION perdure.register_executor(name text, lease interval DEFAULT '00:00:30'::interval, app_version text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.register_queue(queue text) IS 'Makes a queue. A queue is a row: any number of them may exist, and every worker serves a new
one from its next claim on.
queue: its name, 1 to 512 bytes.
Returns true if it is new, false if it was there already.
Raises PD001 for an empty or overlong name.';

CREATE FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval DEFAULT NULL::interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval) IS 'Gives one claimed workflow back to its queue; see release_many. Raises PD004 if the caller does not
own it.';

CREATE FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[] DEFAULT NULL::interval[]) RETURNS TABLE(item integer, outcome text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[]) IS 'Gives claimed workflows back to their queues: at shutdown, or when the worker does not know their
function. Not counted as attempts.
workflow_keys, tokens: from claim or start.
delays: null, or how long each stays DELAYED before it can be claimed again.
Returns a row for each that was not given back: ''lease lost''.
Raises PD001 if the arrays differ in length.';

CREATE FUNCTION perdure.run_maintenance(max_workflows integer DEFAULT 1000) RETURNS TABLE(executors_lapsed integer, workflows_requeued integer, workflows_dead_lettered integer, workflows_woken integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.run_maintenance(max_workflows integer) IS 'What keeps things going, in a bounded amount a call: hands the work of executors whose lease has
lapsed to the living, and enqueues workflows whose moment has come. Any worker calls it with its
heartbeat; so may pg_cron or a person. Safe to call at any time by any number of sessions.
max_workflows: how many workflows one call may take over or wake, 1 to 100000.
Returns one row of counts.
Raises PD001 for a number out of range.';

CREATE FUNCTION perdure.schema_version() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.schema_version() IS 'The version of this schema: the number of its newest migration. A client compares it with
what it was written for.';

CREATE FUNCTION perdure.start(executor_id bigint, workflow text, input json DEFAULT NULL::json, workflow_id text DEFAULT NULL::text, max_recovery_attempts integer DEFAULT 100, app_version text DEFAULT NULL::text) RETURNS TABLE(workflow_key bigint, workflow_id text, token bigint)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

COMMENT ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text) IS 'Starts one workflow that the calling executor runs itself, at once, without a queue. If its worker
dies, any other worker takes it over.
executor_id: from register_executor. For the rest see enqueue.
Returns its key, its id, and the token to write under; the token is null if the id existed already:
then that workflow is not the caller''s to run.
Raises PD001 (bad argument), PD003 (id of another workflow), PD006 (executor without lease).';

CREATE FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[] DEFAULT NULL::text[], max_recovery_attempts integer[] DEFAULT NULL::integer[], app_version text DEFAULT NULL::text, parent_keys bigint[] DEFAULT NULL::bigint[], parent_tokens bigint[] DEFAULT NULL::bigint[], parent_steps integer[] DEFAULT NULL::integer[]) RETURNS TABLE(item integer, workflow_key bigint, workflow_id text, token bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'perdure', 'pg_temp'
    AS $$ ... $$;

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

CREATE SEQUENCE perdure.claim_tokens
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

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

GRANT USAGE ON SCHEMA perdure TO perdure_client;
GRANT USAGE ON SCHEMA perdure TO perdure_worker;
GRANT USAGE ON SCHEMA perdure TO perdure_operator;

REVOKE ALL ON FUNCTION perdure._check_same_workflows(workflow_ids text[], names text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._check_text(what text, value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._claim_queue(queue_id integer, executor_id bigint, max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._create_workflows(names text[], inputs json[], workflow_ids text[], queue_id integer, priorities integer[], max_recovery_attempts integer[], executor_id bigint, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_executor(executor_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._hold_parents(parent_keys bigint[], parent_tokens bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._mark_listening(queue_ids integer[], idle boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._migrate(number integer, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._new_workflow_id() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._notify_finished(workflow_keys bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._notify_queue(queue_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._now() FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._put_down(workflow_keys bigint[], tokens bigint[], delays interval[], status_until_then perdure.workflow_status) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._queue_id(queue text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise(code text, message text, detail text, hint text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_lease_lost(workflow_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._raise_workflow_not_found(workflow_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._record_children(parent_keys bigint[], parent_steps integer[], names text[], child_ids text[], at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._record_remaining(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[], new_keys bigint[], new_steps integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._recorded_steps(workflow_key bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._take_over(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure._wake_due(max_workflows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.claim(executor_id bigint, queues text[], max_workflows integer) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.deregister_executor(executor_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.deregister_executor(executor_id bigint) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.enqueue(workflow text, input json, queue text, workflow_id text, priority integer, max_recovery_attempts integer, app_version text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.enqueue_many(workflow text, inputs json[], queue text, workflow_ids text[], priorities integer[], max_recovery_attempts integer, app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval, backoff double precision, max_interval interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.fail_step(workflow_key bigint, token bigint, step integer, name text, error json, attempt integer, max_attempts integer, "interval" interval, backoff double precision, max_interval interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.finish(workflow_key bigint, token bigint, output json, error json) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.finish_many(workflow_keys bigint[], tokens bigint[], outputs json[], errors json[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.get_result(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_result(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_results(workflow_ids text[], watch boolean) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.get_workflow(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.get_workflow(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.heartbeat(executor_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.heartbeat(executor_id bigint) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.list_executors() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_executors() TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.list_queues() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_queues() TO perdure_client;

REVOKE ALL ON FUNCTION perdure.list_steps(workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.list_steps(workflow_id text) TO perdure_client;

REVOKE ALL ON FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.reconcile(executor_id bigint, workflow_keys bigint[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.record_step(workflow_key bigint, token bigint, step integer, name text, output json, error json) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.record_steps(workflow_keys bigint[], tokens bigint[], steps integer[], names text[], outputs json[], errors json[], durations interval[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.register_executor(name text, lease interval, app_version text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.register_executor(name text, lease interval, app_version text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.register_queue(queue text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.register_queue(queue text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.release(workflow_key bigint, token bigint, delay interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.release_many(workflow_keys bigint[], tokens bigint[], delays interval[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.run_maintenance(max_workflows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.run_maintenance(max_workflows integer) TO perdure_worker;
GRANT ALL ON FUNCTION perdure.run_maintenance(max_workflows integer) TO perdure_operator;

REVOKE ALL ON FUNCTION perdure.schema_version() FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.schema_version() TO perdure_client;

REVOKE ALL ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.start(executor_id bigint, workflow text, input json, workflow_id text, max_recovery_attempts integer, app_version text) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.start_many(executor_id bigint, workflows text[], inputs json[], workflow_ids text[], max_recovery_attempts integer[], app_version text, parent_keys bigint[], parent_tokens bigint[], parent_steps integer[]) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.suspend(workflow_key bigint, token bigint, delay interval) TO perdure_worker;

REVOKE ALL ON FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[]) FROM PUBLIC;
GRANT ALL ON FUNCTION perdure.suspend_many(workflow_keys bigint[], tokens bigint[], delays interval[]) TO perdure_worker;
