-- Calls: set_events.
create or replace function set_event(
  workflow_key bigint,
  token bigint,
  step int,
  name text,
  value json
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  select e.outcome, e.name into v_outcome, v_recorded
  from set_events(
    array[workflow_key], array[set_event.token], array[set_event.step], array[set_event.name], array[set_event.value]
  ) as e;

  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(set_event.step, v_recorded, 'perdure.set_event');
  end if;
  return v_outcome is null;
end
$$;

comment on function set_event(bigint, bigint, int, text, json) is
  'Sets one event of a workflow that the caller owns, as a step of it; see set_events.
Returns true if it was set now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there).';
