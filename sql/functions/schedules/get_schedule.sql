-- Calls: _schedule, list_schedules.
create or replace function get_schedule(
  schedule text
)
returns table (
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
language plpgsql
stable
security definer
set search_path from current
as $$
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

comment on function get_schedule(text) is
  'One schedule; see list_schedules. Raises PD001 (a name that none can have), PD020 (no such schedule).';
