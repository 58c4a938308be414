-- What is kept of what has ended, and who is told when things go wrong.

do $$
begin
if _migrate(11, 'keeping') then

-- Alerts walk the dead letters by their end.
create index outcomes_dead on outcomes (completed_at, key) where status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED';

-- How long to keep what has ended. The columns after created_at are how far maintenance has come: a pass reads
-- each row of the history once, some at a call.
create table retention (
  -- '' is for the workflows whose names have no row of their own.
  workflow text collate "C" primary key,
  max_age interval,
  max_count bigint,
  -- Null: all.
  statuses text[],
  created_at timestamptz not null,
  -- Up to here it has been looked whether something may go, in the sweep that began then.
  swept_at timestamptz not null default '-infinity',
  swept_key bigint not null default 0,
  sweep_began_at timestamptz,
  -- With max_count: those at or before the cutoff are not among the newest.
  cutoff_at timestamptz,
  cutoff_key bigint,
  -- The count goes back from the newest; null when none is under way.
  counting_at timestamptz,
  counting_key bigint,
  counted bigint,
  count_began_at timestamptz,
  -- What was the newest when it began: no new count before there is a newer one.
  newest_at timestamptz,
  newest_key bigint
);

-- What was deleted. Somebody may have looked up a workflow before and send to it afterwards: when all are done who
-- could have seen it, what they have written is removed too.
create table removals (
  transaction xid8 not null,
  removal_id bigint generated always as identity primary key,
  removed_at timestamptz not null,
  keys bigint[] not null
);

-- A workflow in a document of export_workflow. Values are texts, byte for byte; what ends in _now is as it is in tasks or
-- outcomes, not as it was asked for.
create type exported_workflow as (
  workflow_id text,
  name text,
  status workflow_status,
  queue text,
  partition_key text,
  priority int,
  max_recovery_attempts int,
  input text,
  parent_id text,
  parent_step int,
  app_version text,
  created_at timestamptz,
  deduplication_id text,
  retries int,
  retry_interval interval,
  retry_backoff double precision,
  retry_max_interval interval,
  timeout interval,
  deadline timestamptz,
  attributes jsonb,
  application text,
  class_name text,
  config_name text,
  authenticated_user text,
  authenticated_roles text[],
  assumed_role text,
  forked_from text,
  was_forked boolean,
  schedule text,
  attempts int,
  failures int,
  started_at timestamptz,
  completed_at timestamptz,
  output text,
  error text,
  deadline_now timestamptz,
  app_version_now text,
  timeout_left interval,
  wake_at timestamptz,
  expires_at timestamptz,
  deduplicated boolean,
  debounced boolean,
  steps json,
  events json,
  messages json,
  streams json,
  -- Of steps, by number.
  places json
);

-- What needs somebody.
create type alert_info as (
  kind text,
  subject text,
  since timestamptz,
  detail text,
  severity text
);

-- One row at most: those who listen for alerts have asked to be notified.
create table alerting (
  alerting_id int primary key default 1 check (alerting_id = 1),
  since timestamptz not null
);

comment on table retention is 'How long to keep what has ended: one row for each workflow name, and one for the rest.';
comment on table removals is 'What was deleted a moment ago, until nobody can write of it any more.';
comment on table alerting is 'Whether alerts are notified: a row if they are.';

end if;
end
$$;
