-- Calls: _check_schedule.
create or replace function create_schedule(
  schedule text,
  workflow text,
  cron text,
  zone text default 'UTC',
  queue text default 'default',
  context json default null,
  automatic_backfill boolean default false,
  max_recovery_attempts int default 100,
  create_queue boolean default false,
  application text default null
)
returns timestamptz
language plpgsql
security definer
set search_path from current
as $$
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

comment on function create_schedule(text, text, text, text, text, json, boolean, int, boolean, text) is
  'Makes a schedule: at each tick of its cron line a workflow is put into a queue, once over all executors. Its id
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
