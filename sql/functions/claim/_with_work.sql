create or replace function _with_work(
  queue_ids int[]
)
returns int[]
language plpgsql
stable
set search_path from current
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
begin
  -- Two conditions, because each fits an index of its own.
  return array(
    select g.queue_id
    from unnest(queue_ids) as g (queue_id)
    where exists (select from tasks t where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id)
      or exists (select from tasks t where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id)
  );
end
$$;

comment on function _with_work(int[]) is
  'Which of these queues have work that waits to be claimed, whether or not limits hold it back.';
