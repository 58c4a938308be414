-- Reads: workflows, tasks, outcomes, queues, lanes, executors.
create or replace function _workflow_rows(
  workflow_keys bigint[],
  moments timestamptz[],
  with_input boolean,
  with_output boolean
)
returns setof workflow_info
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  -- Each row is looked up by its own key: joined to each other, in a plan made on an empty database, they
  -- are found by reading all of them.
  return query
  select
    w.key, w.workflow_id, w.name, coalesce(o.status, t.status)::text,
    (select q.name from queues q where q.queue_id = w.queue_id),
    (select l.partition_key from lanes l where l.lane_id = w.lane_id and w.lane_id > 0),
    w.deduplication_id, w.priority,
    case when with_input then w.input end, case when with_output then o.output end,
    case when with_output then o.error end,
    coalesce(o.attempts, t.attempts), coalesce(o.failures, t.failures),
    coalesce(w.retries, 0), w.max_recovery_attempts,
    (select e.name from executors e where e.executor_id = coalesce(o.executor_id, t.executor_id)),
    coalesce(o.app_version, nullif(t.app_version, '')),
    w.application, w.class_name, w.config_name, w.attributes,
    w.authenticated_user, w.authenticated_roles, w.assumed_role,
    (select p.workflow_id from workflows p where p.key = w.parent_key),
    w.forked_from, w.was_forked, w.schedule,
    w.created_at, coalesce(o.started_at, t.started_at), o.completed_at, t.wake_at, w.timeout,
    coalesce(o.deadline, t.deadline),
    coalesce(to_char(g.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z/"'), '') || w.key
  from unnest(workflow_keys, moments) with ordinality as g (key, at, item)
  cross join lateral (select * from workflows f where f.key = g.key offset 0) as w
  left join lateral (select * from outcomes f where f.key = g.key offset 0) as o on true
  left join lateral (select * from tasks f where f.key = g.key offset 0) as t on true
  order by g.item;
end
$$;

comment on function _workflow_rows(bigint[], timestamptz[], boolean, boolean) is
  'All about these workflows, in the order given; without those that do not exist.
moments: null, or those that their cursors begin with.';
