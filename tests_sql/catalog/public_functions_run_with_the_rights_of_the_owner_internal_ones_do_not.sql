begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  format(
    $$
      select p.oid::regprocedure, p.prosecdef
      from pg_proc p
      where p.pronamespace = %L::regnamespace and p.prosecdef = (p.proname ~ '^_')
    $$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;
