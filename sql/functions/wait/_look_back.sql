-- Calls: _hold_writers, _tell_returned. For the caller that holds the tasks and has put them down.
--
-- A workflow may wait in several places at a time, and is put down in one. What was written for another
-- while it was in the memory of its worker has only been told there, where it is not any more.
create or replace function _look_back(
  workflow_keys bigint[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_wait record;
  v_alone boolean;
  v_there boolean;
  v_there_keys bigint[] := '{}'::bigint[];
  v_soon_keys bigint[] := '{}'::bigint[];
  v_queues int[];
begin
  for v_wait in
    select w.*
    from unnest(workflow_keys) as g (key)
    cross join lateral (
      select n.target_key, n.kind, n.name, n.waiter_key
      from waits n
      where n.waiter_key = g.key and n.waiter_key > 0
      offset 0
    ) as w
  loop
    -- Alone first, then the look: a writer that comes later sees that the workflow is put down.
    if v_wait.kind = 'end' then
      perform from tasks t where t.key = v_wait.target_key for key share skip locked;
      v_alone := found;
      v_there := not v_alone and not exists (select from tasks t where t.key = v_wait.target_key);
    else
      v_alone := current_setting('transaction_isolation') = 'read committed' and _hold_writers(v_wait.target_key);
      v_there := case v_wait.kind
        when 'message' then exists (
          select from messages m where m.key = v_wait.target_key and m.topic = v_wait.name and not m.received
        )
        else exists (
          select from events e where e.key = v_wait.target_key and e.name = v_wait.name
        )
      end;
    end if;

    if v_there then
      v_there_keys := v_there_keys || v_wait.waiter_key;
      -- It is noted again if the workflow goes on waiting for it.
      delete from waits w
      where w.target_key = v_wait.target_key and w.kind = v_wait.kind
        and w.name = v_wait.name and w.waiter_key = v_wait.waiter_key;
    elsif not v_alone then
      v_soon_keys := v_soon_keys || v_wait.waiter_key;
    end if;
  end loop;

  if v_there_keys <> '{}' then
    with called as (
      update tasks t
      set status = 'ENQUEUED', wake_at = null
      where t.key = any (v_there_keys) and t.wake_at is not null
      returning t.queue_id
    )
    select array_agg(distinct c.queue_id) into v_queues from called c;
    perform _tell_returned(q.queue_id) from unnest(v_queues) as q (queue_id);
  end if;
  if v_soon_keys <> '{}' then
    update tasks t
    set wake_at = least(t.wake_at, _now() + interval '1 second')
    where t.key = any (v_soon_keys) and t.wake_at is not null;
  end if;
end
$$;

comment on function _look_back(bigint[]) is
  'Of workflows that are put down now, enqueues those for which something is there that they have noted to wait
for; those for which something may be under way stay down for a second.';
