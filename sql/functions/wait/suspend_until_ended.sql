-- Calls: _mark_watched, _put_down.
-- Locks: the tasks of all, by key; so each other has ended, or its end finds who waits.
create or replace function suspend_until_ended(
  workflow_key bigint,
  token bigint,
  workflow_ids text[]
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
  v_targets bigint[];
  v_unknown text;
  v_keys bigint[];
begin
  select array_agg(distinct w.key), min(coalesce(g.workflow_id, 'null')) filter (where w.key is null)
  into v_targets, v_unknown
  from unnest(workflow_ids) as g (workflow_id)
  left join lateral (
    select f.key from workflows f where f.workflow_id = g.workflow_id offset 0
  ) as w on true;
  if v_unknown is not null then
    perform _raise_workflow_not_found(v_unknown);
  end if;
  if workflow_key = any (v_targets) then
    perform _raise('PD001', 'a workflow cannot wait for its own end', hint => 'Give the id of another workflow.');
  end if;

  with held as materialized (
    select t.key
    from tasks t
    where t.key = any (v_targets || workflow_key)
      and (t.key <> workflow_key or t.token = suspend_until_ended.token)
    order by t.key
    for no key update
  )
  select array_agg(h.key) into v_keys from held h;
  if workflow_key = any (v_keys) is not true then
    perform _raise_lease_lost(workflow_key);
  end if;
  if v_targets is null or not v_targets <@ v_keys then
    return false;
  end if;

  insert into waits (target_key, kind, name, waiter_key)
  select g.key, 'end', '', workflow_key
  from unnest(v_targets) as g (key)
  on conflict (target_key, kind, name, waiter_key) do nothing;
  perform _mark_watched(v_targets);
  perform _put_down(array[workflow_key], array[suspend_until_ended.token], array[interval '100 years'], 'PENDING');
  return true;
end
$$;

comment on function suspend_until_ended(bigint, bigint, text[]) is
  'Takes a workflow that the caller owns from this worker until one of these others has ended; then it is
claimed again.
workflow_key, token: from claim or start. workflow_ids: those whose end it waits for.
Returns true if it was put down, and its token is void; false if one of them has ended already.
Raises PD001 (itself), PD002 (no such workflow), PD004 (lease lost).';
