create or replace function _place_name(
  class_name text,
  config_name text
)
returns text
language plpgsql
immutable
set search_path from current
as $$
begin
  return coalesce(' of class ' || quote_literal(class_name), '')
    || coalesce(' and instance ' || quote_literal(config_name), ' and no instance');
end
$$;

comment on function _place_name(text, text) is 'A class and an instance of it, for a message.';
