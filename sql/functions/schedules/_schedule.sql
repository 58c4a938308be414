create or replace function _schedule(
  schedule text
)
returns schedules
language plpgsql
stable
set search_path from current
as $$
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
      hint => format('select schedule from %I.list_schedules()', current_schema())
    );
  end if;
  return v_schedule;
end
$$;

comment on function _schedule(text) is
  'The row of a schedule. Raises PD020 if there is none of that name, PD001 for a name that none can have.';
