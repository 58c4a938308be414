-- Functions that an earlier release had and this one does not: those on the list whose catalog
-- row this transaction has not written. `create or replace` rewrites the row, so its xmin tells.
do $$
declare
  v_stale regprocedure;
begin
  for v_stale in
    select p.oid
    from schema_functions f
    -- As text: before Postgres 16 to_regprocedure raises an error when a type is gone.
    join pg_proc p on p.oid::regprocedure::text = f.signature
    where p.pronamespace = quote_ident(current_schema())::regnamespace
      and p.xmin <> pg_current_xact_id()::xid
  loop
    execute format('drop routine %s', v_stale);
  end loop;

  delete from schema_functions;
  insert into schema_functions (signature)
  select p.oid::regprocedure::text
  from pg_proc p
  where p.pronamespace = quote_ident(current_schema())::regnamespace
    and p.xmin = pg_current_xact_id()::xid;
end
$$;
