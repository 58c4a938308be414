-- Calls: _waiting_versions, _drop_floors.
--
-- A second guard. An enqueue in a transaction with an old snapshot may choose a partition by settings
-- that have changed: in a queue without partitions nobody would look there.
create or replace function _check_lanes()
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
  v_moved int;
begin
  with astray as (
    select t.key
    from queues q
    cross join lateral unnest(_waiting_versions(q.queue_id)) as v (app_version)
    cross join lateral (
      select e.key
      from tasks e
      where e.status = 'ENQUEUED' and not e.placed and e.queue_id = q.queue_id
        and e.app_version = v.app_version and e.lane_id > 0
      limit 1000
      for update skip locked
    ) as t
    where not q.partitioned
  ),
  moved as (
    update tasks t
    set lane_id = 0
    from astray a
    where t.key = a.key
    returning t.queue_id
  )
  select count(*) into v_moved
  from moved m, lateral (select _drop_floors(array[m.queue_id])) as dropped;
  return v_moved;
end
$$;

comment on function _check_lanes() is
  'Moves what waits in a partition of a queue without partitions to where it is looked for. Returns how many.';
