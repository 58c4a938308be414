-- Calls: _tell_returned, _end_tasks, _alert.
-- Locks: one executor, then its tasks by key; both skip what another session holds, and come
-- back to it at the next call.
--
-- The lease is checked again under the lock of the executor, so a heartbeat that was first
-- wins. Marking it lapsed comes before its tasks are looked at: a claim that is under way
-- holds the executor (_hold_executor) and is waited for by skipping it; a later one fails.
create or replace function _take_over(
  max_workflows int
)
returns table (
  executors int,
  workflows_requeued int,
  workflows_dead_lettered int
)
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_executor_id bigint;
  v_left int := max_workflows;
  v_lost bigint[];
  v_dead bigint[];
  v_queues int[];
begin
  executors := 0;
  workflows_requeued := 0;
  workflows_dead_lettered := 0;

  for v_executor_id in
    select e.executor_id
    from executors e
    where e.lapsed or e.lease_until < clock_timestamp()
    -- Those that were marked before, and still have tasks, come last and by lot: others hold their tasks,
    -- and they must not keep the rest waiting.
    order by e.lapsed, case when e.lapsed then random() end, e.executor_id
    limit 100
    for update skip locked
  loop
    exit when v_left <= 0;

    update executors e
    set lapsed = true
    where e.executor_id = v_executor_id and not e.lapsed;
    if found then
      executors := executors + 1;
    end if;

    select
      array_agg(l.key) filter (where not l.spent), array_agg(l.key) filter (where l.spent)
    into v_lost, v_dead
    from (
      select t.key, t.attempts > t.max_recovery_attempts as spent
      from tasks t
      where t.executor_id = v_executor_id
      order by t.key
      limit v_left
      for update skip locked
    ) as l;
    with requeued as (
      update tasks t
      set status = 'ENQUEUED', executor_id = null, token = null, placed = false, resumed = true
      where t.key = any (v_lost)
      returning t.queue_id
    )
    select array_agg(distinct r.queue_id) into v_queues from requeued r;
    perform _tell_returned(q.queue_id) from unnest(v_queues) as q (queue_id);

    if v_dead is not null then
      perform _end_tasks(
        d.keys, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED',
        json_build_object(
          'name', 'MaxRecoveryAttemptsExceeded',
          'message', format('the worker that ran it died %s times', d.attempts),
          'code', 'PD010',
          'data', json_build_object('attempts', d.attempts)
        )
      )
      from (
        select t.attempts, array_agg(t.key) as keys from tasks t where t.key = any (v_dead) group by t.attempts
      ) as d;
      perform _alert('dead letter');
    end if;
    workflows_requeued := workflows_requeued + coalesce(cardinality(v_lost), 0);
    workflows_dead_lettered := workflows_dead_lettered + coalesce(cardinality(v_dead), 0);
    v_left := v_left - coalesce(cardinality(v_lost), 0) - coalesce(cardinality(v_dead), 0);
    delete from executors e
    where e.executor_id = v_executor_id
      and not exists (select from tasks t where t.executor_id = v_executor_id);
  end loop;

  return next;
end
$$;

comment on function _take_over(int) is
  'Takes workflows from executors whose lease has lapsed, at most so many: back to their queues, or,
when they have been taken over too often, to MAX_RECOVERY_ATTEMPTS_EXCEEDED. Returns one row: how many
executors were found lapsed, how many workflows went back, how many were dead-lettered.';
