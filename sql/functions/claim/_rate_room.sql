-- An exact sliding window: of all starts ever counted, those of the last period are the total
-- now less the total at the last claim before the period began. Two index probes.
create or replace function _rate_room(
  queue_id int,
  lane_id int,
  rate_limit int,
  rate_period interval,
  at timestamptz
)
returns int
language sql
stable
set search_path from current
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
  select case
    when rate_limit is null then 2147483647
    else rate_limit - (
      coalesce((
        select s.total
        from starts s
        where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
        order by s.queue_id, s.lane_id, s.started_at desc
        limit 1
      ), 0)
      - coalesce((
        select s.total
        from starts s
        where s.queue_id = _rate_room.queue_id and s.lane_id = _rate_room.lane_id
          and s.started_at < at - rate_period
        order by s.queue_id, s.lane_id, s.started_at desc
        limit 1
      ), 0)
    )::int
  end
$$;

comment on function _rate_room(int, int, int, interval, timestamptz) is
  'How many more workflows may start now in a queue (lane 0) or a lane without exceeding its rate.';
