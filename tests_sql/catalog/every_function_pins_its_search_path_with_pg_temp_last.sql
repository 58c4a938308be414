begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  format(
    $$
      select p.oid::regprocedure, p.proconfig
      from pg_proc p
      where p.pronamespace = %1$L::regnamespace
        and format('search_path=%%s, pg_temp', %1$L) <> all (coalesce(p.proconfig, '{}'))
    $$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;
