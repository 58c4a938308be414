-- Calls: _schedule, _check_zone, _cron_line, _cron_next, _start_ticks.
create or replace function backfill_schedule(
  schedule text,
  since timestamptz,
  until timestamptz,
  max_workflows int default 1000
)
returns table (
  workflow_id text,
  tick timestamptz,
  created boolean
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_schedule schedules := _schedule(backfill_schedule.schedule);
  v_line cron_line := _cron_line(v_schedule.cron);
  v_tick timestamptz := since - interval '1 microsecond';
  v_ticks timestamptz[] := array[]::timestamptz[];
begin
  if max_workflows between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('cannot backfill %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Ask for 1 to 10000 at a time, and call again from the last tick on.'
    );
  end if;
  if (since >= '0001-01-01' and since <= until and until <= _now()) is not true then
    perform _raise(
      'PD001',
      'a backfill is from a moment of the past to a later one that is not in the future',
      detail => format('since %s, until %s', coalesce(since::text, 'null'), coalesce(until::text, 'null')),
      hint => 'What is to come is fired when it comes.'
    );
  end if;
  perform _check_zone(v_schedule.zone);

  while cardinality(v_ticks) < max_workflows loop
    v_tick := _cron_next(v_line, v_schedule.zone, v_tick);
    exit when v_tick is null or v_tick >= until;
    v_ticks := v_ticks || v_tick;
  end loop;
  return query
  select t.workflow_id, t.tick, t.created
  from _start_ticks(v_schedule, v_ticks) as t;
end
$$;

comment on function backfill_schedule(text, timestamptz, timestamptz, int) is
  'Starts a workflow for each tick of a span of the past, also of a schedule that is paused, unless that tick
was started before.
since, until: the span, with its beginning and without its end.
max_workflows: how many ticks one call takes at the most, 1 to 10000. If that many rows come back, call again
with since just after the last tick.
Returns a row for each tick, in order: the id of its workflow, the tick, and whether this call started it.
Raises PD001 (bad argument), PD020 (no such schedule).';
