-- Calls: _waiting_versions, _floor, _drop_floors.
--
-- A second guard. _raise_floor says why nothing can wait below a floor; should that ever be wrong,
-- what waits there is found here, and not lost.
create or replace function _check_floors()
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
as $$
#variable_conflict use_column
declare
  v_wrong int[];
begin
  select array_agg(distinct q.queue_id) into v_wrong
  from queues q
  cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
  cross join lateral _floor(q.queue_id, v.app_version) as f
  where exists (
    select from tasks t
    where t.status = 'ENQUEUED' and not t.placed and t.queue_id = q.queue_id and t.app_version = v.app_version
      and t.lane_id = 0
      and t.rank = f.rank and t.key < f.key
    -- Kept apart: as a join, planned while little waits, it would read the whole backlog.
    offset 0
  );

  if v_wrong is not null then
    perform _drop_floors(v_wrong);
  end if;
  return coalesce(cardinality(v_wrong), 0);
end
$$;

comment on function _check_floors() is
  'Drops floors below which something waits. Returns how many: it should be none.';
