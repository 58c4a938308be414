create or replace function _span(
  span interval
)
returns text
language plpgsql
stable
set search_path from current
as $$
declare
  v_seconds numeric := extract(epoch from span);
begin
  if v_seconds > -86400 and v_seconds < 86400 then
    -- Postgres writes -5 seconds as -00:00:05, or as -1 days +23:59:55.
    return trim_scale(v_seconds) || case when abs(v_seconds) = 1 then ' second' else ' seconds' end;
  end if;
  return coalesce(span::text, 'null');
end
$$;

comment on function _span(interval) is
  'A span for people: what is shorter than a day in seconds.';
