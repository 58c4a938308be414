-- Calls: _queue, cron_next.
create or replace function _check_schedule(
  schedule schedules,
  create_queue boolean
)
returns timestamptz
language plpgsql
set search_path from current
as $$
begin
  perform _check_text('schedule', schedule.name);
  if octet_length(schedule.name) > 400 then
    perform _raise(
      'PD001',
      format('schedule is too long: %s bytes', octet_length(schedule.name)),
      hint => 'Give the schedule 1 to 400 bytes: the ids of its workflows begin with them.'
    );
  end if;
  perform _check_text('workflow name', schedule.workflow);
  if schedule.max_recovery_attempts >= 0 is not true then
    perform _raise(
      'PD001',
      format('max_recovery_attempts cannot be %s', coalesce(schedule.max_recovery_attempts::text, 'null')),
      hint => 'Give 0 or more.'
    );
  end if;
  if schedule.automatic_backfill is null then
    perform _raise('PD001', 'automatic_backfill is null', hint => 'Give true or false.');
  end if;
  if schedule.application is not null then
    perform _check_application(schedule.application);
  end if;
  perform _queue(schedule.queue, coalesce(create_queue, false), schedule.application);
  return cron_next(schedule.cron, schedule.zone, _now());
end
$$;

comment on function _check_schedule(schedules, boolean) is
  'The next tick of a schedule. Raises PD001 if something in it is wrong, PD007 if its queue does not exist and
is not to be made.';
