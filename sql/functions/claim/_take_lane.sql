-- Calls: _take_first, _take_ready, _floor.
--
-- Each version has an order of its own. Where work of several may be taken, the first so many of all are
-- looked at, which tells how many to take of each. Others may be taking the same: what is then missing is
-- taken of any.
create or replace function _take_lane(
  queue_id int,
  versions text[],
  lane_id int,
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
as $$
#variable_conflict use_column
declare
  v_version text;
  v_many int;
  v_keys bigint[] := '{}'::bigint[];
begin
  if cardinality(versions) = 1 then
    if lane_id = 0 then
      return _take_first(queue_id, versions[1], executor_id, own_version, max_workflows, placed, at);
    end if;
    return _take_ready(queue_id, versions[1], lane_id, executor_id, own_version, max_workflows, placed, at);
  end if;

  for v_version, v_many in
    select g.app_version, g.many
    from (
      select 1 as turn, n.app_version, count(*) as many
      from (
        select v.app_version, h.rank, h.key
        from unnest(versions) as v (app_version)
        left join lateral _floor(queue_id, v.app_version) as f on _take_lane.lane_id = 0
        cross join lateral (
          (
            select t.rank, t.key
            from tasks t
            where t.status = 'ENQUEUED' and not t.placed
              and t.queue_id = _take_lane.queue_id
              and t.app_version = v.app_version
              and t.lane_id = _take_lane.lane_id
              and t.rank < f.rank
              and (t.expires_at > at) is not false
              and (t.deadline > at) is not false
            order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
            limit max_workflows
          )
          union all
          (
            select t.rank, t.key
            from tasks t
            where t.status = 'ENQUEUED' and not t.placed
              and t.queue_id = _take_lane.queue_id
              and t.app_version = v.app_version
              and t.lane_id = _take_lane.lane_id
              and (t.rank, t.key) >= (coalesce(f.rank, '-Infinity'), coalesce(f.key, -1))
              and (t.expires_at > at) is not false
              and (t.deadline > at) is not false
            order by t.queue_id, t.app_version, t.lane_id, t.rank, t.key
            limit max_workflows
          )
        ) as h
        order by h.rank, h.key
        limit max_workflows
      ) as n
      group by n.app_version
      union all
      select 2, v.app_version, max_workflows from unnest(versions) as v (app_version)
    ) as g
    order by g.turn, random()
  loop
    v_many := least(v_many, max_workflows - cardinality(v_keys));
    exit when v_many <= 0;
    if lane_id = 0 then
      v_keys := v_keys || _take_first(queue_id, v_version, executor_id, own_version, v_many, placed, at);
    else
      v_keys := v_keys || _take_ready(queue_id, v_version, lane_id, executor_id, own_version, v_many, placed, at);
    end if;
  end loop;
  return v_keys;
end
$$;

comment on function _take_lane(int, text[], int, bigint, text, int, boolean, timestamptz) is
  'Hands the first workflows of a lane, of these versions, to an executor, with or without a place in the limits.
Returns their keys, in no order.';
