-- Which functions the engine has put into its schema, so that an upgrade can drop those that
-- a newer release no longer has, and never one that somebody else has put there.
do $$
begin
if _migrate(2, 'function list') then

create table schema_functions (
  signature text primary key
);

-- All that is here by now is the engine's own.
insert into schema_functions (signature)
select p.oid::regprocedure::text
from pg_proc p
where p.pronamespace = quote_ident(current_schema())::regnamespace;

comment on table schema_functions is 'The functions that the engine itself has installed in this schema.';

end if;
end
$$;
