-- Where a claim begins to look.
--
-- A claimed workflow leaves a dead entry at the front of tasks_ready. Usually the next scan
-- removes it; while some transaction holds a snapshot open nothing may be removed, and every
-- claim would walk over all that was claimed since: measured, a claim of 100 took 1.6 ms in
-- the beginning and 13 ms after 50,000. A floor is a place in the order of a queue without
-- partitions below which nothing waits.

do $$
begin
if _migrate(4, 'floors') then

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
  -- What was seen when this was written: a drop that is not visible in it ends this floor.
  snapshot pg_snapshot not null,
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
