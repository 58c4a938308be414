-- Names with digits are refused but for those that exist: Postgres reads UTC+2 as a zone of its own, two
-- hours west of Greenwich.
create or replace function _check_zone(
  zone text
)
returns void
language plpgsql
immutable
set search_path from current
as $$
begin
  perform _check_text('time zone', zone);
  if zone !~ '[0-9]' or zone ~* '^((Etc/)?GMT[+-]?0|Etc/GMT[+-][0-9]{1,2}|(EST5E|CST6C|MST7M|PST8P)DT)$' then
    begin
      perform timestamptz 'epoch' at time zone zone;
      return;
    exception
      when invalid_parameter_value then
        null;
    end;
  end if;
  perform _raise(
    'PD001',
    format('time zone %L is not known', left(zone, 60)),
    hint => 'Give a name such as UTC, Europe/Berlin or America/New_York: select name from pg_timezone_names.'
  );
end
$$;

comment on function _check_zone(text) is 'Raises PD001 unless this is the name of a time zone.';
