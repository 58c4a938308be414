-- Versions of applications: work belongs to the version that has started it, or that it was enqueued for.
--
-- The version stands in the order that claims walk, before lane, rank and key: so a claim looks only at what it
-- may take, however much of other versions waits before that. '' is no version.

do $$
begin
if _migrate(12, 'versions') then

-- Their results have other columns now.
drop function if exists list_executors();
drop function if exists get_workflow(text);

alter table tasks add column app_version text collate pg_catalog."C" not null default '';
drop index tasks_ready;
create index tasks_ready on tasks (queue_id, app_version, lane_id, rank, key)
  where status = 'ENQUEUED' and not placed;
drop index tasks_returning;
create index tasks_returning on tasks (queue_id, app_version, key) where status = 'ENQUEUED' and placed;

-- As in tasks, at its end; null: none.
alter table outcomes add column app_version text collate pg_catalog."C";
update outcomes as o set app_version = w.app_version
from workflows as w
where w.key = o.key and w.app_version is not null;
create index outcomes_version on outcomes (app_version, key) where app_version is not null;

-- A floor is one of a version of its queue.
alter table floors drop constraint floors_pkey;
alter table floors add column app_version text collate pg_catalog."C" not null default '';
alter table floors add primary key (queue_id, app_version, version);

create sequence version_places;

-- The versions that executors had, or that were registered, by application ('': none). The one with the
-- highest place is the latest.
create table versions (
  application text collate pg_catalog."C" not null default '',
  app_version text collate pg_catalog."C" not null,
  registered_at timestamptz not null,
  place bigint not null default nextval('version_places'),
  primary key (application, app_version)
);
create index versions_latest on versions (application, place);

-- Work was pinned to them before anybody had registered them. Only inserted, so that nobody waits for whoever
-- pins in a long transaction.
create table version_pins (
  app_version text collate pg_catalog."C" not null,
  transaction xid8 not null default pg_current_xact_id(),
  primary key (app_version, transaction)
);

comment on table versions is 'The versions of applications: the one with the highest place is the latest.';
comment on table version_pins is 'Versions that work was enqueued for before they were registered.';

insert into versions (application, app_version, registered_at)
select coalesce(e.application, ''), e.app_version, min(e.registered_at)
from executors e
where e.app_version <> ''
group by 1, 2
order by min(e.registered_at);

end if;
end
$$;
