-- Calls: _end_tasks. For the caller that holds the tasks.
create or replace function _time_out(
  workflow_keys bigint[]
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _end_tasks(
    workflow_keys, 'CANCELLED',
    json_build_object(
      'name', 'WorkflowTimedOut', 'message', 'it had not ended at its deadline', 'code', null, 'data', null
    )
  );
end
$$;

comment on function _time_out(bigint[]) is
  'Cancels workflows whose deadline has passed. The caller holds their tasks.';
