create or replace function _is_traceparent(
  value text
)
returns boolean
language plpgsql
immutable
set search_path from current
as $$
begin
  return value ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$';
end
$$;

comment on function _is_traceparent(text) is
  'Whether it has the form of the header traceparent of W3C; null of null.';
