-- Calls: _workflow_rows.
create or replace function get_workflow(
  workflow_id text
)
returns setof workflow_info
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
  v_key := _key_of(get_workflow.workflow_id);
  return query select * from _workflow_rows(array[v_key], null, true, true);
end
$$;

comment on function get_workflow(text) is
  'All about one workflow: one row, with the columns of list_workflows. queue is null for a direct start; executor is the
name of the one that runs it, or ran it, while that is registered; app_version is the version that it belongs to, if any; wake_at is set while it waits for a moment;
attempts: how often a worker began to run it, since its last failure that was retried; failures: how many of its
retries were used; deadline is when it is cancelled, or would have been: with a timeout it is set at the first start.
Raises PD002 if it does not exist.';
