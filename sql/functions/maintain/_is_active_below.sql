-- Stops at the first that it meets; a tree that has ended is walked to its end.
create or replace function _is_active_below(
  root_key bigint
)
returns boolean
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
begin
  return exists (
    with recursive tree as (
      select root_key as key
      union all
      select c.key
      from tree t
      cross join lateral (
        select w.key from workflows w where w.parent_key = t.key offset 0
      ) as c
    )
    select
    from tree t
    cross join lateral (
      select a.key from tasks a where a.key = t.key offset 0
    ) as a
  );
end
$$;

comment on function _is_active_below(bigint) is 'Whether a workflow, or any below it, is active.';
