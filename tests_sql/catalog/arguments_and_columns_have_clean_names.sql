begin;
\ir ../_setup.inc
select plan(2);

select is_empty(
  format(
    $$
      select proname, a.name
      from pg_proc, unnest(coalesce(proargnames, '{}')) as a (name)
      where pronamespace = %L::regnamespace and (a.name !~ '^[a-z][a-z_]*(\d\d)?$' or a.name ~ '^[pv]_')
    $$,
    quote_ident(:'schema')
  ),
  'of functions'
);
select is_empty(
  format(
    $$
      select p.oid::regprocedure
      from pg_proc p
      where p.pronamespace = %L::regnamespace
        and cardinality(coalesce(p.proargnames, '{}')) < cardinality(coalesce(p.proallargtypes, p.proargtypes::oid[]))
    $$,
    quote_ident(:'schema')
  ),
  'each argument has a name'
);

select * from finish();
rollback;
