-- Calls: _restart_retention.
create or replace function delete_retention(
  workflow text default null
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
declare
  v_found boolean;
begin
  delete from retention r where r.workflow = coalesce(delete_retention.workflow, '');
  v_found := found;
  perform _restart_retention(delete_retention.workflow);
  return v_found;
end
$$;

comment on function delete_retention(text) is
  'Removes a policy. What it was about is then up to the policy for the rest; without that it is kept for ever.
workflow: as for set_retention.
Returns whether there was one.';
