-- Only a schema that is empty, or that the engine has made, is written to: the engine revokes
-- what others may do there.
do $$
declare
  v_schema text := current_schema();
begin
  if octet_length(v_schema) > 50 then
    raise exception using
      errcode = 'PD011',
      message = format('the name of schema %I is too long: %s bytes', v_schema, octet_length(v_schema)),
      hint = 'Roles are named after it: choose one of at most 50 bytes.';
  end if;
  if v_schema in ('public', 'information_schema') or v_schema like 'pg\_%'
    or to_regprocedure(format('%I._migrate(int, text)', v_schema)) is null
    and (
      exists (select from pg_class c where c.relnamespace = quote_ident(v_schema)::regnamespace)
      or exists (select from pg_proc p where p.pronamespace = quote_ident(v_schema)::regnamespace)
    )
  then
    raise exception using
      errcode = 'PD011',
      message = format('schema %I is in use by something else', v_schema),
      detail = 'Nothing was changed.',
      hint = 'The engine wants a schema of its own: choose another name.';
  end if;
  -- Whoever else owns it, or may create in it, could plant what the engine then runs with the rights
  -- of the one who installs it.
  if exists (
    select from pg_namespace n
    where n.nspname = v_schema
      and (
        n.nspowner <> (select r.oid from pg_roles r where r.rolname = current_user)
        or exists (
          select from aclexplode(n.nspacl) as a
          where a.privilege_type = 'CREATE' and a.grantee <> n.nspowner
        )
      )
  ) then
    raise exception using
      errcode = 'PD011',
      message = format('schema %I belongs to another role, or others may create in it', v_schema),
      detail = 'Nothing was changed.',
      hint = 'Install as the owner of the schema, and revoke create on it from everybody else.';
  end if;
end
$$;
