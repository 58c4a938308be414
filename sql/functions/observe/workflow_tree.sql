-- Calls: _workflow_rows.
--
-- A recursive query goes level by level and only as far as it is read, so what a limit cuts off costs nothing.
create or replace function workflow_tree(
  workflow_id text,
  max_depth int default 100,
  max_workflows int default 1000
)
returns setof workflow_node
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_root bigint;
  v_keys bigint[];
  v_depths int[];
  v_last_children bigint[];
begin
  if max_depth between 0 and 1000 is not true or max_workflows between 1 and 10000 is not true then
    perform _raise(
      'PD001',
      format('a tree of %s levels and %s workflows', coalesce(max_depth::text, 'null'), coalesce(max_workflows::text, 'null')),
      hint => 'Give max_depth 0 to 1000, and max_workflows 1 to 10000.'
    );
  end if;
  v_root := _key_of(workflow_tree.workflow_id);

  with recursive descent as (
    select v_root as key, 0 as depth, array[v_root] as path
    union all
    select c.key, d.depth + 1, d.path || c.key
    from descent d
    cross join lateral (
      select w.key from workflows w where w.parent_key = d.key order by w.key limit max_workflows
    ) as c
    where d.depth < max_depth and c.key <> all (d.path)
  ),
  reached as (
    select d.key, d.depth, d.path from descent d limit max_workflows
  )
  select
    array_agg(r.key order by r.path), array_agg(r.depth order by r.path),
    -- Children are reached in the order of their keys, so what is missing of them comes after the last.
    array_agg(r.last_child order by r.path)
  into v_keys, v_depths, v_last_children
  from (
    select p.*, c.last_child
    from reached p
    left join (
      select l.path[cardinality(l.path) - 1] as key, max(l.key) as last_child from reached l where l.depth > 0 group by 1
    ) as c on c.key = p.key
  ) as r;

  return query
  select
    g.depth, i.workflow_key, i.workflow_id, i.parent_id,
    (select w.parent_step from workflows w where w.key = g.key),
    i.workflow, i.status, i.queue, i.executor, i.app_version, i.created_at, i.started_at, i.completed_at,
    exists (
      select from workflows w
      where w.parent_key = g.key and w.key > coalesce(g.last_child, -1) and w.key <> all (v_keys)
    )
  from unnest(v_keys, v_depths, v_last_children) with ordinality as g (key, depth, last_child, item)
  cross join lateral _workflow_rows(array[g.key], null, false, false) as i
  order by g.item;
end
$$;

comment on function workflow_tree(text, int, int) is
  'A workflow, its children, their children and so on: each before its own children, these in the order in which they
were started.
max_depth: how many levels below the first, 0 to 1000. max_workflows: how many in all, 1 to 10000; the upper levels come
first.
depth is 0 for the workflow itself; parent_step is the step of its parent that started it; more: it has children that
are not listed. The other columns are those of list_workflows.
Raises PD001 (a number out of range), PD002 (no such workflow).';
