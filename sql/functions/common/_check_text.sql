create or replace function _check_text(
  what text,
  value text
)
returns void
language plpgsql
immutable
set search_path from current
as $$
begin
  if value is null or value = '' then
    perform _raise(
      'PD001',
      format('%s is empty', what),
      hint => format('Give the %s 1 to 512 bytes', what)
    );
  end if;
  if octet_length(value) > 512 then
    perform _raise(
      'PD001',
      format('%s is too long: %s bytes', what, octet_length(value)),
      detail => format('it begins with %L', left(value, 60)),
      hint => format('Give the %s 1 to 512 bytes', what)
    );
  end if;
end
$$;

comment on function _check_text(text, text) is
  'Raises PD001 unless the value has 1 to 512 bytes. Identifiers and names go through here.';
