-- Calls: _places_taken, _rate_room.
create or replace function explain_wait(
  workflow_id text
)
returns table (
  reason text,
  detail text
)
language plpgsql
stable
security definer
set search_path from current
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_task tasks;
  v_workflow workflows;
  v_queue queues;
  v_now timestamptz := clock_timestamp();
  v_ahead bigint;
begin
  select w.* into v_workflow from workflows w where w.workflow_id = explain_wait.workflow_id;
  if not found then
    perform _raise_workflow_not_found(explain_wait.workflow_id);
  end if;
  select t.* into v_task from tasks t where t.key = v_workflow.key;
  if not found then
    return query
    select 'ended', format('it ended as %s at %s', o.status, o.completed_at)
    from outcomes o
    where o.key = v_workflow.key;
    return;
  end if;
  if v_task.executor_id is not null then
    return query
    select
      case when e.lapsed or e.lease_until < v_now then 'executor lost' else 'running' end,
      format('it runs on executor %s (%s), whose lease ends at %s', e.name, e.executor_id, e.lease_until)
    from executors e
    where e.executor_id = v_task.executor_id;
    return;
  end if;
  if exists (select from executors e where not e.lapsed and e.lease_until >= v_now) and not exists (
    select from executors e
    where not e.lapsed and e.lease_until >= v_now
      and (e.workflows is null or v_workflow.name = any (e.workflows))
  ) then
    return query
    select 'unknown workflow', format('no living executor knows a workflow named %s', v_workflow.name);
  end if;
  if v_task.wake_at is not null then
    return query
    select
      case when v_task.status = 'DELAYED' then 'delayed' else 'suspended' end,
      format('it waits until %s', v_task.wake_at);
    return;
  end if;

  select q.* into v_queue from queues q where q.queue_id = v_task.queue_id;
  if v_queue.paused then
    return query select 'queue paused', format('queue %s is paused', v_queue.name);
  end if;
  if not exists (select from executors e where not e.lapsed and e.lease_until >= v_now) then
    return query select 'no executor', 'no executor is alive';
  elsif v_queue.listening_until is null or v_queue.listening_until < v_now then
    return query
    select 'no idle executor', format('no executor has been idle on queue %s in the last seconds', v_queue.name);
  end if;
  if not v_task.placed then
    if _places_taken(v_queue.queue_id, null, null, v_queue.concurrency) >= v_queue.concurrency then
      return query
      select 'concurrency', format('%s workflows of queue %s run, its limit', v_queue.concurrency, v_queue.name);
    end if;
    if _rate_room(v_queue.queue_id, 0, v_queue.rate_limit, v_queue.rate_period, v_now) <= 0 then
      return query
      select 'rate limit', format('%s workflows of queue %s have started within %s, its limit',
        v_queue.rate_limit, v_queue.name, v_queue.rate_period);
    end if;
    if v_queue.partition_concurrency
      <= _places_taken(v_queue.queue_id, v_task.lane_id, null, v_queue.partition_concurrency)
    then
      return query
      select 'partition concurrency', format('%s workflows of its partition of queue %s run, the limit',
        v_queue.partition_concurrency, v_queue.name);
    end if;
    if _rate_room(
      v_queue.queue_id, v_task.lane_id, v_queue.partition_rate_limit, v_queue.partition_rate_period, v_now
    ) <= 0 then
      return query
      select 'partition rate limit', format('%s workflows of its partition of queue %s have started within %s',
        v_queue.partition_rate_limit, v_queue.name, v_queue.partition_rate_period);
    end if;
  end if;

  select count(*) into v_ahead
  from (
    select from tasks t
    where t.status = 'ENQUEUED' and not t.placed
      and t.queue_id = v_task.queue_id and t.lane_id = v_task.lane_id
      and (t.rank, t.key) < (v_task.rank, v_task.key)
    limit 1001
  ) as a;
  if v_ahead > 0 then
    return query
    select 'order', format('%s workflows are before it', case when v_ahead > 1000 then 'more than 1000' else v_ahead::text end);
  end if;
end
$$;

comment on function explain_wait(text) is
  'Why a workflow is not running: a row for each reason that holds now, with a sentence for people. No row:
nothing holds it, the next claim takes it.
Reasons: ended, running, executor lost (until it is taken over), delayed, suspended, queue paused, no
executor, no idle executor, concurrency, rate limit, partition concurrency, partition rate limit, order
(others are before it), unknown workflow (no living executor knows its name).
Raises PD002 (no such workflow).';
