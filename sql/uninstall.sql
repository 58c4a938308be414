-- Drops the schema with every workflow in it. `make uninstall-sql` asks before it runs this.
--
--   psql "$DATABASE_URL" -X -v ON_ERROR_STOP=1 -v schema=perdure -f sql/uninstall.sql
--
-- The roles stay: they belong to the whole cluster, and another database may use them.

\set ON_ERROR_STOP on
\if :{?schema}
\else
\set schema perdure
\endif

begin;

set local client_min_messages = warning;

select pg_advisory_xact_lock(hashtext('perdure.install'), hashtext(:'schema'))
\gset perdure_

select set_config('perdure.schema', :'schema', true)
\gset perdure_

-- Only a schema that the engine has made is dropped. A table named schema_migrations is no proof:
-- other tools have one too.
do $$
declare
  v_schema text := current_setting('perdure.schema');
begin
  if to_regprocedure(format('%I._migrate(int, text)', v_schema)) is null then
    raise exception using
      errcode = 'PD011',
      message = format('schema %I does not exist, or is not one of Perdure', v_schema),
      detail = 'Nothing was dropped.';
  end if;
end
$$;

drop schema :"schema" cascade;

commit;
