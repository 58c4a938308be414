create or replace function _next_moment()
returns timestamptz
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
begin
  return least(
    (select t.deadline from tasks t where t.deadline is not null order by t.deadline, t.key limit 1),
    (select t.wake_at from tasks t where t.wake_at is not null order by t.wake_at, t.key limit 1)
  );
end
$$;

comment on function _next_moment() is
  'When the next workflow is to be woken or has its deadline; null if none is. Two index probes.';
