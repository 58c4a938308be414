create or replace function get_workflow(
  workflow_id text
)
returns table (
  workflow text,
  status text,
  queue text,
  priority int,
  input json,
  output json,
  error json,
  attempts int,
  failures int,
  retries int,
  max_recovery_attempts int,
  executor text,
  app_version text,
  parent_id text,
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  wake_at timestamptz,
  timeout interval,
  deadline timestamptz
)
language plpgsql
stable
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
#variable_conflict use_column
declare
  v_key bigint;
begin
  select w.key into v_key
  from workflows w
  where w.workflow_id = get_workflow.workflow_id;
  if not found then
    perform _raise_workflow_not_found(get_workflow.workflow_id);
  end if;

  -- Each row is looked up by its own key: joined to each other, in a plan made on an empty
  -- database, they are found by reading all of them.
  return query
  select
    w.name, coalesce(o.status, t.status)::text,
    (select q.name from queues q where q.queue_id = w.queue_id), w.priority,
    w.input, o.output, o.error, coalesce(o.attempts, t.attempts), coalesce(o.failures, t.failures),
    coalesce(w.retries, 0), w.max_recovery_attempts,
    (select e.name from executors e where e.executor_id = coalesce(o.executor_id, t.executor_id)),
    case when t.key is null then coalesce(o.app_version, w.app_version) else nullif(t.app_version, '') end,
    (select p.workflow_id from workflows p where p.key = w.parent_key), w.created_at,
    coalesce(o.started_at, t.started_at), o.completed_at, t.wake_at, w.timeout,
    coalesce(o.deadline, t.deadline)
  from workflows w
  left join outcomes o on o.key = v_key
  left join tasks t on t.key = v_key
  where w.key = v_key;
end
$$;

comment on function get_workflow(text) is
  'All about one workflow: one row. queue is null for a direct start; executor is the name of the one
that runs it, or ran it, while that is registered; app_version is the version that it belongs to, if any; wake_at is set while it waits for a moment;
attempts: how often a worker began to run it, since its last failure that was retried; failures: how many of its
retries were used; deadline is when it is cancelled, or would have been: with a timeout it is set at the first start.
Raises PD002 if it does not exist.';
