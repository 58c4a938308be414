create or replace function _iso(
  at timestamptz,
  zone text
)
returns text
language plpgsql
immutable
set search_path from current
as $$
declare
  v_local timestamp := at at time zone zone;
  v_offset interval := v_local - at at time zone 'UTC';
begin
  return to_char(v_local, 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when date_trunc('second', at) = at then '' else to_char(v_local, '.US') end
    || case when v_offset < interval '0' then '-' else '+' end
    || to_char(greatest(v_offset, -v_offset), 'HH24:MI');
end
$$;

comment on function _iso(timestamptz, text) is 'A moment as ISO 8601 text with the offset that the zone has then.';
