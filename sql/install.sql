-- Perdure: durable workflows in your own Postgres.
--
-- This file is the load order, the table of contents and the guide. It runs in one
-- transaction and may be run again at any time: tables change only through numbered
-- migrations, each of which runs once; functions are replaced by those listed here.
--
--   psql "$DATABASE_URL" -X -v ON_ERROR_STOP=1 -v schema=perdure -f sql/install.sql
--
-- `perdure install` reads this same file: it follows the \ir lines, puts the schema's
-- name in place of :"schema" and :'schema', takes \gset for a semicolon, and passes over the
-- other lines that begin with a backslash. Nothing else in the tree knows the schema's name: files use bare
-- names and every function pins the search path that is set here.

\set ON_ERROR_STOP on
\set ON_ERROR_ROLLBACK off
\if :{?schema}
\else
\set schema perdure
\endif

begin;

set local client_min_messages = warning;
set local lock_timeout = '60s';

-- Two installations of one schema run one after the other.
select pg_advisory_xact_lock(hashtext('perdure.install'), hashtext(:'schema'))
\gset perdure_

create schema if not exists :"schema";
select set_config('search_path', quote_ident(:'schema') || ', pg_temp', true)
\gset perdure_

-- What every other file leans on: the record of migrations, errors, the clock, ids.
\ir migrations/000_guard.sql
\ir migrations/000_ledger.sql
\ir functions/common/_raise.sql
\ir functions/common/_now.sql
\ir functions/common/_new_workflow_id.sql
\ir functions/common/_check_text.sql
\ir functions/common/_check_application.sql
\ir functions/common/_is_traceparent.sql
\ir functions/common/_span.sql
\ir functions/common/_exact_span.sql
\ir functions/common/_check_isolation.sql
\ir functions/common/_raise_lease_lost.sql
\ir functions/common/_raise_unexpected_step.sql
\ir functions/common/_raise_workflow_not_found.sql
\ir functions/common/_key_of.sql
\ir functions/common/_raise_deleted.sql

-- Tables, types and indexes.
\ir migrations/001_engine.sql
\ir migrations/002_function_list.sql
\ir migrations/003_queue_limits.sql
\ir migrations/004_rates.sql
\ir migrations/005_waiting.sql
\ir migrations/006_schedules.sql
\ir migrations/007_deadlines.sql
\ir migrations/008_served_queues.sql
\ir migrations/009_described_workflows.sql
\ir migrations/010_observing.sql
\ir migrations/011_keeping.sql
\ir migrations/012_versions.sql
\ir migrations/013_on_whose_behalf.sql
\ir migrations/014_one_item.sql
\ir migrations/015_traces.sql
\ir migrations/999_check.sql
\ir functions/common/schema_version.sql

-- Queues are rows with settings. `default` and the internal queue exist from the start.
\ir functions/common/_backoff.sql
\ir functions/queues/_raise_queue_not_found.sql
\ir functions/queues/_queue.sql
\ir functions/queues/_internal_queue.sql
\ir functions/queues/_lane_ids.sql
\ir functions/queues/_lock_queue.sql
\ir functions/queues/_hold_queue.sql
\ir functions/queues/_check_queue.sql
\ir functions/queues/_set_queue.sql
\ir functions/queues/register_queue.sql
\ir functions/queues/update_queue.sql
\ir functions/queues/pause_queue.sql
\ir functions/queues/resume_queue.sql
\ir functions/queues/delete_queue.sql
\ir functions/queues/list_queues.sql
\ir functions/queues/queue_stats.sql

-- Work may belong to a version of an application.
\ir functions/versions/_versions_taken.sql
\ir functions/versions/_waiting_versions.sql
\ir functions/versions/_pin_version.sql
\ir functions/versions/_version_back.sql
\ir functions/versions/register_version.sql
\ir functions/executors/_living_executors.sql
\ir functions/versions/list_versions.sql

