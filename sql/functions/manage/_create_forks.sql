-- Calls: _internal_queue.
-- Locks: the new ids in their order.
create or replace function _create_forks(
  original_keys bigint[],
  new_keys bigint[],
  new_ids text[],
  queue_ids int[],
  lane_ids int[],
  priorities int[],
  app_version text,
  timeout interval
)
returns bigint[]
language plpgsql
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_now timestamptz := _now();
  v_created bigint[];
begin
  with created as (
    insert into workflows (
      key, workflow_id, name, queue_id, lane_id, priority, max_recovery_attempts, input, app_version, created_at,
      retries, retry_interval, retry_backoff, retry_max_interval, timeout, attributes, application,
      class_name, config_name, authenticated_user, authenticated_roles, assumed_role, forked_from
    )
    select
      g.new_key, g.new_id, w.name, case when not q.internal then g.queue_id end, g.lane_id, coalesce(g.priority, 0),
      w.max_recovery_attempts, w.input, _create_forks.app_version, v_now,
      w.retries, w.retry_interval, w.retry_backoff, w.retry_max_interval,
      _exact_span(_create_forks.timeout), w.attributes, coalesce(q.application, w.application),
      w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role, w.workflow_id
    from unnest(original_keys, new_keys, new_ids, queue_ids, lane_ids, priorities)
      as g (key, new_key, new_id, queue_id, lane_id, priority)
    cross join lateral (select e.* from workflows e where e.key = g.key offset 0) as w
    cross join lateral (select e.internal, e.application from queues e where e.queue_id = g.queue_id offset 0) as q
    order by g.new_id collate "C", g.new_key
    on conflict (workflow_id) do nothing
    returning key, coalesce(queue_id, _internal_queue(application)) as queue_id, lane_id, priority, max_recovery_attempts,
      retries, timeout
  ),
  activated as (
    insert into tasks (key, queue_id, lane_id, rank, status, max_recovery_attempts, resumed, retries, timeout, app_version)
    select
      c.key, c.queue_id, c.lane_id,
      c.priority + coalesce(extract(epoch from v_now) / extract(epoch from (
        select q.priority_ageing from queues q where q.queue_id = c.queue_id
      )), 0),
      'ENQUEUED', c.max_recovery_attempts, true, c.retries, c.timeout,
      coalesce(_create_forks.app_version, '')
    from created c
    returning key
  )
  select array_agg(a.key) into v_created from activated a;
  return coalesce(v_created, '{}');
end
$$;

comment on function _create_forks(bigint[], bigint[], text[], int[], int[], int[], text, interval) is
  'Writes forks of these workflows, ENQUEUED in these queues, still without history. Returns the keys of those that
are new.';
