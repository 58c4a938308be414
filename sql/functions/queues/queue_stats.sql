-- Calls: _raise_queue_not_found.
create or replace function queue_stats(
  only_queue text default null,
  with_direct boolean default false
)
returns table (
  queue text,
  waiting bigint,
  delayed bigint,
  running bigint,
  suspended bigint,
  partitions_waiting bigint,
  oldest_waiting interval
)
language plpgsql
stable
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return query
  select
    min(q.name) filter (where not q.internal),
    count(t.key) filter (where t.status = 'ENQUEUED'),
    count(t.key) filter (where t.status = 'DELAYED'),
    count(t.key) filter (where t.status = 'PENDING' and t.executor_id is not null),
    count(t.key) filter (where t.status = 'PENDING' and t.executor_id is null),
    count(distinct t.lane_id) filter (where t.status = 'ENQUEUED' and t.lane_id > 0),
    _now() - (
      select w.created_at
      from workflows w
      where w.key = min(t.key) filter (where t.status = 'ENQUEUED')
    )
  from queues q
  left join tasks t on t.queue_id = q.queue_id
  where not q.internal and (only_queue is null or q.name = only_queue)
    or q.internal and with_direct and only_queue is null
  group by case when not q.internal then q.queue_id end
  order by 1;

  if not found and only_queue is not null then
    perform _raise_queue_not_found(only_queue);
  end if;
end
$$;

comment on function queue_stats(text, boolean) is
  'What each queue holds now. It counts rows: its cost grows with what is active, not with history.
only_queue: null for all, or the name of one.
with_direct: true for one more row, the last, whose queue is null: what was started directly, of all applications, and what
was resumed or forked past the limits of its queue. Not with only_queue.
Returns the name; how many workflows wait to be claimed, are delayed, run on an executor, or are put down
with a place; in how many partitions some wait; and since when the oldest waits.
Raises PD001 (a name that no queue can have), PD007 (no such queue).';
