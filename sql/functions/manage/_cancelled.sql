create or replace function _cancelled(
  workflow_keys bigint[],
  cancelled_keys bigint[]
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
    g.item::int,
    (select w.workflow_id from workflows w where w.key = g.key),
    case when c.key is not null then 'cancelled' else 'ended before' end,
    (select o.status::text from outcomes o where o.key = g.key)
  from (
    select k.key, k.item from unnest(workflow_keys) with ordinality as k (key, item)
    union all
    select c.key, null
    from (
      select a.key from unnest(cancelled_keys) as a (key) except select k.key from unnest(workflow_keys) as k (key)
    ) as c
  ) as g
  left join unnest(cancelled_keys) as c (key) on c.key = g.key
  order by g.item nulls last, g.key;
end
$$;

comment on function _cancelled(bigint[], bigint[]) is
  'What cancel_many returns: a row for each workflow that was named, then one for each child that was cancelled.';
