-- Calls: _write_one.
create or replace function close_stream(
  workflow_key bigint,
  token bigint,
  step int,
  name text
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return _write_one(
    workflow_key, close_stream.token, close_stream.step, close_stream.name, null, true, 'perdure.close_stream'
  );
end
$$;

comment on function close_stream(bigint, bigint, int, text) is
  'Closes a stream of a workflow that the caller owns, as a step of it: its readers come to an end.
Returns true if it was closed now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';
