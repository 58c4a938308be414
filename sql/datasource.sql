-- The table of a datasource: a database beside that of the engine in which steps of workflows write. The record of such
-- a step is committed with its writes; a worker looks here before it runs the step again.
--
--   psql "$OTHER_DATABASE_URL" -X -1 -v ON_ERROR_STOP=1 -v schema=perdure_datasource -f sql/datasource.sql
--
-- It may be run again at any time. A worker in any language writes a row in the transaction of the step, `on conflict do
-- nothing`: if that inserts none, the step was done before, and its transaction is rolled back.

\if :{?schema}
\else
\set schema perdure_datasource
\endif

-- Two installations run one after the other.
select pg_advisory_xact_lock(hashtext('perdure.datasource'))
\gset perdure_

create schema if not exists :"schema";
create table if not exists :"schema".perdure_transactions (
  workflow_id text collate "C" not null,
  -- Tells workflows apart that have the same id: of another engine, or of another time.
  workflow_created_at timestamptz not null,
  step int not null,
  name text not null,
  output json,
  completed_at timestamptz not null default now(),
  primary key (workflow_id, workflow_created_at, step)
);
create index if not exists perdure_transactions_completed on :"schema".perdure_transactions (completed_at);
comment on table :"schema".perdure_transactions is
  'Transactions of Perdure''s workflows that have committed in this database: each once.';
