-- The other side of _hold_waiters, and never waited for.
create or replace function _hold_writers(
  target_key bigint
)
returns boolean
language plpgsql
set search_path from current
as $$
begin
  return pg_try_advisory_xact_lock('waits'::regclass::oid::bigint::bit(32)::int, (target_key % 256)::int);
end
$$;

comment on function _hold_writers(bigint) is
  'For whoever waits, before the look that decides: keeps those away who write what others wait for from this
workflow, until the end of the transaction. Returns false if one is under way.';
