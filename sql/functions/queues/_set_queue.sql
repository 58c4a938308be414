-- Calls: _check_queue.
--
-- Holds the queue alone, as a claim of a limited queue does: claims that are under way end
-- first, and the next ones see the new settings. Workflows that run already take their places
-- under the first limit that is set.
create or replace function _set_queue(
  queue queues
)
returns void
language plpgsql
set search_path from current
set lock_timeout to '10s'
as $$
#variable_conflict use_column
declare
  v_old queues;
begin
  perform _check_queue(queue);
  if queue.name = '_internal' then
    perform _raise(
      'PD001',
      'the internal queue has no settings',
      hint => 'Directly started workflows are recovered through it, without delay and without limits.'
    );
  end if;
  perform pg_advisory_xact_lock('queues'::regclass::oid::bigint::bit(32)::int, queue.queue_id);

  select q.* into v_old from queues q where q.queue_id = queue.queue_id for update;
  if v_old.partitioned <> queue.partitioned or v_old.priority_ageing is distinct from queue.priority_ageing then
    -- Enqueueing that is under way has chosen its partitions and ranks already: it is waited for.
    perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, queue.queue_id);
  end if;
  if v_old.partitioned <> queue.partitioned and exists (select from tasks t where t.queue_id = queue.queue_id) then
    perform _raise(
      'PD013',
      format('queue %L cannot change whether it has partitions: it has active workflows', queue.name),
      hint => 'Let it run empty first, or use another queue.'
    );
  end if;

  update queues q
  set paused = queue.paused,
      concurrency = queue.concurrency,
      worker_concurrency = queue.worker_concurrency,
      rate_limit = queue.rate_limit,
      rate_period = queue.rate_period,
      partitioned = queue.partitioned,
      partition_concurrency = queue.partition_concurrency,
      partition_rate_limit = queue.partition_rate_limit,
      partition_rate_period = queue.partition_rate_period,
      priority_ageing = queue.priority_ageing
  where q.queue_id = queue.queue_id;

  if not v_old.limited then
    update tasks t
    set placed = true
    from queues q
    where q.queue_id = queue.queue_id and q.limited
      and t.queue_id = queue.queue_id and t.status = 'PENDING' and not t.placed;
  end if;
  if v_old.priority_ageing is distinct from queue.priority_ageing then
    update tasks t
    set rank = w.priority
      + coalesce(extract(epoch from w.created_at) / extract(epoch from queue.priority_ageing), 0)
    from workflows w
    where t.queue_id = queue.queue_id and w.key = t.key;
  end if;
  if not queue.paused then
    perform _notify_queue(queue.queue_id);
  end if;
end
$$;

comment on function _set_queue(queues) is
  'Gives a queue these settings, from the next claim on. Raises PD001 if they do not fit, PD013 if partitions
would come or go under active workflows.';
