begin;
\ir ../_setup.inc
select plan(2);

-- Values are json, moments timestamptz, names and ids text; a bigint key joins the tables. Ranks and factors
-- are double precision, a floor knows transactions, and attributes are searched.
select is_empty(
  format(
    $$
      select attrelid::regclass, attname, atttypid::regtype
      from pg_attribute
      join pg_class c on c.oid = attrelid
      where c.relnamespace = %1$L::regnamespace and c.relkind in ('r', 'p') and attnum > 0 and not attisdropped
        and atttypid <> all (array[
          'json', 'jsonb', 'timestamptz', 'interval', 'text', 'text[]', 'int', 'bigint', 'bigint[]', 'boolean',
          'double precision', 'xid8', 'pg_snapshot', %1$L || '.workflow_status'
        ]::regtype[])
    $$,
    quote_ident(:'schema')
  ),
  'their types'
);
select is_empty(
  format(
    $$
      select attrelid::regclass
      from pg_attribute
      join pg_class c on c.oid = attrelid
      where c.relnamespace = %L::regnamespace and c.relkind in ('r', 'p')
        and attname in ('key', 'parent_key', 'token', 'executor_id') and atttypid <> 'bigint'::regtype
    $$,
    quote_ident(:'schema')
  ),
  'keys and tokens are bigint'
);

select * from finish();
rollback;
