create or replace function _same_error(
  one json,
  other json
)
returns boolean
language plpgsql
immutable
set search_path from current
as $$
begin
  return one->>'name' = other->>'name' and one->>'message' is not distinct from other->>'message';
exception
  -- An error may hold what `->>` cannot turn into text: \u0000, or half a surrogate pair.
  when data_exception then
    return one::text = other::text;
end
$$;

comment on function _same_error(json, json) is 'Whether two recorded errors have the same name and message.';
