-- Calls: _floor, _take_ready, _raise_floor.
--
-- Begins at the floor of its rank, so that what was claimed before, and cannot be removed while a
-- snapshot is held, is not walked over again. Ranks below that of the floor, which are higher
-- priorities, come first and are looked at from their beginning.
create or replace function _take_first(
  queue_id int,
  app_version text,
  executor_id bigint,
  own_version text,
  max_workflows int,
  placed boolean,
  at timestamptz
)
returns bigint[]
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
  v_floor floors := _floor(queue_id, app_version);
  v_keys bigint[] := '{}'::bigint[];
  v_last bigint;
begin
  if v_floor.rank is not null and exists (
    select from tasks t
    where t.status = 'ENQUEUED' and not t.placed
      and t.queue_id = _take_first.queue_id and t.app_version = _take_first.app_version
      and t.lane_id = 0 and t.rank < v_floor.rank
  ) then
    v_keys := _take_ready(
      queue_id, app_version, 0, executor_id, own_version, max_workflows, placed, at,
      before_rank => v_floor.rank
    );
  end if;
  if cardinality(v_keys) < max_workflows then
    v_keys := v_keys || _take_ready(
      queue_id, app_version, 0, executor_id, own_version, max_workflows - cardinality(v_keys), placed, at,
      from_rank => coalesce(v_floor.rank, '-Infinity'),
      from_key => coalesce(v_floor.key, -1)
    );
  end if;

  -- Of an idle queue most claims take one, and an expression costs less than a statement.
  v_last := v_keys[1];
  if cardinality(v_keys) > 1 then
    select max(g.key) into v_last from unnest(v_keys) as g (key);
  end if;
  if v_last > coalesce(v_floor.candidate_key, 0) + 500 then
    perform _raise_floor(queue_id, app_version, v_floor, v_last);
  end if;
  return v_keys;
end
$$;

comment on function _take_first(int, text, bigint, text, int, boolean, timestamptz) is
  'Hands the first workflows of a version of a queue without partitions to an executor, with or without a place in
the limits. Returns their keys, in no order.';
