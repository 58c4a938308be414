begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  format(
    $$
      select p.oid::regprocedure
      from pg_proc p
      where p.pronamespace = %L::regnamespace
        and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''
    $$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;
