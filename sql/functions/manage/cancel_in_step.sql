-- Calls: _recorded_before, _keys_of, _hold_family, _recorded_in_step, _cancel_held, _cancelled, _record_now.
-- Locks: the tasks of the caller and of those to cancel, by key. The caller may be one of them.
create or replace function cancel_in_step(
  workflow_key bigint,
  token bigint,
  step int,
  workflow_ids text[],
  children boolean default false
)
returns json
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_keys bigint[];
  v_held record;
  v_recorded json := _recorded_before(workflow_key, cancel_in_step.token, cancel_in_step.step, 'perdure.cancel');
begin
  if v_recorded is not null then
    return v_recorded;
  end if;
  v_keys := _keys_of(workflow_ids);
  select h.active, h.dead into v_held
  from _hold_family(v_keys, coalesce(children, false), workflow_key) as h;
  v_recorded := _recorded_in_step(workflow_key, cancel_in_step.token, cancel_in_step.step, 'perdure.cancel');
  if v_recorded is not null then
    return v_recorded;
  end if;

  perform _cancel_held(v_held.active, v_held.dead);
  select coalesce(json_object_agg(c.workflow_id, c.outcome), '{}') into v_recorded
  from (
    select distinct on (r.workflow_id) r.workflow_id, r.outcome
    from _cancelled(v_keys, v_held.active || v_held.dead) as r
    order by r.workflow_id
  ) as c;
  perform _record_now(workflow_key, cancel_in_step.step, 'perdure.cancel', v_recorded);
  return v_recorded;
end
$$;

comment on function cancel_in_step(bigint, bigint, int, text[], boolean) is
  'Cancels workflows from a step of a workflow that the caller owns, and records the step with it: however often it
is replayed, they are cancelled once. It may cancel itself. For workflow_ids and children see cancel_many.
workflow_key, token: from claim or start. step: its number within the workflow.
Returns an object, as it is recorded: for each id what cancel_many says of it.
Raises PD001, PD002 as cancel_many does, PD004 (lease lost), PD005 (another step is recorded there).';
