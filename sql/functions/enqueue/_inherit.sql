-- A child runs on behalf of whom its parent runs for, unless it is given somebody: then the roles and the assumed
-- role of the parent are not its own.
create or replace function _inherit(
  origins workflow_origin[],
  parent_keys bigint[]
)
returns workflow_origin[]
language plpgsql
stable
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
as $$
begin
  -- Most workflows run on nobody's behalf: then there is nothing to build.
  if not exists (
    select from unnest(parent_keys) as g (key)
    cross join lateral (
      select from workflows w
      where w.key = g.key and num_nonnulls(w.authenticated_user, w.authenticated_roles, w.assumed_role) > 0
      offset 0
    ) as w
  ) then
    return origins;
  end if;
  return array(
    select
      row(
        g.attributes, g.class_name, g.config_name,
        case when h.own then g.authenticated_user else w.authenticated_user end,
        case when h.own then g.authenticated_roles else w.authenticated_roles end,
        case when h.own then g.assumed_role else w.assumed_role end
      )::workflow_origin
    from rows from (unnest(parent_keys), unnest(origins)) with ordinality as g (
      parent_key, attributes, class_name, config_name, authenticated_user, authenticated_roles, assumed_role, item
    )
    cross join lateral (
      select num_nonnulls(g.authenticated_user, g.authenticated_roles, g.assumed_role) > 0 as own
    ) as h
    left join lateral (
      select p.authenticated_user, p.authenticated_roles, p.assumed_role
      from workflows p
      where p.key = g.parent_key
      offset 0
    ) as w on true
    order by g.item
  );
end
$$;

comment on function _inherit(workflow_origin[], bigint[]) is
  'What each child tells of itself, with the user and the roles of its parent unless it has its own.';
