-- Calls: _check_isolation, _turn_back_schedules, _fire_due.
create or replace function fire_schedules(
  max_workflows int default 1000
)
returns int
language plpgsql
security definer
set search_path from current
as $$
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot fire %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may start.'
    );
  end if;
  perform _check_isolation('fire_schedules');
  perform _turn_back_schedules();
  return _fire_due(max_workflows);
end
$$;

comment on function fire_schedules(int) is
  'Starts the workflows of all schedules whose next tick has come; each tick once, however many sessions call.
run_maintenance and claim do this too, so a worker need not.
max_workflows: how many ticks one call fires at the most, 1 to 100000; of one schedule 100.
Returns how many workflows it started.
Raises PD001 (bad number, or a transaction that is not read committed).';
