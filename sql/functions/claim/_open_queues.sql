-- A queue that is seen to be full is passed over without locking it, unless something returns to it with
-- a place: so claims do not take turns at nothing, and thousands of full queues need no thousands of locks.
-- (To count a high limit twice would cost more than that saves.)
create or replace function _open_queues(
  queue_ids int[]
)
returns int[]
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
  return array(
    select g.queue_id
    from unnest(queue_ids) as g (queue_id)
    cross join lateral (
      select q.concurrency, q.paused from queues q where q.queue_id = g.queue_id offset 0
    ) as q
    where not q.paused and (
      q.concurrency <= 100 is not true
      or q.concurrency > (
        select count(*)
        from (select from tasks t where t.placed and t.queue_id = g.queue_id limit q.concurrency) as taken
      )
      or (
        select t.key from tasks t where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id limit 1
      ) is not null
    )
    order by random()
  );
end
$$;

comment on function _open_queues(int[]) is
  'Those of these queues that are not paused, and not seen to be full, in a random order.';
