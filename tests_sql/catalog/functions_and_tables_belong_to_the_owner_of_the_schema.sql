begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  format(
    $$
      select o.name
      from (
        select pronamespace, proname, proowner from pg_proc
        union all
        select relnamespace, relname, relowner from pg_class
      ) as o (namespace, name, owner)
      join pg_namespace n on n.oid = o.namespace
      where n.nspname = %L and o.owner <> n.nspowner
    $$,
    :'schema'
  )
);

select * from finish();
rollback;
