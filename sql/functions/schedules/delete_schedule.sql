-- Calls: _schedule.
create or replace function delete_schedule(
  schedule text
)
returns void
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  delete from schedules s
  where s.name = delete_schedule.schedule;
  if not found then
    perform _schedule(delete_schedule.schedule);
  end if;
end
$$;

comment on function delete_schedule(text) is
  'Removes a schedule. What it has started goes on. Raises PD001 (a name that none can have), PD020 (no such
schedule).';
