-- Calls: release_many.
create or replace function release(
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
  perform from release_many(array[workflow_key], array[token], array[delay]);
  if found then
    perform _raise_lease_lost(workflow_key);
  end if;
end
$$;

comment on function release(bigint, bigint, interval) is
  'Gives one claimed workflow back to its queue; see release_many. Raises PD004 if the caller does not
own it.';
