create or replace function _check_application(
  application text
)
returns void
language plpgsql
immutable
set search_path from current
as $$
begin
  perform _check_text('application', _check_application.application);
  if octet_length(_check_application.application) > 400 then
    perform _raise(
      'PD001',
      format('application is too long: %s bytes', octet_length(_check_application.application)),
      hint => 'Give the application 1 to 400 bytes.'
    );
  end if;
end
$$;

comment on function _check_application(text) is
  'Raises PD001 unless the name of an application has 1 to 400 bytes.';
