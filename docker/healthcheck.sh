#!/bin/sh
# Healthy means that the server takes connections and the engine answers.
set -eu
pg_isready --quiet
psql --username=postgres --dbname="$POSTGRES_DB" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
  --set=schema="$PERDURE_SCHEMA" <<'SQL' >/dev/null
select :"schema".schema_version();
SQL
