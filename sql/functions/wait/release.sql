-- Calls: release_many.
create or replace function release(
  workflow_key bigint,
  token bigint,
  delay interval default null,
  to_others boolean default false
)
returns void
language plpgsql
security definer
set search_path from current
as $$
begin
  perform from release_many(array[workflow_key], array[token], array[delay], to_others);
  if found then
    perform _raise_lease_lost(workflow_key);
  end if;
end
$$;

comment on function release(bigint, bigint, interval, boolean) is
  'Gives one claimed workflow back to its queue; see release_many. Raises PD004 if the caller does not
own it.';
