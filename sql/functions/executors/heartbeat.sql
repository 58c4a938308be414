-- A lease that has run out may be renewed as long as nobody has begun to take it over.
--
-- Three times in its span, so that two may fail; a little earlier each time, so that the workers of a restart do
-- not stay in step. For how long a wait is worth a place in memory: below, to put a workflow down and replay
-- it costs more than that.
create or replace function heartbeat(
  executor_id bigint,
  out lease_until timestamptz,
  out renew_in interval,
  out suspend_after interval
)
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  update executors e
  set lease_until = clock_timestamp() + e.lease
  where e.executor_id = heartbeat.executor_id and not e.lapsed
  returning e.lease_until, e.lease / 3 * (0.85 + 0.15 * random()), interval '5 seconds'
  into heartbeat.lease_until, heartbeat.renew_in, heartbeat.suspend_after;
end
$$;

comment on function heartbeat(bigint) is
  'Renews the lease of an executor by the span it was registered with. A worker calls it first when it has registered.
Returns lease_until, when the lease ends; renew_in, after what time to call again: within a third of the lease; and
suspend_after: what a workflow waits for longer than this is put down, not waited for in memory. All are null if the
lease is lost: then its workflows belong to others, it should stop running them and register again.';
