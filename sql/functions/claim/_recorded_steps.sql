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
  if exists (select from places p where p.key = _recorded_steps.workflow_key) then
    return (
      select json_agg(
        case
          when s.step is null then json_build_object('step', step, 'place', p.place)
          else json_build_object(
            'step', step,
            'name', s.name,
            'output', s.output,
            'error', s.error,
            'child_id', s.child_id,
            'attempts', s.attempts,
            'completed', s.completed_at is not null,
            'retry_in', extract(epoch from s.retry_at - _now()),
            'place', p.place
          )
        end
        order by step
      )
      from (select r.* from steps r where r.key = _recorded_steps.workflow_key) as s
      full join (select r.* from places r where r.key = _recorded_steps.workflow_key) as p using (step)
    );
  end if;
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
nothing is. retry_in: seconds until a failed step is to be tried again. Of a workflow with places each element has
place, or null; an element without a name is a number that is kept for a place.';
