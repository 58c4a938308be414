-- Calls: write_streams.
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
declare
  v_outcome text;
  v_recorded text;
begin
  select w.outcome, w.name into v_outcome, v_recorded
  from write_streams(
    array[workflow_key], array[close_stream.token], array[close_stream.step], array[close_stream.name], array[null]::json[], array[true]
  ) as w;

  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(close_stream.step, v_recorded, 'perdure.close_stream');
  elsif v_outcome = 'stream closed' then
    perform _raise(
      'PD015',
      format('stream %L is closed', close_stream.name),
      hint => 'Nothing can be written to a stream, nor can it be closed again, after close_stream.'
    );
  end if;
  return v_outcome is null;
end
$$;

comment on function close_stream(bigint, bigint, int, text) is
  'Closes a stream of a workflow that the caller owns, as a step of it: its readers come to an end.
Returns true if it was closed now, false if the step was recorded before.
Raises PD001 (bad name), PD004 (lease lost), PD005 (another step is recorded there), PD015 (it is closed).';
