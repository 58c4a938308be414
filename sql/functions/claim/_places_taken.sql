-- Counted, not kept: the index has only the tasks that hold a place, so this costs as much as
-- the limit is large, and cannot drift. It stops counting at the limit.
create or replace function _places_taken(
  queue_id int,
  lane_id int,
  executor_id bigint,
  most int
)
returns int
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
declare
  v_taken int;
begin
  -- One statement each: an "or" would hide the lane from the index.
  if _places_taken.lane_id is not null then
    select count(*) into v_taken
    from (
      select from tasks t
      where t.placed and t.queue_id = _places_taken.queue_id and t.lane_id = _places_taken.lane_id
      limit most
    ) as taken;
  elsif _places_taken.executor_id is not null then
    select count(*) into v_taken
    from (
      select from tasks t
      where t.placed and t.queue_id = _places_taken.queue_id and t.executor_id = _places_taken.executor_id
      limit most
    ) as taken;
  else
    select count(*) into v_taken
    from (
      select from tasks t
      where t.placed and t.queue_id = _places_taken.queue_id
      limit most
    ) as taken;
  end if;
  return v_taken;
end
$$;

comment on function _places_taken(int, int, bigint, int) is
  'How many workflows hold a place in the limits of a queue, or of one lane or one executor there; counts
up to most.';
