-- Calls: _check_text, _newest_event.
create or replace function get_event(
  workflow_id text,
  name text
)
returns table (
  value json
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
  perform _check_text('event', get_event.name);
  v_key := _key_of(get_event.workflow_id);
  return query select e.value from _newest_event(v_key, get_event.name) as e;
end
$$;

comment on function get_event(text, text) is
  'The value an event of a workflow was last set to; no row while it has not been set (watch tells when it is).
Raises PD001 (bad name), PD002 (no such workflow).';
