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

-- Only a schema that this engine made is dropped: one without its ledger is an error.
select count(*) as migrations from :"schema".schema_migrations
\gset perdure_

drop schema :"schema" cascade;

commit;
