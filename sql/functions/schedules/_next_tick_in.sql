create or replace function _next_tick_in()
returns interval
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
begin
  return (
    select greatest(s.next_at - _now(), interval '0')
    from schedules s
    where s.next_at is not null
    order by s.next_at
    limit 1
  );
end
$$;

comment on function _next_tick_in() is 'The time until a schedule is due; null if none has a next tick.';
