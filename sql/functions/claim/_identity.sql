create or replace function _identity(
  class_name text,
  config_name text,
  authenticated_user text,
  authenticated_roles text[],
  assumed_role text
)
returns json
language plpgsql
immutable
set search_path from current
as $$
begin
  if num_nonnulls(class_name, config_name, authenticated_user, authenticated_roles, assumed_role) = 0 then
    return null;
  end if;
  return json_build_object(
    'class_name', class_name,
    'config_name', config_name,
    'authenticated_user', authenticated_user,
    'authenticated_roles', authenticated_roles,
    'assumed_role', assumed_role
  );
end
$$;

comment on function _identity(text, text, text, text[], text) is
  'As what and on whose behalf a workflow runs, for its worker; null if nothing is said of that.';
