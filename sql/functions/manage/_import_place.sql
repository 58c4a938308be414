-- Calls: _queue, _lane_ids.
--
-- What has ended may name a queue that has no partitions here, or a partition that is not used any more.
create or replace function _import_place(
  workflow exported_workflow,
  create_queues boolean,
  out queue_id int,
  out lane_id int
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_queue queues;
begin
  lane_id := 0;
  if workflow.queue is null then
    return;
  end if;
  if create_queues and workflow.partition_key is not null then
    perform _check_text('queue', workflow.queue);
    insert into queues (name, partitioned) values (workflow.queue, true) on conflict (name) do nothing;
  end if;
  v_queue := _queue(workflow.queue, create_queues);
  queue_id := v_queue.queue_id;
  if workflow.completed_at is null then
    lane_id := coalesce((_lane_ids(v_queue, array[workflow.partition_key], 1))[1], 0);
  elsif workflow.partition_key is not null then
    insert into lanes (queue_id, partition_key)
    select v_queue.queue_id, workflow.partition_key
    where not exists (
      select from lanes e where e.queue_id = v_queue.queue_id and e.partition_key = workflow.partition_key
    )
    on conflict (queue_id, partition_key) do nothing;
    select l.lane_id into lane_id
    from lanes l
    where l.queue_id = v_queue.queue_id and l.partition_key = workflow.partition_key;
  end if;
end
$$;

comment on function _import_place(exported_workflow, boolean) is
  'The queue of a workflow of a document, null without one, and its partition there. Raises PD001 (partitions), PD007
(no such queue).';
