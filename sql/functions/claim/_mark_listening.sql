-- A claim that finds less than it asked for says: I am idle here, wake me. One that finds
-- all it asked for takes that back: a busy queue needs no NOTIFY. The mark is a moment two spans
-- ahead, so an idle worker writes it once in several polls, and it lapses by itself
-- when the worker dies. A row that somebody else is writing is skipped: it is a hint.
create or replace function _mark_listening(
  queue_ids int[],
  idle boolean,
  span interval
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  with stale as (
    select q.queue_id
    from queues q
    where q.queue_id = any (queue_ids)
      and case
        when idle then coalesce(q.listening_until < clock_timestamp() + span, true)
        else q.listening_until > clock_timestamp()
      end
    order by q.queue_id
    for no key update skip locked
  )
  update queues q
  set listening_until = case when idle then clock_timestamp() + 2 * span end
  from stale s
  where q.queue_id = s.queue_id;
end
$$;

comment on function _mark_listening(int[], boolean, interval) is
  'Keeps the mark by which enqueueing knows whether a worker is idle on these queues, and claims again within this span.';
