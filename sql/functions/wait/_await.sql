-- Calls: _hold_writers.
create or replace function _await(
  target_key bigint,
  kind text,
  name text,
  waiter_key bigint
)
returns boolean
language plpgsql
set search_path from current
as $$
#variable_conflict use_column
begin
  if not _hold_writers(target_key) then
    return false;
  end if;
  insert into waits (target_key, kind, name, waiter_key)
  values (_await.target_key, _await.kind, _await.name, _await.waiter_key)
  on conflict (target_key, kind, name, waiter_key) do nothing;
  return true;
end
$$;

comment on function _await(bigint, text, text, bigint) is
  'Notes who waits for what, so that its writer wakes it. The caller looks once more afterwards. Returns false
if a writer is under way: then nothing is noted, and the caller looks again soon.';