-- A client asks for work: it puts workflows into a queue ...
\ir functions/enqueue/_hold_parents.sql
\ir functions/enqueue/_place_name.sql
\ir functions/enqueue/_check_same_workflows.sql
\ir functions/enqueue/_record_children.sql
\ir functions/enqueue/_check_options.sql
\ir functions/enqueue/_check_repeated_ids.sql
\ir functions/enqueue/_check_deadline.sql
\ir functions/enqueue/_deduplicate.sql
\ir functions/enqueue/_check_origins.sql
\ir functions/enqueue/_origins.sql
\ir functions/enqueue/_inherit.sql
\ir functions/enqueue/_existing_workflows.sql
\ir functions/enqueue/_create_workflows.sql
\ir functions/enqueue/_notify_queue.sql
\ir functions/claim/_drop_floors.sql
\ir functions/enqueue/_tell_returned.sql
\ir functions/versions/set_version.sql
\ir functions/versions/set_latest_version.sql
\ir functions/enqueue/enqueue_many.sql
\ir functions/enqueue/_enqueue_plain.sql
\ir functions/enqueue/enqueue.sql
\ir functions/enqueue/debounce.sql
\ir functions/enqueue/set_delay.sql
\ir functions/enqueue/_set_attributes.sql
\ir functions/enqueue/set_attributes.sql
\ir functions/enqueue/keep_traces.sql

-- The clock asks for work too: a schedule is a cron line, and each of its ticks a workflow.
\ir functions/schedules/_cron_value.sql
\ir functions/schedules/_cron_field.sql
\ir functions/schedules/_cron_line.sql
\ir functions/schedules/_cron_days.sql
\ir functions/schedules/_cron_wall.sql
\ir functions/schedules/_wall_times.sql
\ir functions/schedules/_cron_next.sql
\ir functions/schedules/_check_zone.sql
\ir functions/schedules/cron_next.sql
\ir functions/schedules/cron_ticks.sql
\ir functions/schedules/_iso.sql
\ir functions/schedules/_schedule.sql
\ir functions/schedules/_check_schedule.sql
\ir functions/schedules/create_schedule.sql
\ir functions/schedules/apply_schedules.sql
\ir functions/schedules/list_schedules.sql
\ir functions/schedules/get_schedule.sql
\ir functions/schedules/pause_schedule.sql
\ir functions/schedules/resume_schedule.sql
\ir functions/schedules/delete_schedule.sql
\ir functions/schedules/_start_ticks.sql
\ir functions/schedules/trigger_schedule.sql
\ir functions/schedules/backfill_schedule.sql
\ir functions/schedules/_due_ticks.sql
\ir functions/schedules/_fire_due.sql
\ir functions/schedules/_turn_back_schedules.sql
\ir functions/schedules/_next_tick_in.sql
\ir functions/schedules/fire_schedules.sql

-- ... and a worker, known by its lease, renews that lease while it lives ...
\ir functions/executors/_hold_executor.sql
\ir functions/executors/register_executor.sql
\ir functions/executors/heartbeat.sql
\ir functions/executors/reconcile.sql
\ir functions/executors/lost_workflows.sql
\ir functions/executors/list_executors.sql

