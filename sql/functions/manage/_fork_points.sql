create or replace function _fork_points(
  workflow_keys bigint[],
  from_steps int[],
  from_name text,
  from_last text
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
  v_points int[];
  v_wrong record;
begin
  if num_nonnulls(from_steps, from_name, from_last) > 1 or from_last not in ('step', 'failure') then
    perform _raise(
      'PD001',
      'a fork begins at one place',
      hint => 'Give from_step, or from_name, or from_last => ''step'' or ''failure'', or none of them to begin anew.'
    );
  end if;

  select array_agg(
    case
      when from_name is not null then (
        select s.step from steps s where s.key = g.key and s.name = from_name order by s.key, s.step limit 1
      )
      when from_last = 'step' then greatest(m.step, 1)
      when from_last = 'failure' then coalesce(
        (
          select s.step from steps s where s.key = g.key and s.error is not null order by s.key desc, s.step desc limit 1
        ),
        -- Its own code has failed, after its last step; or it was ended from outside.
        (select coalesce(m.step, 0) + 1 from outcomes o where o.key = g.key and o.status <> 'SUCCESS')
      )
      else coalesce(g.step, 1)
    end
    order by g.item
  )
  into v_points
  from unnest(workflow_keys, from_steps) with ordinality as g (key, step, item)
  left join lateral (
    select s.step from steps s where s.key = g.key order by s.key desc, s.step desc limit 1
  ) as m on true;

  select w.workflow_id, g.point, greatest(m.step, 0) as last_step into v_wrong
  from unnest(workflow_keys, v_points) as g (key, point)
  cross join lateral (select e.workflow_id from workflows e where e.key = g.key offset 0) as w
  left join lateral (
    select s.step from steps s where s.key = g.key order by s.key desc, s.step desc limit 1
  ) as m on true
  where g.point between 1 and greatest(m.step, 0) + 1 is not true
  limit 1;
  if found then
    perform _raise(
      'PD001',
      case
        when from_name is not null then format('workflow %L has no step named %L', v_wrong.workflow_id, from_name)
        when from_last is not null then format('no step of workflow %L has failed', v_wrong.workflow_id)
        else format('workflow %L cannot be forked from step %s', v_wrong.workflow_id, v_wrong.point)
      end,
      detail => format('It has %s.', case v_wrong.last_step
        when 0 then 'no steps' when 1 then '1 step' else v_wrong.last_step || ' steps' end),
      hint => 'A fork begins at one of them, which list_steps tells, or after the last.'
    );
  end if;
  return coalesce(v_points, '{}');
end
$$;

comment on function _fork_points(bigint[], int[], text, text) is
  'For each workflow the step that its fork is the first to run. Raises PD001 if there is no such step.';
