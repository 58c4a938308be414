-- The one place that raises. Codes are listed in docs/errors.md.
create or replace function _raise(
  code text,
  message text,
  detail text default '',
  hint text default ''
)
returns void
language plpgsql
set search_path from current
as $$
begin
  -- An empty detail would still be printed as a line of its own.
  if detail = '' then
    raise exception using
      errcode = _raise.code, message = _raise.message, hint = _raise.hint;
  end if;
  raise exception using
    errcode = _raise.code, message = _raise.message, detail = _raise.detail, hint = _raise.hint;
end
$$;

comment on function _raise(text, text, text, text) is
  'Raises an error with an SQLSTATE of class PD, a message for people, and the remedy as hint.';
