-- Calls: _keys_of, _hold_family, _cancel_held, _cancelled.
create or replace function cancel_many(
  workflow_ids text[],
  children boolean default false
)
returns table (
  item int,
  workflow_id text,
  outcome text,
  status text
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_keys bigint[] := _keys_of(workflow_ids);
  v_held record;
begin
  select h.active, h.dead into v_held from _hold_family(v_keys, coalesce(children, false)) as h;
  perform _cancel_held(v_held.active, v_held.dead);
  return query
  select c.item, c.workflow_id, c.outcome, c.status from _cancelled(v_keys, v_held.active || v_held.dead) as c;
end
$$;

comment on function cancel_many(text[], boolean) is
  'Cancels workflows that have not ended: they leave their queues and limits, give up their deduplication ids, and
whoever waits for them is told. What runs learns of it at its next checkpoint; waits and preemptible steps stop at
once (channel <schema>.cancelled). Their steps are kept: see resume_many. In one transaction.
workflow_ids: those to cancel, in any state.
children: true to cancel their children, too, and the children of those; also of a workflow that has ended.
Returns a row for each, in order, and with children one more, without item, for each child that was cancelled:
  ''cancelled'': it was active, or MAX_RECOVERY_ATTEMPTS_EXCEEDED, and is CANCELLED now;
  ''ended before'': nothing was done; status is how it ended: SUCCESS, ERROR, or CANCELLED before.
Raises PD001 (with children, in a transaction that is not read committed), PD002 (one does not exist; nothing was
cancelled).';
