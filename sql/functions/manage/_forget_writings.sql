-- Calls: _wake_waiters.
-- Locks: what it removes; it skips what others hold: _forget_removed comes back to it.
--
-- Messages are in two indexes, neither of which has them all. Their order leaves no other to choose: without it, planned
-- while there are few, they were looked for by reading all.
create or replace function _forget_writings(
  workflow_keys bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_waiting record;
begin
  -- Whoever waits for something of them looks again, and learns that they are gone.
  for v_waiting in
    select w.kind, array_agg(w.target_key) as keys, array_agg(w.name) as names
    from waits w
    where w.target_key = any (workflow_keys)
    group by w.kind
  loop
    perform _wake_waiters(v_waiting.keys, v_waiting.kind, v_waiting.names);
  end loop;
  delete from waits w
  where w.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid
      from waits f
      where f.target_key = g.key
      order by f.target_key, f.kind, f.name, f.waiter_key
      offset 0
      for update skip locked
    ) as e
  ));
  delete from waits w
  where w.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid from waits f where f.waiter_key = g.key and f.waiter_key > 0 order by f.waiter_key offset 0
      for update skip locked
    ) as e
  ));
  delete from wakes w
  where w.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid from wakes f where f.key = g.key order by f.key offset 0
      for update skip locked
    ) as e
  ));
  delete from messages m
  where m.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid
      from messages f
      where f.key = g.key and not f.received
      order by f.topic, f.message_id
      offset 0
      for update skip locked
    ) as e
  ));
  delete from messages m
  where m.ctid = any (array(
    select e.ctid
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select f.ctid
      from messages f
      where f.key = g.key and f.idempotency_key is not null
      order by f.idempotency_key
      offset 0
      for update skip locked
    ) as e
  ));
end
$$;

comment on function _forget_writings(bigint[]) is
  'Removes what others have written for these workflows, or wait for, when the workflows are being deleted.';
