begin;
\ir ../_setup.inc
select plan(3);

select is_empty(
  format(
    $$
      select c.relname, x.grantee::regrole, x.privilege_type
      from pg_class c, aclexplode(c.relacl) as x
      where c.relnamespace = %L::regnamespace and x.grantee <> c.relowner
    $$,
    quote_ident(:'schema')
  ),
  'tables and sequences'
);
select is_empty(
  format(
    $$
      select p.proname, x.grantee::regrole
      from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
      where p.pronamespace = %L::regnamespace and p.proname ~ '^_' and x.grantee <> p.proowner
    $$,
    quote_ident(:'schema')
  ),
  'internal functions'
);
select is_empty(
  format(
    $$
      select x.privilege_type
      from pg_namespace n, aclexplode(n.nspacl) as x
      where n.nspname = %L and x.grantee <> n.nspowner and x.privilege_type <> 'USAGE'
    $$,
    :'schema'
  ),
  'nobody else may create anything in the schema'
);

select * from finish();
rollback;
