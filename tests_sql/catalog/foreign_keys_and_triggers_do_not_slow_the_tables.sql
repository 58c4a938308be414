begin;
\ir ../_setup.inc
select plan(1);

select is_empty(
  format(
    $$
      select t.tgrelid::regclass, t.tgname
      from pg_trigger t
      join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = %L::regnamespace
    $$,
    quote_ident(:'schema')
  )
);

select * from finish();
rollback;
