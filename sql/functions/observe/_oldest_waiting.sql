-- Calls: _waiting_versions, _floor.
--
-- Of what is first in order, as a claim reads it (_with_work). Those that have run before waited for the moment of a
-- retry, or were taken from a dead worker: since when they are here again nobody knows.
create or replace function _oldest_waiting(
  queue_id int,
  resumed boolean
)
returns timestamptz
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
  v_version text;
  v_floor record;
  v_oldest bigint;
begin
  foreach v_version in array _waiting_versions(_oldest_waiting.queue_id) loop
    select f.rank, f.key into v_floor from _floor(_oldest_waiting.queue_id, v_version) as f;
    select least(min(w.key), v_oldest) into v_oldest
    from (
      (
        select t.key, t.resumed
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed and t.queue_id = _oldest_waiting.queue_id
          and t.app_version = v_version and t.lane_id = 0 and t.rank < v_floor.rank
        order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
        limit 1000
      )
      union all
      (
        select t.key, t.resumed
        from tasks t
        where t.status = 'ENQUEUED' and not t.placed and t.queue_id = _oldest_waiting.queue_id
          and t.app_version = v_version
          and (t.lane_id, t.rank, t.key) >= (0, coalesce(v_floor.rank, '-Infinity'), coalesce(v_floor.key, -1))
        order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
        limit 1000
      )
    ) as w
    where _oldest_waiting.resumed or not w.resumed;
  end loop;
  return (select w.created_at from workflows w where w.key = v_oldest);
end
$$;

comment on function _oldest_waiting(int, boolean) is
  'When the oldest of the next 1000 of each version of a queue, or 2000, was enqueued, with or without those that have
run before; null if none waits.';
