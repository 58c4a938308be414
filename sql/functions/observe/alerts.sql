-- Calls: _with_work, _oldest_waiting, _waiting_versions.
--
-- Every part reads a bounded number of rows, however long the history and the queues are.
create or replace function alerts(
  within interval default '1 hour',
  max_waiting interval default '5 minutes',
  max_failures double precision default 0.5,
  min_ended int default 10,
  max_lateness interval default '1 minute'
)
returns table (
  kind text,
  subject text,
  since timestamptz,
  detail text,
  severity text
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_alive int;
begin
  if (within > interval '0' and max_waiting >= interval '0' and max_lateness >= interval '0'
    and greatest(within, max_waiting, max_lateness) <= interval '100 years'
    and max_failures between 0 and 1 and min_ended > 0) is not true
  then
    perform _raise(
      'PD001', 'a bound of alerts is out of range',
      hint => 'Spans are 0 to 100 years, max_failures is 0 to 1, min_ended 1 or more.'
    );
  end if;

  return query
  select
    'dead letter', w.name, min(o.completed_at),
    format('%s whose worker died too often, the last one is %s',
      case when count(*) >= 1000 then 'at least 1000' else count(*)::text end,
      (array_agg(w.workflow_id order by o.completed_at desc, o.key desc))[1]),
    'critical'
  from (
    select d.key, d.completed_at
    from outcomes d
    where d.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' and d.completed_at > v_now - within
    order by d.completed_at desc, d.key desc
    limit 1000
  ) as o
  cross join lateral (
    select f.name, f.workflow_id from workflows f where f.key = o.key offset 0
  ) as w
  group by w.name
  order by w.name;

  return query
  select
    'failing workflow', w.name, min(o.completed_at) filter (where o.status <> 'SUCCESS'),
    format('%s of the last %s have failed', count(*) filter (where o.status <> 'SUCCESS'), count(*)),
    case when bool_or(o.status = 'SUCCESS') then 'warning' else 'critical' end
  from (
    select d.key, d.completed_at, d.status
    from outcomes d
    where d.completed_at > v_now - within
    order by d.completed_at desc, d.key desc
    limit 5000
  ) as o
  cross join lateral (
    select f.name from workflows f where f.key = o.key offset 0
  ) as w
  where o.status in ('SUCCESS', 'ERROR', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
  group by w.name
  having count(*) >= min_ended
    and count(*) filter (where o.status <> 'SUCCESS') >= greatest(max_failures * count(*), 1)
  order by w.name;

  select count(*) into v_alive from executors e where not e.lapsed and e.lease_until >= clock_timestamp();
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
        select from executors e
        where not e.lapsed and e.lease_until >= clock_timestamp()
          and (e.queues is null or q.name = any (e.queues) or q.internal)
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
    format('%s wait, and no living executor knows a workflow of this name',
      case when count(*) >= 1000 then 'at least 1000' else count(*)::text end),
    'critical'
  from (
    (select t.key from tasks t where t.status = 'ENQUEUED' and not t.placed order by t.queue_id, t.app_version limit 1000)
    union all
    (select t.key from tasks t where t.wake_at is not null and t.status = 'DELAYED' order by t.wake_at limit 1000)
  ) as t
  cross join lateral (
    select f.name, f.created_at from workflows f where f.key = t.key offset 0
  ) as w
  where v_alive > 0 and w.created_at < v_now - max_waiting
    and not exists (
      select from executors e
      where not e.lapsed and e.lease_until >= clock_timestamp()
        and (e.workflows is null or w.name = any (e.workflows))
    )
  group by w.name
  order by w.name;

  return query
  select
    'unserved version', format('%s of queue %s', v.app_version, q.name), null::timestamptz,
    'work waits for this version, and no living executor runs it', 'critical'
  from queues q
  cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
  where v_alive > 0 and not q.paused and v.app_version <> ''
    and not exists (
      select from executors e
      where not e.lapsed and e.lease_until >= clock_timestamp() and coalesce(e.app_version, v.app_version) = v.app_version
    )
  order by q.name, v.app_version;

  return query
  select
    'lapsed executor', format('%s (%s)', e.name, e.executor_id), e.lease_until,
    format('%s workflows wait to be taken from it', case when h.many > 1000 then 'more than 1000' else h.many::text end),
    'warning'
  from executors e
  cross join lateral (
    select count(*) as many
    from (select from tasks t where t.executor_id = e.executor_id limit 1001) as t
  ) as h
  where (e.lapsed or e.lease_until < clock_timestamp()) and h.many > 0
  order by e.executor_id;

  return query
  select
    'late schedule', s.name, coalesce(s.next_at, s.reckoned_at),
    case
      when s.next_at is null then format('it has no next tick: is time zone %s still known?', s.zone)
      else 'its tick was not fired: does a worker, or anybody else, call run_maintenance?'
    end,
    'critical'
  from schedules s
  where not s.paused and (s.next_at is null or s.next_at < v_now - max_lateness)
  order by s.name;
end
$$;

comment on function alerts(interval, interval, double precision, int, interval) is
  'What needs somebody: a row for each thing that is wrong now, or went wrong of late; none if all is well.
within: how far to look back at what has ended. It looks at the last 5000 at the most.
max_waiting: how long a workflow may wait for its first start. max_failures: which share of a workflow name''s runs
may fail, 0 to 1, once min_ended have ended; what was cancelled counts for neither. max_lateness: by how much a tick may
be late.
Returns kind, subject, since when, a sentence for people, and the severity, critical or warning. Kinds, with
their subjects: dead letter (a workflow name: its worker died too often), failing workflow (a workflow name), unserved
queue (work waits for longer than max_waiting, and no living executor serves the queue), slow queue (somebody serves it),
unknown workflow (work of this name waits so long, and no living executor knows it), unserved version (a version and a queue: work waits
for it, and no living executor runs it),
lapsed executor (its work is not taken over yet), late schedule. Queues that are paused are not told of.
Raises PD001 (a bound out of range).';
