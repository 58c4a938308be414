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
  max_recovery_attempts int,
  executor text,
  app_version text,
  parent_id text,
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  wake_at timestamptz
)
language plpgsql
stable
security definer
set search_path from current
set enable_seqscan to off
as $$
#variable_conflict use_column
begin
  return query
  select
    w.name, coalesce(o.status, t.status)::text, q.name, w.priority,
    w.input, o.output, o.error, coalesce(o.attempts, t.attempts), w.max_recovery_attempts,
    e.name, w.app_version, p.workflow_id, w.created_at,
    coalesce(o.started_at, t.started_at), o.completed_at, t.wake_at
  from workflows w
  left join outcomes o on o.key = w.key
  left join tasks t on t.key = w.key
  left join queues q on q.queue_id = w.queue_id
  left join executors e on e.executor_id = coalesce(o.executor_id, t.executor_id)
  left join workflows p on p.key = w.parent_key
  where w.workflow_id = get_workflow.workflow_id;

  if not found then
    perform _raise_workflow_not_found(get_workflow.workflow_id);
  end if;
end
$$;

comment on function get_workflow(text) is
  'All about one workflow: one row. queue is null for a direct start; executor is the name of the one
that runs it, or ran it, while that is registered; wake_at is set while it waits for a moment.
Raises PD002 if it does not exist.';
