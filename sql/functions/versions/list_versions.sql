-- Calls: _living_executors.
create or replace function list_versions(
  of_application text default null
)
returns table (
  application text,
  app_version text,
  latest boolean,
  registered_at timestamptz,
  executors bigint,
  running bigint,
  waiting bigint
)
language plpgsql
stable
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return query
  with known as (
    select v.application, v.app_version, v.registered_at, v.place
    from versions v
    where of_application is null or v.application = of_application
    union all
    select distinct '', p.app_version, null::timestamptz, 0::bigint
    from version_pins p
    where of_application is null
      and not exists (select from versions v where v.app_version = p.app_version)
  ),
  living as materialized (
    select e.app_version, e.application from _living_executors() as e
  ),
  active as (
    select
      t.app_version,
      count(*) filter (where t.executor_id is not null) as running,
      count(*) filter (where t.executor_id is null) as waiting
    from tasks t
    where t.app_version <> ''
    group by t.app_version
  )
  select
    nullif(k.application, ''), k.app_version,
    k.place > 0 and k.place = max(k.place) over (partition by k.application),
    k.registered_at,
    (
      select count(*)
      from living e
      where e.app_version = k.app_version and coalesce(e.application, '') = k.application
    ),
    coalesce(a.running, 0), coalesce(a.waiting, 0)
  from known k
  left join active a on a.app_version = k.app_version
  order by k.application, k.place desc, k.app_version;
end
$$;

comment on function list_versions(text) is
  'The versions of applications, the latest first. It counts rows: its cost grows with what is active, not with history.
of_application: null for all, or the name of one.
Returns for each its application, null for none; its name; whether it is the latest; when it was registered, null
if work was only enqueued for it; how many living executors have it; and of the workflows that belong to it how
many run, and how many wait or are put down. With none of those its last executor can go. Applications that give
a version the same name share its counts of workflows.';
