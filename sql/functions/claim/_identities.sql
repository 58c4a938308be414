-- Calls: _identity.
create or replace function _identities(
  workflow_keys bigint[]
)
returns json[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
begin
  return array(
    select (
      select _identity(w.class_name, w.config_name, w.authenticated_user, w.authenticated_roles, w.assumed_role)
      from workflows w
      where w.key = g.key
    )
    from unnest(workflow_keys) with ordinality as g (key, item)
    order by g.item
  );
end
$$;

comment on function _identities(bigint[]) is 'As what and on whose behalf each of these workflows runs; see _identity.';
