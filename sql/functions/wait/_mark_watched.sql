-- Calls: _notify_queue.
-- Locks: the tasks, by key.
--
-- Until this commits, a claim passes over what is marked here. If it waits to be claimed, a worker that was told of
-- it may have looked meanwhile, in vain: so idle workers are told again. (Without that, on an idle queue a third of
-- those who enqueue and then wait for the result waited for the next poll.)
create or replace function _mark_watched(
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
  v_queues int[];
begin
  with unwatched as (
    select t.key
    from tasks t
    where t.key = any (workflow_keys) and not t.watched
    order by t.key
    for no key update
  ),
  marked as (
    update tasks t
    set watched = true
    from unwatched u
    where t.key = u.key
    returning t.queue_id, t.status
  )
  select array_agg(distinct m.queue_id) into v_queues from marked m where m.status = 'ENQUEUED';

  perform _notify_queue(q.queue_id) from unnest(v_queues) as q (queue_id);
end
$$;

comment on function _mark_watched(bigint[]) is 'Notes that the end of these workflows is to be told.';
