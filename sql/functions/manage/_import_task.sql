-- Calls: _pin_version, _internal_queue.
--
-- What ran, or was put down, is put down here too, and due at once: the next claim takes it, and it goes on from its
-- last recorded step and waits again for what it waited for.
create or replace function _import_task(
  workflow_key bigint,
  workflow exported_workflow,
  queue_id int,
  lane_id int
)
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_task_queue int := coalesce(_import_task.queue_id, _internal_queue(workflow.application));
begin
  if workflow.app_version_now is not null then
    perform _pin_version(workflow.app_version_now);
  end if;
  if workflow.deduplicated then
    insert into deduplications (queue_id, lane_id, deduplication_id, key)
    values (_import_task.queue_id, _import_task.lane_id, workflow.deduplication_id, workflow_key)
    on conflict (queue_id, lane_id, deduplication_id) do nothing;
    if not found then
      perform _raise(
        'PD012',
        format('deduplication id %L of workflow %L is held by another workflow',
          workflow.deduplication_id, workflow.workflow_id),
        detail => 'Nothing was imported.',
        hint => 'Import it when that has ended.'
      );
    end if;
  end if;

  insert into tasks (
    key, queue_id, lane_id, rank, status, attempts, failures, max_recovery_attempts, started_at, wake_at,
    resumed, deduplicated, debounced, expires_at, retries, timeout, deadline,
    app_version
  )
  select
    workflow_key, q.queue_id, _import_task.lane_id,
    workflow.priority + coalesce(extract(epoch from workflow.created_at) / extract(epoch from q.priority_ageing), 0),
    workflow.status, workflow.attempts, workflow.failures, workflow.max_recovery_attempts, workflow.started_at,
    case workflow.status when 'PENDING' then _now() when 'DELAYED' then workflow.wake_at end,
    true, workflow.deduplicated, workflow.debounced, workflow.expires_at, workflow.retries,
    workflow.timeout_left, workflow.deadline_now, coalesce(workflow.app_version_now, '')
  from queues q
  where q.queue_id = v_task_queue;
  return v_task_queue;
end
$$;

comment on function _import_task(bigint, exported_workflow, int, int) is
  'Makes a workflow of a document active. Returns the queue in which it is. Raises PD012 (its deduplication id is held).';
