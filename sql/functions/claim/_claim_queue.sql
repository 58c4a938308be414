-- Calls: _lock_queue, _places_taken, _rate_room, _take_returning, _take_first, _take_lane,
-- _take_partitions, _waiting_versions, _count_starts.
--
-- The settings are read again under the lock: what an operator changes holds from the next
-- claim on.
create or replace function _claim_queue(
  queue_id int,
  executor_id bigint,
  max_workflows int,
  patient boolean,
  versions text[],
  own_version text
)
returns bigint[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_limited boolean;
  v_queue queues;
  v_room int := max_workflows;
  v_at timestamptz;
  v_returning bigint[];
  v_new bigint[] := array[]::bigint[];
  v_versions text[] := coalesce(versions, _waiting_versions(queue_id));
begin
  select q.limited into v_limited
  from queues q
  where q.queue_id = _claim_queue.queue_id and not q.paused;
  if not found then
    return array[]::bigint[];
  end if;
  if not _lock_queue(queue_id, alone => v_limited, patient => patient) then
    return null;
  end if;

  select q.* into v_queue
  from queues q
  where q.queue_id = _claim_queue.queue_id and not q.paused and q.limited = v_limited;
  if not found then
    return null;
  end if;
  v_at := _now();
  if not v_limited then
    -- Some may return with a place from a time when the queue had limits.
    v_returning := _take_returning(queue_id, executor_id, v_room, v_versions, own_version);
    v_room := v_room - cardinality(v_returning);
    if cardinality(v_versions) = 1 then
      return v_returning || _take_first(queue_id, v_versions[1], executor_id, own_version, v_room, false, v_at);
    end if;
    return v_returning || _take_lane(queue_id, v_versions, 0, executor_id, own_version, v_room, false, v_at);
  end if;

  if v_queue.worker_concurrency is not null then
    v_room := least(v_room, v_queue.worker_concurrency
      - _places_taken(queue_id, null, executor_id, v_queue.worker_concurrency));
  end if;
  if v_room <= 0 then
    return array[]::bigint[];
  end if;
  v_returning := _take_returning(queue_id, executor_id, v_room, v_versions, own_version);
  v_room := v_room - cardinality(v_returning);

  if v_queue.concurrency is not null then
    v_room := least(v_room, v_queue.concurrency - _places_taken(queue_id, null, null, v_queue.concurrency));
  end if;
  if v_queue.rate_limit is not null or v_queue.partition_rate_limit is not null then
    -- Starts of a queue are in the order of their moments, also when the clock is set back.
    v_at := greatest(v_at, (
      select s.started_at + interval '1 microsecond'
      from starts s
      where s.queue_id = _claim_queue.queue_id and s.lane_id = 0
      order by s.started_at desc
      limit 1
    ));
    v_room := least(v_room, _rate_room(queue_id, 0, v_queue.rate_limit, v_queue.rate_period, v_at));
  end if;
  if v_room <= 0 then
    return v_returning;
  end if;

  if v_queue.partitioned then
    v_new := _take_partitions(v_queue, executor_id, v_room, v_at, v_versions, own_version);
  else
    v_new := _take_lane(queue_id, v_versions, 0, executor_id, own_version, v_room, true, v_at);
  end if;
  if v_queue.rate_limit is not null or v_queue.partition_rate_limit is not null then
    perform _count_starts(queue_id, 0, cardinality(v_new), v_at);
  end if;
  return v_returning || v_new;
end
$$;

comment on function _claim_queue(int, bigint, int, boolean, text[], text) is
  'Hands workflows of one queue and these versions (null: of any) to an executor, within the limits of the queue. Returns their keys, in no
order; null if its turn did not come.';
