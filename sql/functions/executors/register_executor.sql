-- Calls: _check_text, _internal_queue, register_version.
create or replace function register_executor(
  name text,
  lease interval default interval '30 seconds',
  app_version text default null,
  workflows text[] default null,
  queues text[] default null,
  application text default null
)
returns bigint
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_executor_id bigint;
begin
  perform _check_text('executor name', register_executor.name);
  if register_executor.lease between interval '1 second' and interval '1 day' is not true then
    perform _raise(
      'PD001',
      format('a lease of %s is out of range', _span(register_executor.lease)),
      hint => 'Give a lease between 1 second and 1 day, and renew it three times in that span.'
    );
  end if;

  if register_executor.application is not null then
    perform _check_application(register_executor.application);
    perform _internal_queue(register_executor.application);
  end if;

  if register_executor.app_version is not null then
    perform register_version(register_executor.app_version, register_executor.application);
  end if;

  insert into executors (
    name, app_version, lease, lease_until, registered_at, workflows, queues, application
  )
  values (
    register_executor.name, register_executor.app_version, _exact_span(register_executor.lease),
    clock_timestamp() + _exact_span(register_executor.lease), clock_timestamp(), register_executor.workflows,
    register_executor.queues, register_executor.application
  )
  returning executor_id into v_executor_id;
  return v_executor_id;
end
$$;

comment on function register_executor(text, interval, text, text[], text[], text) is
  'Makes a worker known. Each call is a new executor, also under the same name: two processes that
share a name by mistake never share work.
name: for people: a host and process, a pod.
lease: how long it counts as alive without a heartbeat; 1 second to 1 day.
app_version: null: it takes the work of all versions; or the version of the application that it runs: it takes what
belongs to that and, if that is the latest, what belongs to none. A new version is the latest from now on.
workflows: null, or the names of the workflows it knows; explain_wait tells when nobody knows one.
queues: null for all, or the names of the queues that it claims from; explain_wait tells when nobody serves one.
application: null, or the application that it is a worker of: it claims from the queues of that application and
from those of none; without one, only from those of none.
Returns its executor_id, which the functions for workers ask for.
Raises PD001 for a bad name or version or a lease out of range.';
