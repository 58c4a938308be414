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
  from (
    select n.*
    from floors n
    where n.queue_id = _floor.queue_id and n.app_version = _floor.app_version
    order by n.version desc
    limit 1
  ) as f
  where f.server_started = pg_postmaster_start_time() and not exists (
    select from floor_drops d
    where d.queue_id = _floor.queue_id
      and d.transaction >= least(pg_snapshot_xmin(f.snapshot), f.writer)
      and (d.transaction = f.writer or not pg_visible_in_snapshot(d.transaction, f.snapshot))
    offset 0
  );
  return v_floor;
end
$$;

comment on function _floor(int, text) is
  'Where claims of a version of a queue begin to look; null if that is the front.';
