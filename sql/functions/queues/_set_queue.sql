-- Calls: _check_queue, _notify_queue, _drop_floors. For the caller that holds the queue (_hold_queue).
-- Locks: perhaps the queue against enqueueing; then its tasks, by key.
--
-- Workflows that run already take their places under the first limit that is set.
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
  v_limited boolean;
begin
  perform _check_queue(queue);
  if queue.internal then
    perform _raise(
      'PD001',
      'the internal queue has no settings',
      hint => 'Directly started workflows are recovered through it, without delay and without limits.'
    );
  end if;
  select q.* into v_old from queues q where q.queue_id = queue.queue_id;
  if v_old.partitioned <> queue.partitioned or v_old.priority_ageing is distinct from queue.priority_ageing then
    -- Enqueueing that is under way has chosen its partitions and ranks already: it is waited for.
    perform pg_advisory_xact_lock('tasks'::regclass::oid::bigint::bit(32)::int, hashtext(queue.name));
    -- And what enqueues later in a snapshot that is older finds out: the change of a row that is locked so counts as
    -- one of its key, and _queue meets 40001.
    perform from queues q where q.queue_id = queue.queue_id for update;
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
      rate_period = _exact_span(queue.rate_period),
      partitioned = queue.partitioned,
      partition_concurrency = queue.partition_concurrency,
      partition_rate_limit = queue.partition_rate_limit,
      partition_rate_period = _exact_span(queue.partition_rate_period),
      priority_ageing = queue.priority_ageing,
      application = queue.application
  where q.queue_id = queue.queue_id
  returning q.limited into v_limited;

  -- A rate that is given up begins anew. So there is a remedy for starts at a moment that is still to come,
  -- from a clock that was wrong: they would hold the queue back until then.
  -- (Those of the queue keep the moments of the partitions in order, too: they go last.)
  if queue.partition_rate_limit is null and (v_old.rate_limit is not null or v_old.partition_rate_limit is not null) then
    delete from starts s
    where s.queue_id = queue.queue_id and (s.lane_id > 0 or queue.rate_limit is null);
  end if;

  if v_limited and not v_old.limited then
    with running as materialized (
      select t.key
      from tasks t
      where t.queue_id = queue.queue_id and t.status = 'PENDING' and not t.placed
      order by t.key
      for no key update
    )
    update tasks t
    set placed = true
    from running r
    where t.key = r.key;
  end if;
  if v_old.priority_ageing is distinct from queue.priority_ageing then
    with ranked as materialized (
      select t.key
      from tasks t
      where t.queue_id = queue.queue_id
      order by t.key
      for no key update
    )
    update tasks t
    set rank = w.priority
      + coalesce(extract(epoch from w.created_at) / extract(epoch from queue.priority_ageing), 0)
    from ranked r
    join workflows w on w.key = r.key
    where t.key = r.key;
    perform _drop_floors(array[queue.queue_id]);
  end if;
  perform _notify_queue(queue.queue_id);
end
$$;

comment on function _set_queue(queues) is
  'Gives a queue these settings, from the next claim on. Raises PD001 if they do not fit, PD013 if partitions
would come or go under active workflows.';
