-- Calls: _write_one.
create or replace function write_stream(
  workflow_key bigint,
  token bigint,
  step int,
  name text,
  value json
)
returns boolean
language plpgsql
security definer
set search_path from current
as $$
#variable_conflict use_column
begin
  return _write_one(
    workflow_key, write_stream.token, write_stream.step, write_stream.name, write_stream.value, false, 'perdure.write_stream'
  );
end
$$;

comment on function write_stream(bigint, bigint, int, text, json) is
  'Writes one value to a stream of a workflow that the caller owns, as a step of it; see write_streams.
Returns true if it was written now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';
