create or replace function _resumed(
  workflow_keys bigint[],
  resumed_keys bigint[]
)
returns table (
  item int,
  workflow_id text,
  outcome text,
  status text
)
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
-- Planned for a few, it would compare each of ten thousand with each.
set enable_nestloop to off
as $$
#variable_conflict use_column
begin
  return query
  select
    g.item::int, g.workflow_id,
    case
      when g.is_resumed then 'resumed'
      when g.ended in ('SUCCESS', 'ERROR') then 'ended before'
      -- Also what was active, and is cancelled at this moment.
      else 'active'
    end,
    coalesce(g.ended, g.active)::text
  from (
    select
      k.key, k.item, r.key is not null as is_resumed,
      (select w.workflow_id from workflows w where w.key = k.key) as workflow_id,
      (select o.status from outcomes o where o.key = k.key) as ended,
      (select t.status from tasks t where t.key = k.key) as active
    from (
      select n.key, n.item from unnest(workflow_keys) with ordinality as n (key, item)
      union all
      select c.key, null
      from (
        select a.key from unnest(resumed_keys) as a (key) except select n.key from unnest(workflow_keys) as n (key)
      ) as c
    ) as k
    left join unnest(resumed_keys) as r (key) on r.key = k.key
  ) as g
  order by g.item nulls last, g.key;
end
$$;

comment on function _resumed(bigint[], bigint[]) is
  'What resume_many returns: a row for each workflow that was named, then one for each child that was resumed.';
