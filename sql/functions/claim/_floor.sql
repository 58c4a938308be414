create or replace function _floor(
  queue_id int,
  app_version text
)
returns floors
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
  v_floor floors;
begin
  select f.* into v_floor
  from floors f
  where f.queue_id = _floor.queue_id and f.app_version = _floor.app_version
  order by f.version desc
  limit 1;

  if v_floor.server_started = pg_postmaster_start_time() and not exists (
    select from floor_drops d
    where d.queue_id = _floor.queue_id
      and d.transaction >= least(pg_snapshot_xmin(v_floor.snapshot), v_floor.writer)
      and (d.transaction = v_floor.writer or not pg_visible_in_snapshot(d.transaction, v_floor.snapshot))
  ) then
    return v_floor;
  end if;
  return null;
end
$$;

comment on function _floor(int, text) is
  'Where claims of a version of a queue begin to look; null if that is the front.';
