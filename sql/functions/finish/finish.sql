-- Calls: finish_many.
create or replace function finish(
  workflow_key bigint,
  token bigint,
  output json default null,
  error json default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_outcome text;
begin
  select f.outcome into v_outcome
  from finish_many(array[workflow_key], array[finish.token], array[finish.output], array[finish.error]) as f;

  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  end if;
  return v_outcome is null;
end
$$;

comment on function finish(bigint, bigint, json, json) is
  'Ends one workflow that the caller owns: SUCCESS with the output, or ERROR if there is an error.
Returns true if it ended now; false if it failed and will be retried, or if the caller had ended it under
this token before.
Raises PD004 if another executor owns it, or somebody else has ended it.';
