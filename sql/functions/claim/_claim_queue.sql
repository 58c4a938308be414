-- Locks: tasks of one queue, in the order of the queue, skipping what others hold.
--
-- The plan is pinned to tasks_ready. Without that a generic plan takes the limit for a tenth
-- of the backlog and sorts all of it: 32 claims/s at 100,000 waiting against 1,000 to 2,000.
create or replace function _claim_queue(
  queue_id int,
  executor_id bigint,
  max_workflows int
)
returns bigint[]
language plpgsql
set search_path from current
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_keys bigint[];
begin
  with ready as materialized (
    select t.key
    from tasks t
    where t.status = 'ENQUEUED'
      and t.queue_id = _claim_queue.queue_id
    order by t.queue_id, t.lane_id, t.priority, t.key
    limit max_workflows
    for update skip locked
  ),
  claimed as (
    update tasks t
    set status = 'PENDING',
        executor_id = _claim_queue.executor_id,
        token = nextval('claim_tokens'),
        attempts = t.attempts + 1,
        started_at = v_now
    from ready r
    where t.key = r.key
    returning t.key
  )
  select array_agg(c.key) into v_keys from claimed c;
  return coalesce(v_keys, '{}');
end
$$;

comment on function _claim_queue(int, bigint, int) is
  'Hands the first workflows of one queue to an executor. Returns their keys, in no order.';
