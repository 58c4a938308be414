create or replace function _count_starts(
  queue_id int,
  lane_id int,
  many int,
  at timestamptz
)
returns void
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
  v_total bigint;
begin
  if many = 0 then
    return;
  end if;
  select s.total into v_total
  from starts s
  where s.queue_id = _count_starts.queue_id and s.lane_id = _count_starts.lane_id
  order by s.started_at desc
  limit 1;

  insert into starts (queue_id, lane_id, started_at, total, many)
  values (_count_starts.queue_id, _count_starts.lane_id, at, many + coalesce(v_total, 0), many);
end
$$;

comment on function _count_starts(int, int, int, timestamptz) is
  'Adds to the starts of a queue (lane 0) or a lane, for its rate limit.';
