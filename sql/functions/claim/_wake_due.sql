-- Calls: _take_wakes, _drop_floors.
--
-- Takes what is due, a bounded number a call, and skips what another session is waking.
--
-- A workflow may be due twice over: its moment has come, and what it waited for, too. A wake-up stays
-- while its workflow is locked, and goes when that is not put down any more.
create or replace function _wake_due(
  max_workflows int
)
returns int
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_woken int;
  v_queues int[];
  v_released bigint[];
  v_called bigint[];
begin
  if exists (select from wakes) then
    v_called := _take_wakes(max_workflows);
  end if;
  with due as (
    select t.key
    from tasks t
    where t.wake_at is not null and t.wake_at <= v_now
    order by t.wake_at, t.key
    limit max_workflows
    for update skip locked
  ),
  called as (
    select c.key from unnest(v_called) as c (key)
  ),
  woken as (
    update tasks t
    set status = 'ENQUEUED',
        wake_at = null,
        deduplicated = t.deduplicated and not t.debounced,
        debounced = false
    from (select d.key from due d union select c.key from called c) as d
    where t.key = d.key
    returning t.key, t.queue_id, t.deduplicated
  )
  select count(*), array_agg(distinct w.queue_id), array_agg(w.key) filter (where not w.deduplicated)
  into v_woken, v_queues, v_released
  from woken w;

  if v_woken > 0 then
    perform _drop_floors(v_queues);
    -- A debounced one takes no newer input from now on.
    delete from deduplications d where d.key = any (v_released);
  end if;
  return v_woken;
end
$$;

comment on function _wake_due(int) is
  'Enqueues workflows whose moment has come, earliest first, at most so many. Returns how many.';
