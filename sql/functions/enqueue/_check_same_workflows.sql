-- Calls: _place_name.
--
-- An id names one workflow for ever: the same id under the same name, of the same class and instance, is the same
-- workflow; anything else is a mistake.
create or replace function _check_same_workflows(
  workflow_ids text[],
  names text[],
  origins workflow_origin[] default null
)
returns void
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_conflict record;
begin
  select
    g.workflow_id, g.name as wanted, w.name as existing,
    _place_name(g.class_name, g.config_name) as wanted_place, _place_name(w.class_name, w.config_name) as place
  into v_conflict
  from rows from (unnest(workflow_ids), unnest(names), unnest(origins)) as g (
    workflow_id, name, attributes, class_name, config_name, authenticated_user, authenticated_roles, assumed_role
  )
  cross join lateral (
    select e.name, e.class_name, e.config_name from workflows e where e.workflow_id = g.workflow_id offset 0
  ) as w
  where w.name <> g.name
    -- Who enqueues by name may not know the class.
    or w.class_name <> g.class_name
    or w.config_name is distinct from g.config_name
  limit 1;

  if found then
    perform _raise(
      'PD003',
      format('workflow id %L belongs to a workflow named %L', v_conflict.workflow_id, v_conflict.existing)
        || case when v_conflict.existing = v_conflict.wanted then v_conflict.place else '' end,
      detail => format('It was to be started as %L%s. Nothing was started.', v_conflict.wanted,
        case when v_conflict.existing = v_conflict.wanted then v_conflict.wanted_place else '' end),
      hint => 'An id starts one workflow, once. Use another id, or the name it was started with.'
    );
  end if;
end
$$;

comment on function _check_same_workflows(text[], text[], workflow_origin[]) is
  'Raises PD003 if one of these ids exists under another workflow name, or as that of another class or instance.';
