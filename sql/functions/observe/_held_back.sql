-- Calls: _places_taken, _rate_room.
create or replace function _held_back(
  task tasks,
  queue queues,
  living bigint[]
)
returns table (
  reason text,
  detail text
)
language plpgsql
stable
set search_path from current
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
begin
  return query
  select r.reason, r.detail
  from (values
    ('expired', task.expires_at <= v_now, format('it expired at %s and will be cancelled', task.expires_at)),
    ('timed out', task.deadline <= v_now, format('its deadline was %s, it will be cancelled', task.deadline)),
    ('queue paused', queue.paused, format('queue %s is paused', queue.name)),
    (
      'no executor', living is null,
      'no executor' || coalesce(' of application ' || queue.application, '') || ' is alive'
    ),
    (
      'worker concurrency',
      queue.worker_concurrency <= all (
        select _places_taken(queue.queue_id, null, a.executor_id, queue.worker_concurrency)
        from unnest(living) as a (executor_id)
      ) and living is not null,
      format('%s workflows of queue %s run on each living executor, the limit',
        queue.worker_concurrency, queue.name)
    ),
    (
      'concurrency',
      not task.placed
        and queue.concurrency <= _places_taken(queue.queue_id, null, null, queue.concurrency),
      format('%s workflows of queue %s run, its limit', queue.concurrency, queue.name)
    ),
    (
      'rate limit',
      not task.placed
        and _rate_room(queue.queue_id, 0, queue.rate_limit, queue.rate_period, v_now) <= 0,
      format('%s workflows of queue %s have started within %s, its limit',
        queue.rate_limit, queue.name, queue.rate_period)
    ),
    (
      'partition concurrency',
      not task.placed
        and queue.partition_concurrency
          <= _places_taken(queue.queue_id, task.lane_id, null, queue.partition_concurrency),
      format('%s workflows of its partition of queue %s run, the limit',
        queue.partition_concurrency, queue.name)
    ),
    (
      'partition rate limit',
      not task.placed
        and _rate_room(queue.queue_id, task.lane_id, queue.partition_rate_limit,
          queue.partition_rate_period, v_now) <= 0,
      format('%s workflows of its partition of queue %s have started within %s',
        queue.partition_rate_limit, queue.name, queue.partition_rate_period)
    )
  ) as r (reason, holds, detail)
  where r.holds;
end
$$;

comment on function _held_back(tasks, queues, bigint[]) is
  'Of explain_wait: what holds a workflow back that waits to be claimed by one of these executors.';
