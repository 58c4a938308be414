create or replace function list_schedules()
returns table (
  schedule text,
  workflow text,
  cron text,
  zone text,
  queue text,
  context json,
  automatic_backfill boolean,
  max_recovery_attempts int,
  paused boolean,
  next_at timestamptz,
  last_at timestamptz,
  created_at timestamptz,
  application text
)
language sql
stable
security definer
set search_path from current
as $$
  select
    s.name, s.workflow, s.cron, s.zone, s.queue, s.context, s.automatic_backfill, s.max_recovery_attempts,
    s.paused, s.next_at, s.last_at, s.created_at, s.application
  from schedules s
  order by s.name
$$;

comment on function list_schedules() is
  'The schedules by name, with their settings (see create_schedule), whether they are paused, the next tick, and
the one that was fired last. One that is not paused and has no next tick has a zone that this Postgres does not
know any more.';
