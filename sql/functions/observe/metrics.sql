-- Calls: _waiting_since, _late_and_dead.
-- Reads: queues, tasks, executors.
create or replace function metrics()
returns table (
  metric text,
  labels json,
  value double precision
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  -- One pass over what is active.
  return query
  with counted as materialized (
    select
      t.queue_id,
      count(*) filter (where t.status = 'ENQUEUED') as waiting,
      count(*) filter (where t.status = 'DELAYED') as delayed,
      count(*) filter (where t.status = 'PENDING' and t.executor_id is not null) as running,
      count(*) filter (where t.status = 'PENDING' and t.executor_id is null) as suspended,
      count(*) filter (where t.failures > 0) as retried,
      count(*) filter (where t.attempts > 1) as recovered,
      min(t.key) filter (where t.status = 'ENQUEUED') as oldest_key
    from tasks t
    group by t.queue_id
  ),
  queue as materialized (
    select q.name, q.paused, json_build_object('queue', q.name) as labels, c.*
    from queues q
    left join counted c on c.queue_id = q.queue_id
    where c.queue_id is not null or not q.internal
  )
  select 'perdure_workflows', json_build_object('queue', q.name, 'state', s.state), coalesce(s.many, 0)::double precision
  from queue q
  cross join lateral (values
    ('waiting', q.waiting), ('delayed', q.delayed), ('running', q.running), ('suspended', q.suspended)
  ) as s (state, many)
  union all
  select 'perdure_oldest_waiting_seconds', q.labels, coalesce(greatest(extract(epoch from v_now - _waiting_since(q.oldest_key)), 0), 0)
  from queue q
  union all
  select 'perdure_queue_paused', q.labels, q.paused::int from queue q
  union all
  select 'perdure_workflows_retried', q.labels, coalesce(q.retried, 0) from queue q
  union all
  select 'perdure_workflows_recovered', q.labels, coalesce(q.recovered, 0) from queue q;

  return query
  select 'perdure_executors', json_build_object('state', s.state), count(e.executor_id)::double precision
  from (values ('alive'), ('lapsed')) as s (state)
  left join executors e
    on (s.state = 'alive') = (not e.lapsed and e.lease_until >= clock_timestamp())
  group by s.state
  union all
  select f.metric, f.labels, f.value from _late_and_dead(v_now) as f;
end
$$;

comment on function metrics() is
  'Figures for a monitoring system: the name of each, its labels, and its value. All are gauges. It reads what is active, not
what has ended.
perdure_workflows {queue, state}: how many wait, are delayed, run on an executor, or are put down (suspended).
perdure_oldest_waiting_seconds {queue}: since when the oldest that waits exists; 0 if none does.
perdure_queue_paused {queue}: 1 or 0.
perdure_workflows_retried {queue}: active ones that have failed and were given another try.
perdure_workflows_recovered {queue}: active ones that were begun more than once, because their worker died or was stopped.
perdure_executors {state}: alive, or lapsed: the lease has run out, and the work is not taken over yet.
perdure_dead_letters: how many are dead (MAX_RECOVERY_ATTEMPTS_EXCEEDED); counted up to 10000.
perdure_overdue_seconds {what}: how late the next wake-up, deadline or tick of a schedule is; 0 if none is due.';
