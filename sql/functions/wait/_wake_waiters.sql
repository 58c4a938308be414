-- Calls: _notify_queue.
create or replace function _wake_waiters(
  target_keys bigint[],
  kind text,
  names text[]
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_waiting record;
  v_queues int[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    -- It may not see who waits. The next claim does.
    insert into wakes (key, kind, name)
    select distinct k.key, _wake_waiters.kind, k.name from unnest(target_keys, names) as k (key, name);
    return;
  end if;

  for v_waiting in
    select w.target_key, w.name, w.waiter_key, t.key, t.executor_id, t.status, t.queue_id
    from (select distinct k.key, k.name from unnest(target_keys, names) as k (key, name)) as g
    cross join lateral (
      select e.target_key, e.name, e.waiter_key
      from waits e
      where e.target_key = g.key and e.kind = _wake_waiters.kind and e.name = g.name
      offset 0
    ) as w
    left join lateral (
      select s.key, s.executor_id, s.status, s.queue_id from tasks s where s.key = w.waiter_key offset 0
    ) as t on true
  loop
    if v_waiting.waiter_key = 0 then
      -- Whoever it was looks, and notes it again if it goes on waiting.
      delete from waits w
      where (w.target_key, w.kind, w.name, w.waiter_key) in (
        select e.target_key, e.kind, e.name, e.waiter_key
        from waits e
        where e.target_key = v_waiting.target_key and e.kind = _wake_waiters.kind
          and e.name = v_waiting.name and e.waiter_key = 0
        for update skip locked
      );
      perform pg_notify(
        current_schema() || '.changed',
        _wake_waiters.kind || ' ' || (select f.workflow_id from workflows f where f.key = v_waiting.target_key)
      );
    elsif v_waiting.executor_id is not null then
      perform pg_notify(current_schema() || '.wake', v_waiting.waiter_key::text);
    elsif v_waiting.status = 'PENDING' then
      insert into wakes (key) values (v_waiting.waiter_key);
      v_queues := v_queues || v_waiting.queue_id;
    end if;
  end loop;

  if kind = 'end' then
    delete from waits w where w.target_key = any (target_keys) and w.kind = 'end';
  end if;
  perform _notify_queue(g.queue_id)
  from (select distinct q.queue_id from unnest(v_queues) as q (queue_id)) as g;
end
$$;

comment on function _wake_waiters(bigint[], text, text[]) is
  'Wakes those who wait for this of these workflows: by notification on <schema>.wake if they are in the memory
of a worker, through the next claim if they were put down, on <schema>.changed if they are no workflows. The
caller holds _hold_waiters, or the tasks.';
