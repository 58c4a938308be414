create or replace function _living_executors()
returns setof executors
language plpgsql
stable
set search_path from current
as $$
begin
  return query select e.* from executors e where not e.lapsed and e.lease_until >= clock_timestamp();
end
$$;

comment on function _living_executors() is 'The executors whose lease holds.';
