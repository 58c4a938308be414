-- A workflow tells on whose behalf it runs, what marks it, and where it comes from.

do $$
begin
if _migrate(9, 'described workflows') then

alter table workflows
  -- An object, for those who search.
  add column attributes jsonb,
  add column application text collate pg_catalog."C",
  -- The class whose method it is, and the name of the configured instance.
  add column class_name text,
  add column config_name text,
  add column authenticated_user text collate pg_catalog."C",
  add column authenticated_roles text[],
  add column assumed_role text,
  -- The id of the workflow that it is a fork of, and whether there are forks of it.
  add column forked_from text collate pg_catalog."C",
  add column was_forked boolean not null default false,
  -- The name of the schedule that started it.
  add column schedule text collate pg_catalog."C";

-- Null: of no application, as before.
alter table executors add column application text collate pg_catalog."C";
alter table queues add column application text collate pg_catalog."C";
alter table schedules add column application text collate pg_catalog."C";

end if;
end
$$;
