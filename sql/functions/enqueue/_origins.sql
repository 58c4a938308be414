-- Calls: _check_origins.
create or replace function _origins(
  many int,
  attributes jsonb[],
  authenticated_user text,
  authenticated_roles text[],
  assumed_role text,
  class_names text[],
  config_names text[]
)
returns workflow_origin[]
language plpgsql
immutable
set search_path from current
as $$
declare
  v_origins workflow_origin[];
begin
  if num_nonnulls(
    attributes, authenticated_user, authenticated_roles, assumed_role, class_names, config_names
  ) = 0 then
    return null;
  end if;
  -- A JSON null is as good as none.
  select array_agg(
    row(
      case when jsonb_typeof(attributes[i.item]) <> 'null' then attributes[i.item] end,
      class_names[i.item], config_names[i.item],
      authenticated_user, authenticated_roles, assumed_role
    )::workflow_origin
    order by i.item
  )
  into v_origins
  from generate_series(1, many) as i (item);
  perform _check_origins(v_origins);
  return v_origins;
end
$$;

comment on function _origins(int, jsonb[], text, text[], text, text[], text[]) is
  'What each of so many workflows tells of itself; null if that is nothing. Raises PD001 as _check_origins does.';
