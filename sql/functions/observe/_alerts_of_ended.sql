-- At most the last 1000 dead letters, and the last 5000 of all that has ended, are looked at.
create or replace function _alerts_of_ended(
  since timestamptz,
  max_failures double precision,
  min_ended int
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
begin
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
    where d.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' and d.completed_at > _alerts_of_ended.since
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
    where d.completed_at > _alerts_of_ended.since
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
end
$$;

comment on function _alerts_of_ended(timestamptz, double precision, int) is
  'Of alerts: dead letters, and names of which too many have failed.';
