-- Calls: _horizon, _retained_roots, _remove_trees. The caller holds the row of the policy.
--
-- Reads on from where the last sweep has come to, a thousand rows at a call. What it must leave, because it is
-- held by somebody or its children run, is met again by the next sweep from the beginning, once a day.
create or replace function _sweep(
  policy retention,
  max_workflows int,
  out swept_at timestamptz,
  out swept_key bigint,
  out sweep_began_at timestamptz,
  out removed int,
  out is_done boolean
)
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
  v_now timestamptz := _now();
  v_horizon record;
  v_keys bigint[];
  v_moments timestamptz[];
  v_roots bigint[];
  v_dealt_with int;
  v_place int;
begin
  swept_at := policy.swept_at;
  swept_key := policy.swept_key;
  sweep_began_at := policy.sweep_began_at;
  removed := 0;
  is_done := true;
  v_horizon := _horizon(policy, v_now);
  if v_horizon.completed_at is null then
    return;
  end if;
  if sweep_began_at is null or sweep_began_at > v_now then
    sweep_began_at := v_now;
  end if;

  select
    array_agg(s.key order by s.completed_at, s.key), array_agg(s.completed_at order by s.completed_at, s.key)
  into v_keys, v_moments
  from (
    select o.completed_at, o.key
    from outcomes o
    where o.completed_at >= _sweep.swept_at
      and (o.completed_at, o.key) > (_sweep.swept_at, _sweep.swept_key)
      and (o.completed_at, o.key) <= (v_horizon.completed_at, v_horizon.key)
    order by o.completed_at, o.key
    limit 1000
  ) as s;
  v_place := coalesce(cardinality(v_keys), 0);
  is_done := v_place < 1000;
  v_roots := _retained_roots(policy, v_keys);
  if v_roots <> '{}' then
    select r.removed, r.dealt_with into removed, v_dealt_with
    from _remove_trees(v_roots[: max_workflows]) as r;
    if v_dealt_with < cardinality(v_roots) then
      -- On to just before the first that is left.
      v_place := array_position(v_keys, v_roots[v_dealt_with + 1]) - 1;
      is_done := false;
    end if;
  end if;
  if v_place > 0 then
    swept_at := v_moments[v_place];
    swept_key := v_keys[v_place];
  end if;
  if is_done and sweep_began_at < v_now - interval '1 day' then
    swept_at := '-infinity';
    swept_key := 0;
    sweep_began_at := v_now;
    is_done := false;
  end if;
end
$$;

comment on function _sweep(retention, int) is
  'Removes what a policy does not keep, about so many workflows at the most. Returns how far it has come, how many
were removed, and whether there is nothing more for now.';
