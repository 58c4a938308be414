-- Calls: _check_isolation, _hold_queues.
-- Locks: the queues; the tasks by key, then the outcomes by key, as _hold_family does.
create or replace function _hold_resumable(
  workflow_keys bigint[],
  queue text,
  caller_key bigint default null,
  out waiting bigint[],
  out ended bigint[]
)
returns record
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
begin
  perform _check_isolation('resume');
  perform _hold_queues(workflow_keys, _hold_resumable.queue);
  with held as materialized (
    select t.key
    from tasks t
    where t.key = any (workflow_keys || caller_key)
      and (t.status = 'DELAYED' or t.status = 'ENQUEUED' and _hold_resumable.queue is not null or t.key = caller_key)
    order by t.key
    for update
  )
  select array_agg(h.key order by h.key) into waiting from held h;
  with held as materialized (
    select o.key
    from outcomes o
    where o.key = any (workflow_keys) and o.status in ('CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED')
    order by o.key
    for update
  )
  select array_agg(h.key order by h.key) into ended from held h;
  if exists (
    select from unnest(workflow_keys) as g (key)
    where (select w.key from workflows w where w.key = g.key) is null
  ) then
    perform _raise_deleted();
  end if;
  -- The caller runs.
  waiting := array_remove(coalesce(waiting, '{}'), caller_key);
  ended := coalesce(ended, '{}');
end
$$;

comment on function _hold_resumable(bigint[], text, bigint) is
  'Of these workflows, keeps those that can be resumed from changing until the end of the transaction; besides them
the workflow that calls this, if any. Returns the keys of those that are DELAYED or, if a queue is given, ENQUEUED,
and of those that are CANCELLED or dead-lettered. Raises PD001 in a transaction that is not read committed.';
