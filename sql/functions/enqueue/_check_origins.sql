create or replace function _check_origins(
  origins workflow_origin[]
)
returns void
language plpgsql
immutable
set search_path from current
as $$
declare
  v_origin workflow_origin;
begin
  foreach v_origin in array origins loop
    if jsonb_typeof(v_origin.attributes) <> 'object' then
      perform _raise(
        'PD001',
        format('attributes are a JSON object, not %s', left(v_origin.attributes::text, 60)),
        hint => 'For example {"customer": "c-17", "trial": true}. Null is none.'
      );
    end if;
    perform _check_text(t.what, t.value)
    from (values
      ('class name', v_origin.class_name),
      ('config name', v_origin.config_name),
      ('authenticated user', v_origin.authenticated_user),
      ('assumed role', v_origin.assumed_role)
    ) as t (what, value)
    where t.value is not null;
    perform _check_text('authenticated role', r.role) from unnest(v_origin.authenticated_roles) as r (role);
  end loop;
end
$$;

comment on function _check_origins(workflow_origin[]) is
  'Raises PD001 if attributes are no JSON object, or a name is empty or too long.';