-- ... claims what waits, within the limits of its queue, or starts a workflow of its own at
-- once. Both hand out a token.
\ir functions/wait/_wake_waiters.sql
\ir functions/wait/_mark_watched.sql
\ir functions/observe/_alert.sql
\ir functions/finish/_notify_finished.sql
\ir functions/finish/_notify_cancelled.sql
\ir functions/finish/_end_tasks.sql
\ir functions/finish/_time_out.sql
\ir functions/maintain/_expire_due.sql
\ir functions/maintain/_time_out_due.sql
\ir functions/claim/_floor.sql
\ir functions/claim/_anything_due.sql
\ir functions/claim/_take_wakes.sql
\ir functions/claim/_wake_due.sql
\ir functions/claim/_with_work.sql
\ir functions/claim/_recorded_steps.sql
\ir functions/claim/_mark_listening.sql
\ir functions/claim/_places_taken.sql
\ir functions/claim/_rate_room.sql
\ir functions/claim/_count_starts.sql
\ir functions/claim/_take_ready.sql
\ir functions/claim/_raise_floor.sql
\ir functions/claim/_take_first.sql
\ir functions/claim/_take_lane.sql
\ir functions/claim/_take_returning.sql
\ir functions/claim/_take_partitions.sql
\ir functions/claim/_open_queues.sql
\ir functions/claim/_claim_queue.sql
\ir functions/claim/_claim_queues.sql
\ir functions/claim/_identity.sql
\ir functions/claim/claim.sql
\ir functions/claim/_deadlines.sql
\ir functions/claim/_identities.sql
\ir functions/claim/start_many.sql
\ir functions/claim/start.sql

-- Each step is recorded once, under that token.
\ir functions/steps/_hold_tasks.sql
\ir functions/steps/place_steps.sql
\ir functions/steps/_record_now.sql
\ir functions/steps/_record_remaining.sql
\ir functions/steps/record_steps.sql
\ir functions/steps/record_step.sql
\ir functions/steps/fail_step.sql
\ir functions/steps/set_attributes_in_step.sql
\ir functions/steps/patch.sql
\ir functions/steps/deprecate_patch.sql

-- A workflow that must wait, or that this worker cannot run, is put down.
\ir functions/wait/_hold_writers.sql
\ir functions/wait/_look_back.sql
\ir functions/wait/_put_down.sql
\ir functions/wait/suspend_many.sql
\ir functions/wait/suspend.sql
\ir functions/wait/release_many.sql
\ir functions/wait/release.sql
\ir functions/wait/sleep_many.sql
\ir functions/wait/sleep.sql
\ir functions/wait/suspend_until_ended.sql

-- It receives messages from anybody, and tells of itself in events and streams. Who writes never waits
-- for who reads; who waits is woken.
\ir functions/wait/_hold_waiters.sql
\ir functions/wait/_await.sql
\ir functions/wait/watch.sql
\ir functions/messages/_send.sql
\ir functions/messages/send_many.sql
\ir functions/messages/send.sql
\ir functions/messages/send_in_step.sql
\ir functions/messages/_take_message.sql
\ir functions/messages/_newest_event.sql
\ir functions/wait/_wait_in_steps.sql
\ir functions/messages/recv_many.sql
\ir functions/messages/recv.sql
\ir functions/messages/set_events.sql
\ir functions/messages/set_event.sql
\ir functions/messages/get_event.sql
\ir functions/messages/get_all_events.sql
\ir functions/messages/await_events.sql
\ir functions/streams/write_streams.sql
\ir functions/streams/_write_one.sql
\ir functions/streams/write_stream.sql
\ir functions/streams/close_stream.sql
\ir functions/streams/read_stream.sql

-- It ends once; whoever waits for the result is told.
\ir functions/finish/_same_error.sql
\ir functions/finish/_retry_failed.sql
\ir functions/finish/finish_many.sql
\ir functions/finish/finish.sql
\ir functions/finish/get_results.sql
\ir functions/finish/get_result.sql

-- What has ended is kept as long as somebody wants it, and can be taken to another database.
\ir functions/manage/_descendants.sql
\ir functions/manage/_forget_writings.sql
\ir functions/manage/_delete_held.sql
\ir functions/manage/delete_workflows.sql
\ir functions/maintain/_retained_roots.sql
\ir functions/maintain/_count_back.sql
\ir functions/maintain/_horizon.sql
\ir functions/maintain/_is_active_below.sql
\ir functions/maintain/_remove_trees.sql
\ir functions/maintain/_sweep.sql
\ir functions/maintain/_forget_removed.sql
\ir functions/maintain/_apply_retention.sql
\ir functions/manage/_restart_retention.sql
\ir functions/manage/set_retention.sql
\ir functions/manage/delete_retention.sql
\ir functions/manage/list_retention.sql
\ir functions/manage/preview_retention.sql
\ir functions/manage/_export_one.sql
\ir functions/manage/export_workflow.sql
\ir functions/manage/_raise_unreadable.sql
\ir functions/manage/_check_exported.sql
\ir functions/manage/_import_place.sql
\ir functions/manage/_import_records.sql
\ir functions/manage/_import_task.sql
\ir functions/manage/_import_one.sql
\ir functions/manage/import_workflow.sql

