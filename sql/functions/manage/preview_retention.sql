-- Calls: _retained_roots, _horizon, _descendants, _count_back.
create or replace function preview_retention(
  workflow text default null,
  max_workflows int default 1000
)
returns table (
  workflow_id text,
  name text,
  status text,
  completed_at timestamptz,
  descendants bigint
)
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_policy retention;
  v_horizon record;
  v_keys bigint[];
  v_at timestamptz := '-infinity'::timestamptz;
  v_key bigint := 0;
  v_tree record;
  v_left int := max_workflows;
begin
  if max_workflows between 1 and 100000 is not true then
    perform _raise(
      'PD001',
      format('cannot preview %s workflows', coalesce(max_workflows::text, 'null')),
      hint => 'Give 1 to 100000 as the most that are named.'
    );
  end if;
  select r.* into v_policy from retention r where r.workflow = coalesce(preview_retention.workflow, '');
  if not found then
    return;
  end if;

  if v_policy.max_count is not null then
    v_policy.counting_at := null;
    v_policy.count_began_at := null;
    v_policy.newest_at := null;
    loop
      v_policy := _count_back(v_policy);
      exit when v_policy.counting_at is null;
    end loop;
  end if;
  v_horizon := _horizon(v_policy, _now());

  while v_left > 0 loop
    v_keys := array(
      select o.key
      from outcomes o
      where o.completed_at >= v_at
        and (o.completed_at, o.key) > (v_at, v_key)
        and (o.completed_at, o.key) <= (v_horizon.completed_at, v_horizon.key)
      order by o.completed_at, o.key
      limit 1000
    );
    exit when v_keys = '{}';
    for v_tree in
      select g.key, d.many
      from unnest(_retained_roots(v_policy, v_keys)) with ordinality as g (key, place)
      cross join lateral (
        select count(*) as many, count(t.key) as active
        from _descendants(array[g.key]) as e
        left join lateral (select a.key from tasks a where a.key = e.key offset 0) as t on true
      ) as d
      where d.active = 0
      order by g.place
      limit v_left
    loop
      v_left := v_left - 1;
      return query
      select w.workflow_id, w.name, o.status::text, o.completed_at, v_tree.many - 1
      from workflows w, outcomes o
      where w.key = v_tree.key and o.key = v_tree.key;
    end loop;
    v_key := v_keys[cardinality(v_keys)];
    select o.completed_at into v_at from outcomes o where o.key = v_key;
  end loop;
end
$$;

comment on function preview_retention(text, int) is
  'What the policy of a name would remove now, earliest first; nothing is removed. It reads the history up to
where the policy ends, so it takes its time on a large one. To see what another policy would remove, set it, look, and
roll back.
workflow: as for set_retention. max_workflows: how many to name at most, 1 to 100000.
Returns the id and name of each, how it ended and when, and how many descendants would go with it.
Raises PD001 (a number out of range).';
