-- Added to a moment, a day of an interval is what the session's time zone makes of it: 23 hours in one night of the
-- year, 25 in another.
create or replace function _exact_span(
  span interval
)
returns interval
language plpgsql
immutable
strict
set search_path from current
as $$
begin
  return make_interval(secs => extract(epoch from span)::double precision);
end
$$;

comment on function _exact_span(interval) is
  'The same span without days, months and years: a day is 24 hours, a month 30 days.';
