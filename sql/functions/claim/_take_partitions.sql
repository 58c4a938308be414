-- Calls: _rate_room, _take_lane, _count_starts.
--
-- Round robin over the partitions that have work: it begins after the one served last and
-- jumps from each to the next through the index, so partitions without work cost nothing.
-- What one claim takes is shared out evenly; what small partitions leave goes to the others.
create or replace function _take_partitions(
  queue queues,
  executor_id bigint,
  max_workflows int,
  at timestamptz,
  versions text[],
  own_version text
)
returns bigint[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_last int;
  v_lane int;
  v_next int;
  v_wrapped boolean := false;
  v_around boolean := false;
  v_room int;
  v_lanes int[] := array[]::int[];
  v_rooms int[] := array[]::int[];
  v_taken int[] := array[]::int[];
  v_served int := 0;
  v_turn int;
  v_left int := max_workflows;
  v_found bigint[];
  v_keys bigint[] := array[]::bigint[];
begin
  select u.lane_id into v_last
  from turns u
  where u.queue_id = queue.queue_id
  order by u.queue_id, u.turn desc
  limit 1;
  v_last := coalesce(v_last, -1);
  v_lane := v_last;

  loop
    -- The next partitions that have work and room, as many as may still be taken from.
    while not v_around and cardinality(v_lanes) - v_served < v_left loop
      select min(n.lane_id) into v_next
      from unnest(versions) as v (app_version)
      cross join lateral (
        select t.lane_id
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed
          and t.queue_id = queue.queue_id
          and t.app_version = v.app_version
          and t.lane_id > v_lane
        order by t.queue_id, t.app_version, t.lane_id
        limit 1
      ) as n;

      if v_next is null and not v_wrapped then
        v_wrapped := true;
        v_lane := -1;
        continue;
      end if;
      v_around := v_next is null or v_wrapped and v_next > v_last;
      exit when v_around;
      v_lane := v_next;

      v_room := max_workflows;
      if queue.partition_concurrency is not null then
        -- As _places_taken, but here: the call costs more than the count, and many partitions may be full.
        v_room := least(v_room, queue.partition_concurrency - (
          select count(*)
          from (
            select from tasks t
            where t.placed and t.queue_id = queue.queue_id and t.lane_id = v_lane
            limit queue.partition_concurrency
          ) as taken
        ));
      end if;
      if queue.partition_rate_limit is not null then
        v_room := least(v_room,
          _rate_room(queue.queue_id, v_lane, queue.partition_rate_limit, queue.partition_rate_period, at));
      end if;
      if v_room > 0 then
        v_lanes := v_lanes || v_lane;
        v_rooms := v_rooms || v_room;
        v_taken := v_taken || 0;
      end if;
    end loop;

    while v_served < cardinality(v_lanes) loop
      v_served := v_served + 1;
      v_found := _take_lane(
        queue.queue_id, versions, v_lanes[v_served], executor_id, own_version,
        least(v_rooms[v_served], ceil(v_left / (cardinality(v_lanes) - v_served + 1)::numeric)::int),
        true, at
      );
      if v_found <> '{}' then
        v_taken[v_served] := cardinality(v_found);
        v_keys := v_keys || v_found;
        v_left := v_left - cardinality(v_found);
        v_turn := v_lanes[v_served];
      end if;
    end loop;
    -- All that waits in a partition may be locked or have expired: then others are looked at.
    exit when v_left = 0 or v_around;
  end loop;

  for v_index in 1 .. cardinality(v_lanes) loop
    v_room := least(v_left, v_rooms[v_index] - v_taken[v_index]);
    continue when v_room <= 0;
    v_found := _take_lane(
      queue.queue_id, versions, v_lanes[v_index], executor_id, own_version, v_room, true, at
    );
    v_taken[v_index] := v_taken[v_index] + cardinality(v_found);
    v_keys := v_keys || v_found;
    v_left := v_left - cardinality(v_found);
  end loop;

  if v_keys <> '{}' then
    insert into turns (queue_id, lane_id) values (queue.queue_id, coalesce(v_turn, v_last));
    if queue.partition_rate_limit is not null then
      perform _count_starts(queue.queue_id, v_lanes[g.i], v_taken[g.i], at)
      from generate_subscripts(v_lanes, 1) as g (i);
    end if;
  end if;
  return v_keys;
end
$$;

comment on function _take_partitions(queues, bigint, int, timestamptz, text[], text) is
  'Hands workflows of these versions in a partitioned queue to an executor, in turn over its partitions and within their
limits. Returns their keys, in no order.';
