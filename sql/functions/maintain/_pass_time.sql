-- Locks: the tasks by key, as everybody does; then all else that has a moment.
--
-- For tests, by the owner of the schema; perdure.test_clock moves time for one session, this for all. Leases, what the
-- server's clock decides, and schedules, whose ticks have names, stay where they are.
create or replace function _pass_time(
  duration interval
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_by interval := _exact_span(duration);
  v_start record;
begin
  if (duration >= interval '0') is not true then
    perform _raise(
      'PD001', format('time does not pass backwards: %s', _span(duration)), hint => 'Give a span of 0 or more.'
    );
  end if;
  perform from tasks t order by t.key for update;
  update tasks t
  set started_at = t.started_at - v_by, wake_at = t.wake_at - v_by, expires_at = t.expires_at - v_by,
      deadline = t.deadline - v_by;
  update outcomes o
  set started_at = o.started_at - v_by, completed_at = o.completed_at - v_by, deadline = o.deadline - v_by;
  update workflows w set created_at = w.created_at - v_by, deadline = w.deadline - v_by;
  update steps s
  set started_at = s.started_at - v_by, completed_at = s.completed_at - v_by, retry_at = s.retry_at - v_by;
  update messages m set sent_at = m.sent_at - v_by;
  update events e set set_at = e.set_at - v_by;
  update stream_entries e set written_at = e.written_at - v_by;
  update versions v set registered_at = v.registered_at - v_by;
  update removals r set removed_at = r.removed_at - v_by;
  update alerting a set since = a.since - v_by;
  update retention r
  set created_at = r.created_at - v_by, swept_at = r.swept_at - v_by, sweep_began_at = r.sweep_began_at - v_by,
      cutoff_at = r.cutoff_at - v_by, counting_at = r.counting_at - v_by, count_began_at = r.count_began_at - v_by,
      newest_at = r.newest_at - v_by;
  -- Earliest first: each moves to where none is any more.
  for v_start in select s.queue_id, s.lane_id, s.started_at from starts s order by s.started_at loop
    update starts s
    set started_at = s.started_at - v_by
    where s.queue_id = v_start.queue_id and s.lane_id = v_start.lane_id and s.started_at = v_start.started_at;
  end loop;
  -- Any queue may have work now.
  perform pg_notify(current_schema() || '.work', '');
end
$$;

comment on function _pass_time(interval) is
  'Moves every recorded moment of workflows into the past. Raises PD001 (a negative span).';
