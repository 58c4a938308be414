-- Calls: _living_executors, _versions_taken, _held_back.
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
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_task tasks;
  v_workflow workflows;
  v_queue queues;
  v_now timestamptz := _now();
  v_alive bigint[];
  v_known boolean;
  v_served boolean;
  v_taken boolean;
  v_ahead bigint;
  v_told boolean := false;
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
      case when e.lapsed or e.lease_until < clock_timestamp() then 'executor lost' else 'running' end,
      format('it runs on executor %s (%s), whose lease ends at %s', e.name, e.executor_id, e.lease_until)
    from executors e
    where e.executor_id = v_task.executor_id;
    return;
  end if;
  select q.* into v_queue from queues q where q.queue_id = v_task.queue_id;
  select
    array_agg(e.executor_id),
    bool_or(e.workflows is null or v_workflow.name = any (e.workflows)),
    bool_or(e.queues is null or v_queue.name = any (e.queues) or v_queue.internal),
    bool_or(t.taken is null or v_task.app_version = any (t.taken))
  into v_alive, v_known, v_served, v_taken
  from _living_executors() as e
  cross join lateral _versions_taken(e.executor_id) as t
  where v_queue.application is null or v_queue.application = e.application;
  if not v_known then
    return query
    select 'unknown workflow', format('no living executor knows a workflow named %s', v_workflow.name);
    v_told := true;
  end if;
  if not v_served then
    return query
    select 'unserved queue', format('no living executor serves queue %s', v_queue.name);
    v_told := true;
  end if;
  if not v_taken then
    return query
    select 'version', case
      when v_task.app_version = '' then 'it has no version, and no living executor runs the latest'
      else format('it belongs to version %s, which no living executor runs', v_task.app_version)
    end;
    v_told := true;
  end if;
  if v_task.wake_at > v_now then
    return query
    select
      case when v_task.status = 'DELAYED' then 'delayed' else 'suspended' end,
      format('it waits until %s', v_task.wake_at);
    return;
  end if;

  return query select * from _held_back(v_task, v_queue, v_alive);
  -- A queue that is held back has no idle executor, however many have nothing to do.
  if not found and v_served and (v_queue.listening_until >= clock_timestamp()) is not true then
    return query
    select 'no idle executor', format('no executor has been idle on queue %s in the last seconds', v_queue.name);
  end if;
  v_told := v_told or found;

  if not v_task.placed then
    select count(*) into v_ahead
    from (
      select from tasks t
      where t.status = 'ENQUEUED' and not t.placed
        and t.queue_id = v_task.queue_id and t.app_version = v_task.app_version and t.lane_id = v_task.lane_id
        and (t.rank, t.key) < (v_task.rank, v_task.key)
      limit 1001
    ) as a;
    if v_ahead > 0 then
      return query
      select 'order', format('%s workflows are before it',
        case when v_ahead > 1000 then 'more than 1000' else v_ahead::text end);
      v_told := true;
    end if;
  end if;
  if not v_told then
    return query
    select 'next', format('nothing holds it: the next claim that serves queue %s takes it', v_queue.name);
  end if;
end
$$;

comment on function explain_wait(text) is
  'Why a workflow is not running: a row for each reason that holds now, with a sentence for people.
Reasons: ended, running, executor lost (until it is taken over), unknown workflow (no living executor knows
its name), unserved queue (no living executor serves it), version (no living executor runs its version or, without one,
the latest: set_version moves it), delayed, suspended, expired or timed out (until it is cancelled), queue paused, no executor, worker
concurrency (each living executor has reached it), concurrency, rate limit, partition concurrency, partition rate limit,
no idle executor, order (others are before it), next (nothing holds it: the next claim takes it). There is always
a row.
Raises PD002 (no such workflow).';
