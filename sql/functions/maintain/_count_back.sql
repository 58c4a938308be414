-- Calls: _retained_roots. The caller holds the row of the policy.
--
-- Counts from the newest back, a thousand rows at a call, until the first that is one too many. What ends or is
-- deleted meanwhile changes nothing: that one was too many when the count began.
create or replace function _count_back(
  policy retention
)
returns retention
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
  v_newest record;
  v_keys bigint[];
  v_roots bigint[];
  v_first_to_go bigint;
begin
  if policy.counting_at is null then
    if v_now < policy.count_began_at + interval '1 minute' then
      return policy;
    end if;
    select o.completed_at, o.key into v_newest
    from outcomes o
    where o.completed_at <= 'infinity'
    order by o.completed_at desc, o.key desc
    limit 1;
    if not found
      or (v_newest.completed_at, v_newest.key) is not distinct from (policy.newest_at, policy.newest_key)
    then
      return policy;
    end if;
    policy.newest_at := v_newest.completed_at;
    policy.newest_key := v_newest.key;
    policy.count_began_at := v_now;
    policy.counting_at := 'infinity';
    policy.counting_key := 0;
    policy.counted := 0;
  end if;

  select array_agg(s.key order by s.completed_at desc, s.key desc) into v_keys
  from (
    select o.completed_at, o.key
    from outcomes o
    where o.completed_at <= policy.counting_at
      and (o.completed_at, o.key) < (policy.counting_at, policy.counting_key)
    order by o.completed_at desc, o.key desc
    limit 1000
  ) as s;
  v_roots := _retained_roots(policy, v_keys);
  if policy.counted + cardinality(v_roots) > policy.max_count then
    v_first_to_go := v_roots[(policy.max_count - policy.counted + 1)::int];
    select o.completed_at, o.key into policy.cutoff_at, policy.cutoff_key
    from outcomes o
    where o.key = v_first_to_go;
    policy.counting_at := null;
  elsif coalesce(cardinality(v_keys), 0) < 1000 then
    policy.cutoff_at := null;
    policy.counting_at := null;
  else
    policy.counted := policy.counted + cardinality(v_roots);
    select o.completed_at, o.key into policy.counting_at, policy.counting_key
    from outcomes o
    where o.key = v_keys[1000];
  end if;
  return policy;
end
$$;

comment on function _count_back(retention) is
  'Goes on with the count of what a policy keeps, and notes from where on there are too many. Returns the policy.';
