create or replace function schema_version()
returns int
language sql
stable
security definer
set search_path from current
as $$
  select max(number) from schema_migrations
$$;

comment on function schema_version() is
  'The version of this schema: the number of its newest migration. A client compares it with
what it was written for.';
