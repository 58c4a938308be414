create or replace function _recorded_steps(
  workflow_key bigint
)
returns json
language plpgsql
stable
set search_path from current
as $$
#variable_conflict use_column
begin
  return (
    select json_agg(
      json_build_object(
        'step', s.step,
        'name', s.name,
        'output', s.output,
        'error', s.error,
        'child_id', s.child_id,
        'attempts', s.attempts,
        'completed', s.completed_at is not null,
        'retry_in', extract(epoch from s.retry_at - _now())
      )
      order by s.step
    )
    from steps s
    where s.key = _recorded_steps.workflow_key
  );
end
$$;

comment on function _recorded_steps(bigint) is
  'What is recorded of the steps of a workflow, as a JSON array in the order of the steps; null if
nothing is. retry_in: seconds until a failed step is to be tried again.';
