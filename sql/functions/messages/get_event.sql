-- Calls: _check_text, _check_isolation, _newest_event, _await.
create or replace function get_event(
  workflow_id text,
  name text,
  watch boolean default false
)
returns table (
  value json
)
language plpgsql
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
  if watch then
    perform _check_isolation('get_event with watch');
  end if;
  select w.key into v_key from workflows w where w.workflow_id = get_event.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_event.workflow_id);
  end if;
  return query select e.value from _newest_event(v_key, get_event.name) as e;
  if not found and watch and _await(v_key, 'event', get_event.name, 0) then
    return query select e.value from _newest_event(v_key, get_event.name) as e;
  end if;
end
$$;

comment on function get_event(text, text, boolean) is
  'The value an event of a workflow was last set to; no row while it has not been set.
watch: true to be notified, on channel <schema>.changed with payload ''event <workflow id>'', when it is set; in a
transaction of its own, at whose end the watch begins. Look again after some seconds in any case.
Raises PD001 (bad name, or watching in a transaction that is not read committed), PD002 (no such workflow).';
