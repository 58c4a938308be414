-- Calls: _wake_waiters.
--
-- Messages are in two indexes, neither of which has them all.
create or replace function _forget_writings(
  workflow_keys bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
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
  delete from waits w where w.target_key = any (workflow_keys);
  delete from waits w where w.waiter_key > 0 and w.waiter_key = any (workflow_keys);
  delete from wakes w where w.key = any (workflow_keys);
  delete from messages m where m.key = any (workflow_keys) and not m.received;
  delete from messages m where m.key = any (workflow_keys) and m.idempotency_key is not null;
end
$$;

comment on function _forget_writings(bigint[]) is
  'Removes what others have written for these workflows, or wait for, when the workflows are being deleted.';
