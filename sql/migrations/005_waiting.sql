-- Messages, events, streams, and those who wait for them.
--
-- A writer (send, set_event, write_stream) never locks the workflow that waits: it may be part of a
-- long transaction of a user's. It inserts, and leaves a wake-up for a workflow that was put down, which
-- the next claim carries out. What writer and waiter could miss of each other is kept apart by an
-- advisory lock that writers share and waiters only try for (_hold_waiters, _await).

do $$
begin
if _migrate(5, 'waiting') then

-- Drawn in the order in which messages are given.
create sequence message_ids;

create table messages (
  message_id bigint primary key,
  key bigint not null,
  -- '' is the topic of messages without one.
  topic text collate "C" not null,
  message json,
  idempotency_key text collate "C",
  sent_at timestamptz not null,
  -- Only messages with an idempotency key are kept, empty, when they are received.
  received boolean not null default false
);
create index messages_waiting on messages (key, topic, message_id) where not received;
create unique index messages_idempotency on messages (key, idempotency_key) where idempotency_key is not null;

create table events (
  event_id bigint generated always as identity primary key,
  key bigint not null,
  name text collate "C" not null,
  value json,
  -- In which step of the workflow it was set.
  step int not null,
  set_at timestamptz not null
);
create index events_newest on events (key, name, event_id);

create table stream_entries (
  key bigint not null,
  name text collate "C" not null,
  entry int not null,
  value json,
  -- The last one of a closed stream has no value.
  closes boolean not null default false,
  step int not null,
  written_at timestamptz not null,
  primary key (key, name, entry)
);

-- Who waits for what: a message to itself, an event, a stream or the end of another workflow.
create table waits (
  target_key bigint not null,
  kind text collate "C" not null,
  name text collate "C" not null,
  -- 0 is anybody who is no workflow.
  waiter_key bigint not null,
  primary key (target_key, kind, name, waiter_key)
);
create index waits_waiter on waits (waiter_key) where waiter_key > 0;

-- Workflows that were put down and have something to see. With a kind: workflows of which somebody with an
-- older snapshot has written, who could not see all that wait for it.
create table wakes (
  wake_id bigint generated always as identity primary key,
  key bigint not null,
  kind text collate "C",
  name text collate "C"
);
create index wakes_key on wakes (key);
create index wakes_unseen on wakes (wake_id) where kind is not null;

alter table waits set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
alter table wakes set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
alter table messages set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

comment on table messages is 'What was sent to workflows and waits to be received, by topic in the order of message_id.';
comment on table events is 'What workflows have told of themselves: the newest of each name counts, all are kept.';
comment on table stream_entries is 'What workflows have written to their streams.';
comment on table waits is 'Who waits for a message, an event, a stream or the end of a workflow.';
comment on table wakes is 'Workflows that were put down and are to be looked at again, by the next claim.';

end if;
end
$$;
