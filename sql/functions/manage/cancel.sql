-- Calls: cancel_many.
create or replace function cancel(
  workflow_id text,
  children boolean default false
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return (
    select c.outcome = 'cancelled'
    from cancel_many(array[cancel.workflow_id], cancel.children) as c
    where c.item = 1
  );
end
$$;

comment on function cancel(text, boolean) is
  'Cancels one workflow; see cancel_many. Returns true if it is CANCELLED now, false if it had ended before.
Raises PD001 (with children, in a transaction that is not read committed), PD002 (no such workflow).';
