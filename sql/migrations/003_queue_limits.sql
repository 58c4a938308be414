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

-- Where a claim begins to look.
--
-- A claimed workflow leaves a dead entry at the front of tasks_ready. Usually the next scan
-- removes it; while some transaction holds a snapshot open nothing may be removed, and every
-- claim would walk over all that was claimed since: measured, a claim of 100 took 1.6 ms in
-- the beginning and 13 ms after 50,000. A floor is a place in the order of a queue without
-- partitions below which nothing waits.
--
-- Both tables are only inserted into, so writing them never waits for anybody, and read at their
-- newest end, which costs the same however long a snapshot is held.
create table floors (
  queue_id int not null,
  version bigint generated always as identity,
  -- Nothing of this rank with a lower key waits, or will. Other ranks have no floor.
  rank double precision not null,
  key bigint not null,
  -- The next floor, once every transaction below this id has ended and nothing is found below.
  candidate_key bigint not null,
  candidate_xmax xid8 not null,
  -- What was seen when this was written: a drop that is not visible in it ends this floor, and so
  -- does one of the transaction that wrote it, which its own snapshot leaves out.
  snapshot pg_snapshot not null,
  writer xid8 not null default pg_current_xact_id(),
  -- Ids of transactions mean nothing in another cluster, into which this may have been restored.
  server_started timestamptz not null default pg_postmaster_start_time(),
  primary key (queue_id, version)
);

create table floor_drops (
  queue_id int not null,
  transaction xid8 not null,
  primary key (queue_id, transaction)
);

comment on table floors is 'Below which place in a queue nothing waits, so that claims need not look there.';
comment on table floor_drops is 'The transactions in which something has returned to its old place in a queue.';

end if;
end
$$;
