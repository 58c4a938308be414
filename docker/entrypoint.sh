#!/bin/sh
# Makes the cluster on the first start, installs or upgrades the engine on every start, and
# then becomes the server. Arguments after "postgres" go to the server; any other command
# runs as it is.
set -eu

if [ "${1:-}" != postgres ]; then
  exec "$@"
fi
shift

say() {
  echo "perdure: $*" >&2
}

# Prints the superuser's password, from POSTGRES_PASSWORD or the file POSTGRES_PASSWORD_FILE.
password() {
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then
    printf '%s\n' "$POSTGRES_PASSWORD"
  elif [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    cat "$POSTGRES_PASSWORD_FILE"
  fi
}

# The cluster gets its name only when it is complete, so a first start that was cut off
# begins again.
make_cluster() {
  if [ -z "$(password)" ]; then
    say "a new cluster needs POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE"
    exit 2
  fi
  say "making a cluster in $PGDATA"
  rm -rf "$PGDATA.new"
  password | initdb --pgdata="$PGDATA.new" --username=postgres --pwfile=/dev/stdin \
    --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale="$LANG" \
    --data-checksums >/dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA.new/pg_hba.conf"
  mv "$PGDATA.new" "$PGDATA"
}

# Runs on a server that only this script can reach: nobody sees an engine half upgraded.
install_engine() {
  private=$(mktemp -d)
  trap 'pg_ctl stop --mode=fast --wait --silent || true; rm -rf "$private"' EXIT
  trap 'exit 143' INT TERM
  pg_ctl start --wait --silent \
    --options="-c listen_addresses='' -c unix_socket_directories='$private'"

  run_psql postgres --set=database="$POSTGRES_DB" <<'SQL'
select format('create database %I', :'database')
where not exists (select from pg_database where datname = :'database')
\gexec
SQL
  run_psql "$POSTGRES_DB" <<'SQL'
set client_min_messages = warning;
create extension if not exists pgtap;
SQL
  run_psql "$POSTGRES_DB" --set=schema="$PERDURE_SCHEMA" --file=/opt/perdure/sql/install.sql
  say "the engine is in schema $PERDURE_SCHEMA of database $POSTGRES_DB"

  pg_ctl stop --mode=fast --wait --silent
  rm -rf "$private"
  trap - EXIT INT TERM
}

run_psql() {
  database=$1
  shift
  psql --host="$private" --username=postgres --dbname="$database" --no-psqlrc --quiet \
    --set=ON_ERROR_STOP=1 "$@" >/dev/null
}

[ -s "$PGDATA/PG_VERSION" ] || make_cluster
unset POSTGRES_PASSWORD POSTGRES_PASSWORD_FILE
install_engine

exec postgres -c listen_addresses='*' "$@"
