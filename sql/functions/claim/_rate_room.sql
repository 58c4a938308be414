-- An exact sliding window: of all starts ever counted, those of the last period are the total
-- now less the total at the last claim before the period began. Two or three index probes.
create or replace function _rate_room(
  queue_id int,
  lane_id int,
  rate_limit int,
  rate_period interval,
  at timestamptz
)
returns int
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_total bigint;
  v_before bigint;
begin
  if rate_limit is null then
    return 2147483647;
  end if;
  select s.total into v_total
  from starts s
  where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
  order by s.started_at desc
  limit 1;

  select s.total into v_before
  from starts s
  where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
    and s.started_at < at - rate_period
  order by s.started_at desc
  limit 1;
  if not found then
    -- What came before the oldest that is remembered was pruned, under a shorter period.
    select s.total - s.many into v_before
    from starts s
    where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
    order by s.started_at
    limit 1;
  end if;

  return rate_limit - (coalesce(v_total, 0) - coalesce(v_before, 0));
end
$$;

comment on function _rate_room(int, int, int, interval, timestamptz) is
  'How many more workflows may start now in a queue (lane 0) or a lane without exceeding its rate.';
