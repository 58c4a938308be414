-- Calls: _schedule, _check_zone, _start_ticks.
create or replace function trigger_schedule(
  schedule text,
  at timestamptz default null
)
returns text
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_schedule schedules := _schedule(trigger_schedule.schedule);
  v_at timestamptz := coalesce(trigger_schedule.at, _now());
begin
  perform _check_zone(v_schedule.zone);
  if v_at between '0001-01-01' and '9900-01-01' is not true then
    perform _raise('PD001', format('a schedule cannot be triggered at %s', v_at), hint => 'Give a moment, or null for now.');
  end if;
  return (select t.workflow_id from _start_ticks(v_schedule, array[v_at], 'trigger-') as t);
end
$$;

comment on function trigger_schedule(text, timestamptz) is
  'Starts a workflow of a schedule at once, also of one that is paused. Its ticks are not changed.
at: null for now, or the time that the workflow is given. It is in the id, sched-<schedule>-trigger-<time in UTC>,
so a call that is made again with the same time starts nothing more.
Returns the id.
Raises PD001 (bad argument), PD020 (no such schedule).';
