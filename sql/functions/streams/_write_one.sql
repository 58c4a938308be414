-- Calls: write_streams.
create or replace function _write_one(
  workflow_key bigint,
  token bigint,
  step int,
  name text,
  value json,
  closes boolean,
  step_name text
)
returns boolean
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
declare
  v_outcome text;
  v_recorded text;
begin
  select w.outcome, w.name into v_outcome, v_recorded
  from write_streams(
    array[workflow_key], array[_write_one.token], array[_write_one.step], array[_write_one.name],
    array[_write_one.value], array[_write_one.closes]
  ) as w;

  if v_outcome = 'lease lost' then
    perform _raise_lease_lost(workflow_key);
  elsif v_outcome = 'unexpected step' then
    perform _raise_unexpected_step(_write_one.step, v_recorded, step_name);
  elsif v_outcome = 'stream closed' then
    perform _raise(
      'PD015',
      format('stream %L is closed', _write_one.name),
      hint => 'Nothing can be written to a stream, nor can it be closed again, after close_stream.'
    );
  end if;
  return v_outcome is null;
end
$$;

comment on function _write_one(bigint, bigint, int, text, json, boolean, text) is
  'The body of write_stream and close_stream: what they return and raise.';
