-- The record of migrations, and the guard that lets each run once:
--
--   do $$ begin if _migrate(7, 'what it does') then ... end if; end $$;

create table if not exists schema_migrations (
  number int primary key,
  name text not null,
  applied_at timestamptz not null default now()
);

comment on table schema_migrations is
  'Which numbered migrations this schema has had. The highest number is the version of the schema.';

create or replace function _migrate(
  number int,
  name text
)
returns boolean
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  -- What this installation knows; 999_check.sql compares it with what the schema has.
  perform set_config('perdure.newest_known_migration', _migrate.number::text, true);
  insert into schema_migrations (number, name)
  values (_migrate.number, _migrate.name)
  on conflict (number) do nothing;
  return found;
end
$$;

comment on function _migrate(int, text) is
  'True if this migration has not run in this schema before; records it as run.';
