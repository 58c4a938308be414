-- Looks at some of those who wait, from one drawn by lot on: a workflow that was cancelled while it waited,
-- and what nobody can be told of any more, leave their notes behind. What others hold is skipped.
create or replace function _prune_waits()
returns void
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
#variable_conflict use_column
declare
  v_first bigint := (select w.target_key from waits w order by w.target_key limit 1);
  v_last bigint := (select w.target_key from waits w order by w.target_key desc limit 1);
  v_from bigint := v_first + floor(random() * (v_last - v_first + 1));
begin
  if v_from is null then
    return;
  end if;
  delete from waits w
  where w.ctid = any (array(
    select g.ctid
    from waits g
    where g.ctid = any (array(
      select e.ctid
      from (
        select s.ctid, s.target_key, s.waiter_key
        from waits s
        where s.target_key >= v_from
        order by s.target_key, s.kind, s.name, s.waiter_key
        limit 500
      ) as e
      where not exists (
        select from tasks t where t.key = case when e.waiter_key > 0 then e.waiter_key else e.target_key end
      )
    ))
    for update skip locked
  ));
end
$$;

comment on function _prune_waits() is 'Removes notes of those who do not wait any more, some at a call.';
