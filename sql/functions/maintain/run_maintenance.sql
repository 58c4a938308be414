-- Calls: _check_isolation, _time_out_due, _take_over, fire_schedules, _expire_due, _wake_due,
-- _prune_starts, _prune_waits, _check_floors, _check_lanes, _apply_retention, _next_moment, _next_tick_in.
create or replace function run_maintenance(
  max_workflows int default 1000
)
returns table (
  executors_lapsed int,
  workflows_requeued int,
  workflows_dead_lettered int,
  workflows_woken int,
  workflows_expired int,
  workflows_timed_out int,
  next_lapse_in interval
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_next_in interval;
  v_kept boolean;
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot maintain %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that one call may move.'
    );
  end if;

  perform _check_isolation('run_maintenance');

  -- First: it may have to do with many rows, and holds no task.
  v_kept := _apply_retention(max_workflows);
  -- Before the takeover, so that an executor that hangs is told of what it runs.
  workflows_timed_out := _time_out_due(max_workflows);
  select t.executors, t.workflows_requeued, t.workflows_dead_lettered
  into executors_lapsed, workflows_requeued, workflows_dead_lettered
  from _take_over(max_workflows) as t;

  perform fire_schedules(max_workflows);
  workflows_expired := _expire_due(max_workflows);
  workflows_woken := _wake_due(max_workflows);
  perform _prune_starts();
  perform _prune_waits();
  perform _check_floors();
  perform _check_lanes();
  select min(e.lease_until) - clock_timestamp() into next_lapse_in
  from executors e
  where not e.lapsed;
  v_next_in := least(_next_moment() - _now(), _next_tick_in());
  if not v_kept then
    v_next_in := interval '0';
  end if;
  if v_next_in is not null then
    -- What is due and was held by somebody, or was too much for this call: not at once, so that nobody spins.
    next_lapse_in := least(next_lapse_in, greatest(v_next_in, interval '0.1 seconds'));
  end if;
  return next;
end
$$;

comment on function run_maintenance(int) is
  'What keeps things going, in a bounded amount a call: hands the work of executors whose lease has
lapsed to the living, fires schedules, enqueues workflows whose moment has come, cancels those that have expired
or whose deadline has passed, removes what no policy keeps (set_retention). Any worker calls it with its heartbeat; so may pg_cron or a person. Safe to
call at any time by any number of sessions.
max_workflows: how many workflows one call may take over, wake or cancel, 1 to 100000.
Returns one row: how many executors were found lapsed, how many workflows went back to their queues, were
dead-lettered, woken, expired and timed out; and after what time a worker should look again: when the next
lease lapses if it is not renewed, the next deadline passes, the next tick of a schedule
comes, or the next workflow is to be woken.
Raises PD001 for a number out of range.';
