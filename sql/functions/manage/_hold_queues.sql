-- Calls: _queue.
-- Locks: the queues against deletion and new ranks, in one order. Before any task: who changes
-- a queue (_set_queue) locks it first, then its tasks.
create or replace function _hold_queues(
  workflow_keys bigint[],
  queue text
)
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  if _hold_queues.queue is not null then
    if _hold_queues.queue <> '_internal' then
      perform _queue(_hold_queues.queue);
    end if;
    return;
  end if;
  perform pg_advisory_xact_lock_shared('tasks'::regclass::oid::bigint::bit(32)::int, g.place)
  from (
    select distinct (
      select hashtext(q.name)
      from workflows w
      join queues q on q.queue_id = w.queue_id
      where w.key = k.key
    ) as place
    from unnest(workflow_keys) as k (key)
    order by 1
  ) as g
  where g.place is not null;
end
$$;

comment on function _hold_queues(bigint[], text) is
  'Keeps the queues of these workflows, or the one that is given, from being deleted or reordered until the end of the
transaction. Raises PD007 if the one that is given does not exist.';
