-- A lease that has run out may be renewed as long as nobody has begun to take it over.
create or replace function heartbeat(
  executor_id bigint
)
returns timestamptz
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_until timestamptz;
begin
  update executors e
  set lease_until = clock_timestamp() + e.lease
  where e.executor_id = heartbeat.executor_id and not e.lapsed
  returning e.lease_until into v_until;
  return v_until;
end
$$;

comment on function heartbeat(bigint) is
  'Renews the lease of an executor by the span it was registered with.
Returns when the lease ends; null if it is lost: then its workflows belong to others, it should stop
running them and register again.';
