-- Calls: _schedule.
create or replace function pause_schedule(
  schedule text
)
returns void
language plpgsql
security definer
set search_path from current
as $$
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

comment on function pause_schedule(text) is
  'Lets a schedule start nothing more, until it is resumed. What it has started goes on. Raises PD001 (a name
that none can have), PD020 (no such schedule).';
