create or replace function list_executors()
returns table (
  executor_id bigint,
  name text,
  app_version text,
  application text,
  latest boolean,
  registered_at timestamptz,
  lease_until timestamptz,
  alive boolean,
  running bigint
)
language sql
stable
security definer
set search_path from current
as $$
  select
    e.executor_id, e.name, e.app_version, e.application,
    e.app_version = (
      select v.app_version
      from versions v
      where v.application = coalesce(e.application, '')
      order by v.place desc
      limit 1
    ),
    e.registered_at, e.lease_until,
    not e.lapsed and e.lease_until >= clock_timestamp(),
    (select count(*) from tasks t where t.executor_id = e.executor_id)
  from executors e
  order by e.executor_id
$$;

comment on function list_executors() is
  'The registered executors, the version each has (null: none, it takes the work of all), whether that is the latest,
whether their lease holds, and how many workflows each runs.';
