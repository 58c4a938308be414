-- Reads the ends of indexes, and of the dead at most 10,000.
create or replace function _late_and_dead(
  now timestamptz
)
returns table (
  metric text,
  labels json,
  value double precision
)
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
begin
  return query
  select 'perdure_dead_letters', '{}'::json, count(*)::double precision
  from (select from outcomes o where o.status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' limit 10000) as d
  union all
  select 'perdure_overdue_seconds', json_build_object('what', d.what),
    coalesce(greatest(extract(epoch from _late_and_dead.now - d.at), 0), 0)
  from (values
    ('wake', (select min(t.wake_at) from tasks t)),
    ('deadline', (select min(t.deadline) from tasks t)),
    ('schedule', (select min(s.next_at) from schedules s))
  ) as d (what, at);
end
$$;

comment on function _late_and_dead(timestamptz) is
  'Of metrics: how many are dead, and how late is what should have happened: then nobody runs maintenance, or it does not
keep up.';
