-- What a start of one workflow returns has a name: a function in PL/pgSQL cannot have a parameter and a column
-- of its result that are both called workflow_id.

do $$
begin
if _migrate(14, 'one item') then

-- It returns the time left as well.
drop function if exists start(bigint, text, json, text, int, text, interval, timestamptz);

-- It returns when to call it again.
drop function if exists heartbeat(bigint);

create type started as (
  workflow_key bigint,
  workflow_id text,
  token bigint,
  time_left interval
);

end if;
end
$$;
