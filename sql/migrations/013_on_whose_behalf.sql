-- Workflows are started on somebody's behalf, and queues belong to applications.

do $$
begin
if _migrate(13, 'on whose behalf') then

-- Their results have other columns now.
drop function if exists claim(bigint, text[], int);
drop function if exists list_queues();
drop function if exists list_schedules();
drop function if exists get_schedule(text);
drop function if exists list_executors();
drop function if exists _hold_executor(bigint);

-- What a workflow tells of itself besides its input.
create type workflow_origin as (
  attributes jsonb,
  class_name text,
  config_name text,
  authenticated_user text,
  authenticated_roles text[],
  assumed_role text
);

alter type enqueue_options
  -- One for each item.
  add attribute origins workflow_origin[],
  add attribute application text,
  add attribute schedule text;

-- Directly started workflows wait in one of these when their worker has died: the queue of no application
-- has always been there; each application has its own.
alter table queues add column internal boolean not null generated always as (
  name = '_internal' or starts_with(name, '_internal/')
) stored;

end if;
end
$$;
