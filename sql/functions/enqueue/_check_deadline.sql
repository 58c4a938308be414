create or replace function _check_deadline(
  timeout interval,
  deadline timestamptz
)
returns void
language plpgsql
set search_path from current
as $$
begin
  if timeout <= interval '0' or timeout > interval '100 years' then
    perform _raise(
      'PD001',
      format('a timeout of %s is out of range', timeout),
      hint => 'Give a span of more than 0 and at most 100 years.'
    );
  end if;
  if not isfinite(deadline) or deadline > _now() + interval '100 years' then
    perform _raise(
      'PD001',
      format('a deadline at %s is out of range', deadline),
      hint => 'Give a moment within the next 100 years.'
    );
  end if;
end
$$;

comment on function _check_deadline(interval, timestamptz) is
  'Raises PD001 if a timeout or a deadline is out of range. A deadline may have passed.';
