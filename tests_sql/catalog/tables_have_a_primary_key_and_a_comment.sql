begin;
\ir ../_setup.inc
select plan(2);

select is_empty(
  format(
    $$
      select c.relname
      from pg_class c
      where c.relnamespace = %L::regnamespace and c.relkind in ('r', 'p')
        and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')
    $$,
    quote_ident(:'schema')
  ),
  'a primary key'
);
select is_empty(
  format(
    $$
      select c.relname
      from pg_class c
      where c.relnamespace = %L::regnamespace and c.relkind in ('r', 'p')
        and coalesce(obj_description(c.oid, 'pg_class'), '') = ''
    $$,
    quote_ident(:'schema')
  ),
  'a comment'
);

select * from finish();
rollback;
