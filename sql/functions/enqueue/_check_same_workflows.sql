-- An id names one workflow for ever: the same id under the same name is the same workflow,
-- under another name it is a mistake.
create or replace function _check_same_workflows(
  workflow_ids text[],
  names text[]
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_conflict record;
begin
  select g.workflow_id, g.name as wanted, w.name as existing
  into v_conflict
  from unnest(workflow_ids, names) as g (workflow_id, name)
  cross join lateral (
    select e.name from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w
  where w.name <> g.name
  limit 1;

  if found then
    perform _raise(
      'PD003',
      format('workflow id %L belongs to a workflow named %L', v_conflict.workflow_id, v_conflict.existing),
      detail => format('It was to be started as %L. Nothing was started.', v_conflict.wanted),
      hint => 'An id starts one workflow, once. Use another id, or the name it was started with.'
    );
  end if;
end
$$;

comment on function _check_same_workflows(text[], text[]) is
  'Raises PD003 if one of these ids exists under another workflow name.';
