create or replace function _read_cursor(
  cursor text,
  with_moment boolean,
  out at timestamptz,
  out key bigint
)
language plpgsql
stable
set search_path from current
as $$
begin
  if cursor is null then
    return;
  end if;
  if cursor ~ (
    case
      when with_moment
        then '^[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z/-?[0-9]{1,18}$'
      else '^-?[0-9]{1,18}$'
    end
  ) then
    begin
      key := split_part(cursor, '/', case when with_moment then 2 else 1 end)::bigint;
      at := case when with_moment then split_part(cursor, '/', 1)::timestamptz end;
      return;
    exception
      when datetime_field_overflow or invalid_datetime_format then
        null;
    end;
  end if;
  perform _raise(
    'PD001',
    format('no cursor of this list: %s', left(cursor, 80)),
    hint => 'Give the cursor of the last row, with the same filters, and null for the first page.'
  );
end
$$;

comment on function _read_cursor(text, boolean) is
  'The moment, if it has one, and the key of a cursor; nulls for null. Raises PD001 if it cannot be read.';
