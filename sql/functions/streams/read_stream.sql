-- Calls: _check_text.
create or replace function read_stream(
  workflow_id text,
  name text,
  from_entry int default 0,
  max_entries int default 1000
)
returns table (
  entry int,
  value json,
  at_end boolean
)
language plpgsql
security definer
set search_path from current
set jit to off
set plan_cache_mode to force_generic_plan
set enable_seqscan to off
set enable_bitmapscan to off
set enable_sort to off
as $$
#variable_conflict use_column
declare
  v_key bigint;
  v_ended boolean;
begin
  if (from_entry >= 0 and max_entries between 1 and 100000) is not true then
    perform _raise(
      'PD001',
      format('cannot read %s entries from entry %s of a stream', max_entries, from_entry),
      hint => 'Entries count from 0; read 1 to 100000 at a time.'
    );
  end if;
  perform _check_text('stream', read_stream.name);
  v_key := _key_of(read_stream.workflow_id);

  -- Before the entries are read: what ended it has written its last entry before.
  v_ended := not exists (select from tasks t where t.key = v_key);
  return query
  select e.entry, e.value, e.closes
  from stream_entries e
  where e.key = v_key and e.name = read_stream.name and e.entry >= from_entry
  order by e.key, e.name, e.entry
  limit max_entries;
  if found then
    return;
  end if;
  if v_ended or (
    select e.closes
    from stream_entries e
    where e.key = v_key and e.name = read_stream.name
    order by e.key desc, e.name desc, e.entry desc
    limit 1
  ) then
    return query select from_entry, null::json, true;
  end if;
end
$$;

comment on function read_stream(text, text, int, int) is
  'Entries of a stream, in order, from one on; no row while there is none (watch tells when there is more).
from_entry: they count from 0. max_entries: how many at the most, 1 to 100000.
Returns entry and value; at_end is true in the last row, which has no value: the stream is closed, or its workflow
has ended.
Raises PD001 (a number out of range, bad name), PD002 (no such workflow).';
