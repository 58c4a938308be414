-- Calls: _put_down.
-- Locks: the tasks of both, by key; so the other has ended, or its end finds who waits.
create or replace function suspend_until_ended(
  workflow_key bigint,
  token bigint,
  workflow_id text
)
returns boolean
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_target bigint;
  v_keys bigint[];
begin
  select w.key into v_target from workflows w where w.workflow_id = suspend_until_ended.workflow_id;
  if not found then
    perform _raise_workflow_not_found(suspend_until_ended.workflow_id);
  end if;
  if v_target = workflow_key then
    perform _raise('PD001', 'a workflow cannot wait for its own end', hint => 'Give the id of another workflow.');
  end if;

  select array_agg(h.key) into v_keys
  from (
    select t.key
    from tasks t
    where t.key = any (array[workflow_key, v_target])
      and (t.key = v_target or t.token = suspend_until_ended.token)
    order by t.key
    for no key update
  ) as h;
  if workflow_key = any (v_keys) is not true then
    perform _raise_lease_lost(workflow_key);
  end if;
  if v_target <> all (v_keys) then
    return false;
  end if;

  insert into waits (target_key, kind, name, waiter_key)
  values (v_target, 'end', '', workflow_key)
  on conflict (target_key, kind, name, waiter_key) do nothing;
  update tasks t set watched = true where t.key = v_target and not t.watched;
  perform _put_down(array[workflow_key], array[suspend_until_ended.token], array[interval '100 years'], 'PENDING');
  return true;
end
$$;

comment on function suspend_until_ended(bigint, bigint, text) is
  'Takes a workflow that the caller owns from this worker until another one has ended; then it is claimed again.
workflow_key, token: from claim or start. workflow_id: whose end it waits for.
Returns true if it was put down, and its token is void; false if the other has ended already.
Raises PD001 (itself), PD002 (no such workflow), PD004 (lease lost).';
