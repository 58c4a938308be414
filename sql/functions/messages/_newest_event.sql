create or replace function _newest_event(
  workflow_key bigint,
  name text
)
returns table (
  value json
)
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
begin
  return query
  select e.value
  from events e
  where e.key = workflow_key and e.name = _newest_event.name
  order by e.key desc, e.name desc, e.event_id desc
  limit 1;
end
$$;

comment on function _newest_event(bigint, text) is 'The value an event was last set to; no row if it never was.';
