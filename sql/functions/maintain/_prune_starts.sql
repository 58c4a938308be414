-- Calls: _floor.
--
-- Rate limits, floors and turns are read at their newest end; what lies behind is removed here. Of the
-- starts, the last one before the period stays: the window is counted from it.
--
-- A lane costs some index probes, however many starts its period holds: they are not looked at.
-- (One statement over all starts may be planned as a join of them with themselves: with 100,000 in
-- the period it did not end in ten minutes.) A call looks at some lanes, from one drawn by lot on.
create or replace function _prune_starts()
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_left int := 10000;
  v_pruned int;
  v_queue_id int;
  v_lane_id int;
  v_wrapped boolean := false;
  v_kept timestamptz;
begin
  select q.queue_id into v_queue_id
  from queues q
  where q.rate_limit is not null or q.partition_rate_limit is not null
  order by random()
  limit 1;
  v_lane_id := (
    select min(s.lane_id) + floor(random() * (max(s.lane_id) - min(s.lane_id) + 1)) - 1
    from starts s
    where s.queue_id = v_queue_id
  );

  for v_lane in 1 .. 200 loop
    exit when v_left <= 0;
    select s.queue_id, s.lane_id into v_queue_id, v_lane_id
    from starts s
    where (s.queue_id, s.lane_id) > (coalesce(v_queue_id, -1), coalesce(v_lane_id, -1))
    order by s.queue_id, s.lane_id
    limit 1;
    if not found then
      exit when v_wrapped;
      v_wrapped := true;
      v_queue_id := null;
      v_lane_id := null;
      continue;
    end if;

    select s.started_at into v_kept
    from starts s
    where s.queue_id = v_queue_id and s.lane_id = v_lane_id
      -- A claim that is under way may count from a moment that lies a little behind this one.
      and s.started_at < v_now - interval '1 minute' - (
        select greatest(q.rate_period, q.partition_rate_period, interval '0') from queues q where q.queue_id = v_queue_id
      )
    order by s.started_at desc
    limit 1;
    continue when not found;

    delete from starts s
    where s.queue_id = v_queue_id and s.lane_id = v_lane_id
      -- As an array, so that a lane with nothing to remove is not read.
      and s.started_at = any (array(
        select o.started_at
        from starts o
        where o.queue_id = v_queue_id and o.lane_id = v_lane_id and o.started_at < v_kept
        limit v_left
        for update skip locked
      ));
    get diagnostics v_pruned = row_count;
    v_left := v_left - v_pruned;
  end loop;

  delete from floors f
  where (f.queue_id, f.app_version, f.version) in (
    select o.queue_id, o.app_version, o.version
    from floors o
    where o.version < (
      select max(n.version) from floors n where n.queue_id = o.queue_id and n.app_version = o.app_version
    )
    -- One that has ended, of a version that nobody claims any more.
    or _floor(o.queue_id, o.app_version) is null
    limit 10000
    for update skip locked
  );

  -- What no floor of its queue is older than.
  delete from floor_drops d
  where (d.queue_id, d.transaction) in (
    select o.queue_id, o.transaction
    from (
      select f.queue_id, min(pg_snapshot_xmin(f.snapshot)::text::bigint)::text::xid8 as since
      from floors f
      group by f.queue_id
    ) as l
    cross join lateral (
      select e.queue_id, e.transaction
      from floor_drops e
      where e.queue_id = l.queue_id and e.transaction < l.since
      limit 10000
      for update skip locked
    ) as o
    limit 10000
  );

  delete from turns t
  where (t.queue_id, t.turn) in (
    select o.queue_id, o.turn
    from queues q
    cross join lateral (select max(n.turn) as last from turns n where n.queue_id = q.queue_id) as newest
    join turns o on o.queue_id = q.queue_id and o.turn < newest.last
    where q.partitioned
    limit 10000
    for update of o skip locked
  );
end
$$;

comment on function _prune_starts() is
  'Removes, some thousands a call, what rate limits, floors and round robin do not look at any more.';
