create or replace function _count_starts(
  queue_id int,
  lane_id int,
  many int,
  at timestamptz
)
returns void
language sql
volatile
set search_path from current
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
  insert into starts (queue_id, lane_id, started_at, total)
  select
    _count_starts.queue_id, _count_starts.lane_id, at,
    many + coalesce((
      select s.total
      from starts s
      where s.queue_id = _count_starts.queue_id and s.lane_id = _count_starts.lane_id
      order by s.queue_id, s.lane_id, s.started_at desc
      limit 1
    ), 0)
  where many > 0
$$;

comment on function _count_starts(int, int, int, timestamptz) is
  'Adds to the starts of a queue (lane 0) or a lane, for its rate limit.';
