-- The tables of the engine.
--
-- A workflow is one row in `workflows` (what was asked: written once), one row in `tasks`
-- while it is active (narrow, hot: everything that decisions need), its rows in `steps`,
-- and at the end one row in `outcomes` in place of the one in `tasks`. So the wide rows
-- are only ever inserted and make no dead versions, and the row in `tasks` is the one
-- place where enqueue, claim, takeover, cancel and finish meet: whoever holds its lock
-- decides.
--
-- All four are joined by `key`, a bigint: it is also the true order of enqueueing.
-- There are no foreign keys: a check per step would cost more than the step, and
-- only the functions of this schema write here.
--
-- Values are `json`, not `jsonb`: they come back exactly as they were written.
-- jsonb reorders the keys of an object and turns 1e22 into an integer, so that a
-- replay would see another value than the first run did. See docs/values.md.

do $$
begin
if _migrate(1, 'engine') then

create type workflow_status as enum (
  'DELAYED',
  'ENQUEUED',
  'PENDING',
  'SUCCESS',
  'ERROR',
  'CANCELLED',
  'MAX_RECOVERY_ATTEMPTS_EXCEEDED'
);

create table queues (
  queue_id int generated always as identity primary key,
  name text collate "C" not null unique,
  created_at timestamptz not null default now(),
  -- Some worker was idle on this queue and will be until then: enqueueing notifies it.
  listening_until timestamptz
) with (fillfactor = 50);

create table executors (
  executor_id bigint generated always as identity primary key,
  name text not null,
  app_version text,
  lease interval not null,
  lease_until timestamptz not null,
  registered_at timestamptz not null,
  -- Its lease has lapsed and its work is being taken over: there is no way back.
  lapsed boolean not null default false
) with (fillfactor = 50);

create sequence task_keys as bigint;

create table workflows (
  key bigint primary key,
  workflow_id text collate "C" not null unique,
  name text not null,
  -- Null: started directly. It is recovered through the internal queue.
  queue_id int,
  priority int not null default 0,
  max_recovery_attempts int not null,
  input json,
  parent_key bigint,
  parent_step int,
  app_version text,
  created_at timestamptz not null
);

create index workflows_children on workflows (parent_key, parent_step) where parent_key is not null;

create sequence claim_tokens as bigint;

create table tasks (
  key bigint primary key,
  queue_id int not null,
  -- A partition of the queue; 0 is the queue without partitions.
  lane_id int not null default 0,
  priority int not null default 0,
  status workflow_status not null,
  attempts int not null default 0,
  max_recovery_attempts int not null,
  -- The claim that owns it now. Every write of a worker names it.
  token bigint,
  executor_id bigint,
  started_at timestamptz,
  -- Put down until then: DELAYED, or PENDING without executor.
  wake_at timestamptz,
  -- It has run before: a claim brings its recorded steps.
  resumed boolean not null default false,
  -- A client waits for the result: finishing it notifies.
  watched boolean not null default false
) with (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0.05,
  autovacuum_vacuum_cost_delay = 0
);

-- What a claim walks, in its order.
create index tasks_ready on tasks (queue_id, lane_id, priority, key) where status = 'ENQUEUED';
-- What has a moment to wait for.
create index tasks_waking on tasks (wake_at, key) where wake_at is not null;
-- What an executor holds: takeover and shutdown.
create index tasks_held on tasks (executor_id, key) where executor_id is not null;

create table steps (
  key bigint not null,
  step int not null,
  name text not null,
  output json,
  error json,
  child_id text,
  attempts int not null default 1,
  started_at timestamptz,
  -- Null: it has failed and will be tried again at retry_at; then error is the list of its errors.
  completed_at timestamptz,
  retry_at timestamptz,
  primary key (key, step)
);

create table outcomes (
  key bigint primary key,
  status workflow_status not null,
  output json,
  error json,
  attempts int not null,
  executor_id bigint,
  -- The claim that ended it; null when no worker did.
  token bigint,
  started_at timestamptz,
  completed_at timestamptz not null
);

comment on table queues is 'One row a queue.';
comment on table executors is 'One row for each living worker process: its lease.';
comment on table workflows is 'What was asked for: one row a workflow, written once.';
comment on table tasks is 'The active workflows: one narrow row each, from enqueue to finish.';
comment on table steps is 'What is recorded of each step. A completed one never changes.';
comment on table outcomes is 'How each finished workflow ended.';

-- Where directly started workflows go when their worker dies; every worker listens to it.
insert into queues (name) values ('_internal'), ('default');

end if;
end
$$;
