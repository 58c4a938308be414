-- Functions that an earlier release had and this one does not: every function of the
-- schema whose catalog row this transaction has not written. `create or replace` rewrites
-- the row, so its xmin tells.
do $$
declare
  v_stale regprocedure;
begin
  for v_stale in
    select p.oid::regprocedure
    from pg_proc p
    where p.pronamespace = current_schema()::regnamespace
      and p.prokind in ('f', 'p')
      and p.xmin <> pg_current_xact_id()::xid
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      )
  loop
    execute format('drop routine %s', v_stale);
  end loop;
end
$$;
