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

-- Only inserted, and read at the newest version: that costs the same however long a snapshot
-- is held. Two that write at once meet in the primary key, so that none overlooks the other.
create table floors (
  queue_id int not null,
  version bigint not null,
  -- Nothing of this rank with a lower key waits, or will. Other ranks have no floor.
  rank double precision,
  key bigint,
  -- The next floor, once every transaction below this id has ended and nothing is found below.
  candidate_key bigint,
  candidate_xmax xid8,
  primary key (queue_id, version)
);

comment on table floors is 'Below which place in a queue nothing waits, so that claims need not look there.';

end if;
end
$$;
