create or replace function _alerts_of_upkeep(
  max_lateness interval
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
  where not s.paused and (s.next_at is null or s.next_at < _now() - max_lateness)
  order by s.name;
end
$$;

comment on function _alerts_of_upkeep(interval) is
  'Of alerts: what maintenance has not done that it should have: takeovers, and ticks of schedules.';
