create or replace function _cron_value(
  token text,
  low int,
  names text[]
)
returns int
language plpgsql
immutable
set search_path from current
as $$
begin
  if token ~ '^[0-9]{1,4}$' then
    return token::int;
  end if;
  return array_position(names, token) + low - 1;
end
$$;

comment on function _cron_value(text, int, text[]) is
  'The number that a token of a cron line stands for; null if none. names: words for the numbers from low on.';
