-- Calls: _places_for, _tell_returned. For the caller that holds them (_hold_resumable).
create or replace function _resume(
  waiting bigint[],
  ended bigint[],
  queue text
)
returns void
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
declare
  v_now timestamptz := _now();
  v_keys bigint[] := waiting || ended;
  v_queue_ids int[];
  v_lane_ids int[];
  v_ageings double precision[];
  v_queues int[];
begin
  if v_keys = '{}' then
    return;
  end if;
  select
    array_agg(p.queue_id order by p.item), array_agg(p.lane_id order by p.item),
    array_agg(p.priority_ageing order by p.item), array_agg(distinct p.queue_id)
  into v_queue_ids, v_lane_ids, v_ageings, v_queues
  from _places_for(v_keys, _resume.queue) as p;

  delete from deduplications d where d.key = any (waiting);
  update tasks t
  set queue_id = g.queue_id,
      lane_id = g.lane_id,
      rank = w.priority + coalesce(extract(epoch from v_now) / g.ageing, 0),
      status = 'ENQUEUED',
      attempts = 0,
      failures = 0,
      wake_at = null,
      placed = false,
      expires_at = null,
      deduplicated = false,
      debounced = false,
      timeout = w.timeout,
      deadline = null
  from unnest(v_keys, v_queue_ids, v_lane_ids, v_ageings) as g (key, queue_id, lane_id, ageing)
  cross join lateral (select f.* from workflows f where f.key = g.key offset 0) as w
  where t.key = g.key;

  insert into tasks (
    key, queue_id, lane_id, rank, status, attempts, max_recovery_attempts, resumed, retries, timeout,
    app_version
  )
  select
    g.key, g.queue_id, g.lane_id, w.priority + coalesce(extract(epoch from v_now) / g.ageing, 0), 'ENQUEUED', 0,
    w.max_recovery_attempts, true, w.retries, w.timeout,
    coalesce((select o.app_version from outcomes o where o.key = g.key), '')
  from unnest(v_keys, v_queue_ids, v_lane_ids, v_ageings) with ordinality as g (key, queue_id, lane_id, ageing, item)
  cross join lateral (select f.* from workflows f where f.key = g.key offset 0) as w
  where g.item > cardinality(waiting);
  delete from outcomes o where o.key = any (ended);

  if _resume.queue <> '_internal' then
    perform from workflows w where w.key = any (v_keys) order by w.key for no key update;
    update workflows w
    set queue_id = g.queue_id, lane_id = g.lane_id,
        application = coalesce((select q.application from queues q where q.queue_id = g.queue_id), w.application)
    from unnest(v_keys, v_queue_ids, v_lane_ids) as g (key, queue_id, lane_id)
    where w.key = g.key;
  end if;
  perform _tell_returned(q.queue_id) from unnest(v_queues) as q (queue_id);
end
$$;

comment on function _resume(bigint[], bigint[], text) is
  'Enqueues workflows anew that wait, and others that are CANCELLED or dead-lettered. The caller holds them. Raises
PD001 (partitions), PD007 (no such queue).';
