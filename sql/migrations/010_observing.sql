-- What the lists of workflows walk. What has ended, what has a user and so on is far from all: an index on
-- a part costs nothing where that part is empty.

do $$
begin
if _migrate(10, 'observing') then

-- Their results have other columns now.
drop function if exists get_workflow(text);
drop function if exists list_steps(text);

-- All about a workflow, as get_workflow and list_workflows tell it.
create type workflow_info as (
  workflow_key bigint,
  workflow_id text,
  workflow text,
  status text,
  queue text,
  partition_key text,
  deduplication_id text,
  priority int,
  input json,
  output json,
  error json,
  attempts int,
  failures int,
  retries int,
  max_recovery_attempts int,
  executor text,
  app_version text,
  application text,
  class_name text,
  config_name text,
  attributes jsonb,
  authenticated_user text,
  authenticated_roles text[],
  assumed_role text,
  parent_id text,
  forked_from text,
  was_forked boolean,
  schedule text,
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  wake_at timestamptz,
  timeout interval,
  deadline timestamptz,
  cursor text
);

-- A workflow in the tree of another.
create type workflow_node as (
  depth int,
  workflow_key bigint,
  workflow_id text,
  parent_id text,
  parent_step int,
  workflow text,
  status text,
  queue text,
  executor text,
  app_version text,
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  more boolean
);

-- What list_workflows looks for; null: anything.
create type workflow_filter as (
  workflow_ids text[],
  -- Of LIKE.
  id_patterns text[],
  names text[],
  app_versions text[],
  users text[],
  queue_ids int[],
  queued boolean,
  executor_ids bigint[],
  parent_keys bigint[],
  has_parent boolean,
  forked_from text[],
  is_fork boolean,
  was_forked boolean,
  schedules text[],
  attributes jsonb,
  applications text[],
  created_from timestamptz,
  created_until timestamptz,
  started_from timestamptz,
  started_until timestamptz,
  completed_from timestamptz,
  completed_until timestamptz
);

-- Those on what is never null leave out nothing; but a partial index is only looked at where its condition holds. Planned
-- on empty tables a search for a key costs the same with each index that has it, and could go through all of this one.
-- The keys of what has a name, or was enqueued in a queue, in the order of the lists.
create index workflows_name on workflows (name collate "C", key) where name is not null;
create index workflows_queue on workflows (queue_id, key) where queue_id is not null;
-- Spans of time. Both grow at their end only.
create index workflows_created on workflows (created_at, key) where created_at is not null;
create index outcomes_completed on outcomes (completed_at, key) where completed_at is not null;
create index outcomes_started on outcomes (started_at, key) where started_at is not null;
create index outcomes_executor on outcomes (executor_id, key) where executor_id is not null;
-- What did not succeed is what people look for, and the smaller part.
create index outcomes_unsuccessful on outcomes (status, key) where status <> 'SUCCESS';

create index workflows_user on workflows (authenticated_user, key) where authenticated_user is not null;
create index workflows_schedule on workflows (schedule, key) where schedule is not null;
create index workflows_application on workflows (application, key) where application is not null;
create index workflows_forks on workflows (forked_from, key) where forked_from is not null;
-- With the condition of the one before, this would be walked for the forks of one workflow, too.
create index workflows_any_fork on workflows (key) where num_nonnulls(forked_from) = 1;
create index workflows_forked on workflows (key) where was_forked;
create index workflows_attributes on workflows using gin (attributes jsonb_path_ops) where attributes is not null;

-- The children of a parent in the order of the lists; nobody asked for them by step.
drop index workflows_children;
create index workflows_children on workflows (parent_key, key) where parent_key is not null;

end if;
end
$$;
