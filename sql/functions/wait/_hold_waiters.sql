-- A writer holds this until its transaction ends, so whoever begins to wait for what it writes either
-- sees it, or comes later. Writers share it with each other. Whoever begins to wait only tries for it: a
-- user may keep a transaction open for long. One of 256 locks for each workflow, so that no number of
-- messages in one transaction exhausts the table of locks.
create or replace function _hold_waiters(
  target_keys bigint[]
)
returns void
language plpgsql
set search_path from current
as $$
declare
  v_space int := 'waits'::regclass::oid::bigint::bit(32)::int;
begin
  perform pg_advisory_xact_lock_shared(v_space, g.place)
  from (select distinct (k.key % 256)::int as place from unnest(target_keys) as k (key) order by 1) as g;
end
$$;

comment on function _hold_waiters(bigint[]) is
  'For writers of what others may wait for, before they write: keeps anybody from beginning to wait for these
workflows until the end of the transaction.';
