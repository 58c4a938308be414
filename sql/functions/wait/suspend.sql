-- Calls: suspend_many.
create or replace function suspend(
  workflow_key bigint,
  token bigint,
  delay interval default null
)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  perform from suspend_many(array[workflow_key], array[token], array[delay]);
  if found then
    perform _raise_lease_lost(workflow_key);
  end if;
end
$$;

comment on function suspend(bigint, bigint, interval) is
  'Puts one running workflow down until the delay has passed; see suspend_many. Raises PD004 if the
caller does not own it.';
