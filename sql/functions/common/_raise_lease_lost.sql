create or replace function _raise_lease_lost(
  workflow_key bigint
)
returns void
language plpgsql
set search_path from current
as $$
begin
  perform _raise(
    'PD004',
    'lease lost: another executor owns the workflow now, or it has ended',
    detail => format('workflow_key %s', workflow_key),
    hint => 'Stop running this workflow: its owner goes on from the last recorded step.'
  );
end
$$;

comment on function _raise_lease_lost(bigint) is 'Raises PD004 for a workflow that the caller does not own.';
