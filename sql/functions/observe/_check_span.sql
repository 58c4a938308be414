create or replace function _check_span(
  what text,
  since timestamptz,
  until timestamptz
)
returns void
language plpgsql
stable
set search_path from current
as $$
begin
  if since > until then
    perform _raise(
      'PD001',
      format('%s_from, %s, is after %s_until, %s', what, since, what, until),
      hint => 'A span has its beginning, and not its end.'
    );
  end if;
end
$$;

comment on function _check_span(text, timestamptz, timestamptz) is 'Raises PD001 if a span ends before it begins.';
