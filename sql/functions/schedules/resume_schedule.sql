-- Calls: _schedule, cron_next.
create or replace function resume_schedule(
  schedule text
)
returns timestamptz
language plpgsql
security definer
set search_path from current
as $$
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

comment on function resume_schedule(text) is
  'Lets a schedule start workflows again, from the next tick on; what it would have started while it was paused
is not (backfill_schedule starts it). Returns the next tick.
Raises PD001 (a name that none can have, or a zone that this Postgres does not know any more), PD020 (no such
schedule).';
