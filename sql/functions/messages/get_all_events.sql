create or replace function get_all_events(
  workflow_id text
)
returns table (
  name text,
  value json,
  set_at timestamptz
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
  v_key bigint;
begin
  v_key := _key_of(get_all_events.workflow_id);
  return query
  select distinct on (e.name) e.name, e.value, e.set_at
  from events e
  where e.key = v_key
  order by e.name, e.event_id desc;
end
$$;

comment on function get_all_events(text) is
  'The events of a workflow with their newest values, by name.
Raises PD002 (no such workflow).';