-- The work of the dead goes to the living.
\ir functions/maintain/_take_over.sql
\ir functions/maintain/_prune_starts.sql
\ir functions/maintain/_check_floors.sql
\ir functions/maintain/_check_lanes.sql
\ir functions/maintain/_prune_waits.sql
\ir functions/maintain/_next_moment.sql
\ir functions/maintain/run_maintenance.sql
\ir functions/maintain/_pass_time.sql
\ir functions/executors/deregister_executor.sql

-- An operator, or another workflow, ends it, lets it go on, or lets a copy of it go on from a step.
\ir functions/manage/_keys_of.sql
\ir functions/manage/_family.sql
\ir functions/manage/_recorded_in_step.sql
\ir functions/manage/_recorded_before.sql
\ir functions/manage/_hold_family.sql
\ir functions/manage/_cancel_held.sql
\ir functions/manage/_cancelled.sql
\ir functions/manage/cancel_many.sql
\ir functions/manage/cancel.sql
\ir functions/manage/cancel_in_step.sql
\ir functions/manage/_hold_queues.sql
\ir functions/manage/_places_for.sql
\ir functions/manage/_hold_resumable.sql
\ir functions/manage/_resume.sql
\ir functions/manage/_resumed.sql
\ir functions/manage/resume_many.sql
\ir functions/manage/resume.sql
\ir functions/manage/resume_in_step.sql
\ir functions/manage/_fork_points.sql
\ir functions/manage/_check_children.sql
\ir functions/manage/_copy_history.sql
\ir functions/manage/_create_forks.sql
\ir functions/manage/_check_same_forks.sql
\ir functions/manage/fork_many.sql
\ir functions/manage/fork.sql
\ir functions/manage/fork_in_step.sql
\ir functions/manage/delete_in_step.sql

-- Many applications share a database: each has its queues, and workers that serve them.
\ir functions/executors/rename_application.sql

-- Looking on.
\ir functions/observe/_workflow_rows.sql
\ir functions/observe/get_workflow.sql
\ir functions/observe/_check_statuses.sql
\ir functions/observe/_check_span.sql
\ir functions/observe/_check_filter.sql
\ir functions/observe/_read_cursor.sql
\ir functions/observe/_sides.sql
\ir functions/observe/_list_columns.sql
\ir functions/observe/_list_conditions.sql
\ir functions/observe/_list_statement.sql
\ir functions/observe/_find_workflows.sql
\ir functions/observe/list_workflows.sql
\ir functions/observe/list_steps.sql
\ir functions/observe/workflow_tree.sql
\ir functions/observe/_held_back.sql
\ir functions/observe/explain_wait.sql
\ir functions/observe/_check_groups.sql
\ir functions/observe/workflow_aggregates.sql
\ir functions/observe/workflow_durations.sql
\ir functions/observe/step_aggregates.sql
\ir functions/observe/_waiting_since.sql
\ir functions/observe/_late_and_dead.sql
\ir functions/observe/metrics.sql
\ir functions/observe/status.sql
\ir functions/observe/_oldest_waiting.sql
\ir functions/observe/_alerts_of_ended.sql
\ir functions/observe/_alerts_of_waiting.sql
\ir functions/observe/_alerts_of_upkeep.sql
\ir functions/observe/alerts.sql
\ir functions/observe/notify_alerts.sql

-- Who may do what, and the end of functions that this version no longer has.
\ir stale_functions.sql
\ir grants.sql

commit;
