-- Limits, partitions, deduplication, delay, expiry and retries of queues.
--
-- Concurrency is counted where it is: in the rows of `tasks` that hold a place, through an
-- index that has only those. So a limit can never drift from the truth, finishing needs no
-- lock of the queue, and the cost of a claim is bounded by the limit, not by history. Rate
-- limits read two rows of `starts`, whatever the period holds.

do $$
begin
if _migrate(3, 'queue limits') then

-- Their results have other columns now.
drop function if exists run_maintenance(int);
drop function if exists list_queues();

alter table queues
  add column paused boolean not null default false,
  add column concurrency int,
  add column worker_concurrency int,
  add column rate_limit int,
  add column rate_period interval,
  add column partitioned boolean not null default false,
  add column partition_concurrency int,
  add column partition_rate_limit int,
  add column partition_rate_period interval,
  add column priority_ageing interval,
  -- Claims of a limited queue run one after the other.
  add column limited boolean not null generated always as (
    partitioned
    or concurrency is not null
    or worker_concurrency is not null
    or rate_limit is not null
  ) stored;

-- The names of the workflows that it can run; null: it has not said.
alter table executors add column workflows text[];

-- The partitions that have ever been used.
create table lanes (
  lane_id int generated always as identity primary key,
  queue_id int not null,
  partition_key text collate "C" not null,
  unique (queue_id, partition_key)
);

-- How many workflows a queue (lane 0) or a lane with a rate limit has ever started, after
-- each claim. Only inserted: reading the newest costs the same however many there are.
create table starts (
  queue_id int not null,
  lane_id int not null,
  started_at timestamptz not null,
  total bigint not null,
  primary key (queue_id, lane_id, started_at)
);

-- The partition that was served last, by claim. Only inserted, as above.
create table turns (
  queue_id int not null,
  turn bigint generated always as identity,
  lane_id int not null,
  primary key (queue_id, turn)
);

-- Who holds a deduplication id.
create table deduplications (
  queue_id int not null,
  lane_id int not null,
  deduplication_id text collate "C" not null,
  key bigint not null unique,
  primary key (queue_id, lane_id, deduplication_id)
);

alter table workflows
  add column lane_id int not null default 0,
  add column deduplication_id text,
  add column retries int,
  add column retry_interval interval,
  add column retry_backoff double precision,
  add column retry_max_interval interval;

-- What an enqueue may ask for besides: one value for the whole call, or an array for each item.
create type enqueue_options as (
  lane_ids int[],
  deduplication_ids text[],
  return_existing boolean,
  delay interval,
  debounce boolean,
  expires_in interval,
  retries int,
  retry_interval interval,
  retry_backoff double precision,
  retry_max_interval interval
);

drop index tasks_ready;
-- What the priority comes to: with ageing, plus the moment of enqueueing in units of the ageing.
-- Waiting moves all by the same amount, so this order holds at every moment.
alter table tasks alter column priority drop default;
alter table tasks alter column priority type double precision;
alter table tasks alter column priority set default 0;
alter table tasks rename column priority to rank;
alter table tasks
  -- It counts in the limits of its queue and lane: from claim to end, also while it is put down.
  add column placed boolean not null default false,
  add column deduplicated boolean not null default false,
  -- Its deduplication id is given up when it wakes; until then a newer input replaces its own.
  add column debounced boolean not null default false,
  add column expires_at timestamptz,
  add column failures int not null default 0,
  add column retries int;

create index tasks_ready on tasks (queue_id, lane_id, rank, key) where status = 'ENQUEUED' and not placed;
create index tasks_returning on tasks (queue_id, key) where status = 'ENQUEUED' and placed;
create index tasks_placed on tasks (queue_id, lane_id, executor_id) where placed;
create index tasks_expiring on tasks (expires_at, key) where expires_at is not null and status in ('ENQUEUED', 'DELAYED');

comment on table lanes is 'The partitions of queues.';
comment on table starts is 'For rate limits: how many workflows were ever started, after each claim.';
comment on table turns is 'For round robin: the partition served last.';
comment on table deduplications is 'The active workflow that holds each deduplication id.';

end if;
end
$$;
