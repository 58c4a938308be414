-- Calls: _living_executors, _oldest_waiting, _with_work, _waiting_versions.
create or replace function _alerts_of_waiting(
  max_waiting interval
)
returns setof alert_info
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_living executors[] := array(select e from _living_executors() as e);
  v_alive int := cardinality(v_living);
begin
  return query
  select
    case when s.served then 'slow queue' else 'unserved queue' end, q.name, s.oldest,
    case
      when s.served then format('its oldest workflow waits for longer than %s', _span(max_waiting))
      when v_alive = 0 then 'work waits and no executor is alive'
      else format('work waits and none of %s executors serves it', v_alive)
    end,
    case when s.served then 'warning' else 'critical' end
  from queues q
  cross join lateral (
    select e.served, _oldest_waiting(q.queue_id, not e.served) as oldest
    from (
      select exists (
        select from unnest(v_living) as e
        where (e.queues is null or q.name = any (e.queues) or q.internal)
          and (q.application is null or q.application = e.application)
      ) as served
    ) as e
  ) as s
  where q.queue_id = any (_with_work(array(select g.queue_id from queues g where not g.paused), null))
    and s.oldest < v_now - max_waiting
  order by q.name;

  -- Work that comes back to its queue again and again is delayed for a while each time.
  return query
  select
    'unknown workflow', w.name, min(w.created_at),
    format('%s, and no living executor knows a workflow of this name',
      case when count(*) >= 1000 then 'at least 1000 wait' when count(*) = 1 then 'one waits' else count(*) || ' wait' end),
    'critical'
  from (
    (
      select t.key, t.queue_id from tasks t
      where t.status = 'ENQUEUED' and not t.placed
      order by t.queue_id, t.app_version
      limit 1000
    )
    union all
    (
      select t.key, t.queue_id from tasks t
      where t.wake_at is not null and t.status = 'DELAYED'
      order by t.wake_at
      limit 1000
    )
  ) as t
  cross join lateral (
    select f.name, f.created_at from workflows f where f.key = t.key offset 0
  ) as w
  cross join lateral (
    select f.application from queues f where f.queue_id = t.queue_id offset 0
  ) as q
  where w.created_at < v_now - max_waiting
    -- Null: nobody serves the queue, which was told above.
    and (
      select bool_or(e.workflows is null or w.name = any (e.workflows))
      from unnest(v_living) as e
      where q.application is null or q.application = e.application
    ) is false
  group by w.name
  order by w.name;

  return query
  select
    'unserved version', format('%s of queue %s', v.app_version, q.name), null::timestamptz,
    'work waits for this version, and no living executor runs it', 'critical'
  from queues q
  cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
  where not q.paused and v.app_version <> ''
    and (
      select bool_or(coalesce(e.app_version, v.app_version) = v.app_version)
      from unnest(v_living) as e
      where q.application is null or q.application = e.application
    ) is false
  order by q.name, v.app_version;
end
$$;

comment on function _alerts_of_waiting(interval) is
  'Of alerts: what waits too long, and what waits for somebody who is not there.';
