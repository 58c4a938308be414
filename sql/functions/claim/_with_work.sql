-- Calls: _floor.
create or replace function _with_work(
  queue_ids int[],
  versions text[]
)
returns int[]
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
  v_version text;
  v_found int[] := '{}'::int[];
begin
  -- One condition for each part of an index: below the rank of the floor, from the floor on
  -- (_take_first), and what returns with a place. The "or" also keeps them from becoming joins, which,
  -- planned while nothing waits, would read the whole backlog.
  foreach v_version in array coalesce(versions, '{""}') loop
    v_found := v_found || array(
      select g.queue_id
      from unnest(queue_ids) as g (queue_id)
      cross join lateral _floor(g.queue_id, v_version) as f
      where g.queue_id <> all (v_found) and (
        exists (
          select from tasks t
          where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id
            and t.app_version = v_version and t.lane_id = 0 and t.rank < f.rank
        )
        or exists (
          select from tasks t
          where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id
            and t.app_version = v_version
            and (t.lane_id, t.rank, t.key) >= (0, coalesce(f.rank, '-Infinity'), coalesce(f.key, -1))
        )
        or exists (
          select from tasks t
          where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id and t.app_version = v_version
        )
      )
    );
  end loop;
  if versions is null then
    v_found := v_found || array(
      select g.queue_id
      from unnest(queue_ids) as g (queue_id)
      -- (An "exists" here may be planned as a hash of all that waits.)
      where g.queue_id <> all (v_found) and (
        (
          select t.key from tasks t
          where t.status = 'ENQUEUED' and not t.placed and t.queue_id = g.queue_id and t.app_version > ''
          limit 1
        ) is not null
        or (
          select t.key from tasks t
          where t.status = 'ENQUEUED' and t.placed and t.queue_id = g.queue_id and t.app_version > ''
          limit 1
        ) is not null
      )
    );
  end if;
  return v_found;
end
$$;

comment on function _with_work(int[], text[]) is
  'Which of these queues have work of these versions (null: of any) that waits to be claimed, whether or not limits hold it back.';
