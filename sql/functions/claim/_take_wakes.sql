-- Calls: _wake_waiters.
-- Locks: wakes, in their order; then the tasks of those that were put down, by key. Both skip what others hold.
create or replace function _take_wakes(
  max_workflows int
)
returns bigint[]
language plpgsql
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
  v_unseen wakes;
  v_wakes bigint[];
  v_down bigint[];
  v_called bigint[];
begin
  for v_unseen in
    select w.*
    from wakes w
    where w.kind is not null
    order by w.wake_id
    limit max_workflows
    for update skip locked
  loop
    perform _wake_waiters(array[v_unseen.key], v_unseen.kind, array[v_unseen.name]);
    delete from wakes w where w.wake_id = v_unseen.wake_id;
  end loop;

  select array_agg(d.wake_id) into v_wakes
  from (
    select w.wake_id
    from wakes w
    where w.kind is null
    order by w.wake_id
    limit max_workflows
    for update skip locked
  ) as d;
  if v_wakes is null then
    return null;
  end if;
  -- Read before they are locked: what is not put down now was seen to, or will look by itself.
  v_down := array(
    select distinct t.key
    from unnest(v_wakes) as g (wake_id)
    join wakes w on w.wake_id = g.wake_id
    join tasks t on t.key = w.key
    where t.status = 'PENDING' and t.executor_id is null
  );
  v_called := array(
    select t.key
    from tasks t
    where t.key = any (v_down) and t.status = 'PENDING' and t.executor_id is null
    order by t.key
    for update skip locked
  );
  delete from wakes w
  where w.wake_id = any (v_wakes) and (w.key <> all (v_down) or w.key = any (v_called));
  -- However many messages a workflow was sent, it is woken once. Only of those that the caller enqueues:
  -- others may have been put down and called again since they were read.
  delete from wakes w
  where w.wake_id = any (array(
    select e.wake_id
    from unnest(v_called) as g (key)
    cross join lateral (
      select o.wake_id from wakes o where o.key = g.key and o.kind is null limit 10000 for update skip locked
    ) as e
  ));
  return v_called;
end
$$;

comment on function _take_wakes(int) is
  'Takes wake-ups for workflows that were put down, at most so many, and returns the keys of those workflows. The
caller enqueues them.';
