begin;
\ir ../_setup.inc
select plan(1);

-- A column that changes with every claim would make each claim write every index anew.
select is_empty(
  $$
    select i.indexrelid::regclass, a.attname
    from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
    where i.indrelid = 'tasks'::regclass and a.attname in ('status', 'token', 'attempts', 'started_at', 'watched', 'resumed')
  $$
);

select * from finish();
rollback;
