create or replace function _retained_roots(
  policy retention,
  workflow_keys bigint[]
)
returns bigint[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
begin
  return array(
    select g.key
    from unnest(workflow_keys) with ordinality as g (key, place)
    cross join lateral (
      select f.name, f.parent_key from workflows f where f.key = g.key offset 0
    ) as w
    cross join lateral (
      select e.status from outcomes e where e.key = g.key offset 0
    ) as o
    where case
        when policy.workflow <> '' then w.name = policy.workflow
        else not exists (select from retention r where r.workflow = w.name)
      end
      and (policy.statuses is null or o.status::text = any (policy.statuses))
      and (
        w.parent_key is null
        or not exists (select from workflows p where p.key = w.parent_key offset 0)
      )
    order by g.place
  );
end
$$;

comment on function _retained_roots(retention, bigint[]) is
  'Of these ended workflows, in their order, those that this policy decides about: of its name and statuses, and
children of nobody who is still there.';
