#!/usr/bin/env bash
# Builds the images, tries out the container and runs the pgTAP tests in it, all on a cluster
# that is thrown away at the end.
#
#   docker/test.sh [PATH...]     the tests to run; default: all of tests_sql
#
# Environment:
#   BASE_IMAGE             the base of the images; default: debian:bookworm-slim
#   DOCKER_BUILD_OPTIONS   more options for docker build, such as --network=host
#   DOCKER_HOST, ...       whatever docker itself reads
set -euo pipefail
cd "$(dirname "$0")/.."

export BASE_IMAGE=${BASE_IMAGE:-debian:bookworm-slim}
export PERDURE_TAG=test
# Docker chooses a free port, so a Postgres that runs here already is not in the way.
export PERDURE_PORT=0
export POSTGRES_DB=perdure PERDURE_SCHEMA=perdure
POSTGRES_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
export POSTGRES_PASSWORD

compose() {
  docker compose --file docker/compose.yaml --project-name "perdure-test-$$" "$@"
}

fail() {
  echo "docker/test.sh: $*" >&2
  exit 1
}

build() {
  local options=()
  read -r -a options <<< "${DOCKER_BUILD_OPTIONS:-}"
  docker build ${options[@]+"${options[@]}"} --quiet --file docker/postgres.Dockerfile \
    --build-arg "BASE_IMAGE=$BASE_IMAGE" --target "$1" --tag "$2:$PERDURE_TAG" . >/dev/null
}

query() {
  compose exec -T postgres psql --dbname="$POSTGRES_DB" --no-psqlrc --quiet --tuples-only \
    --no-align --set=ON_ERROR_STOP=1 --command="$1"
}

start() {
  compose up --detach --no-build --wait "$@" postgres >/dev/null 2>&1 || {
    compose logs --no-color --no-log-prefix postgres >&2
    fail "the container is not healthy"
  }
}

clean_up() {
  compose --profile test down --volumes --timeout=10 >/dev/null 2>&1 || true
}

docker compose version >/dev/null 2>&1 || fail "docker with its compose plugin is needed"

echo "== build on $BASE_IMAGE"
build postgres perdure-postgres
build tests perdure-postgres-tests

echo "== a container without a password does not start"
if refusal=$(docker run --rm --network=none "perdure-postgres:$PERDURE_TAG" 2>&1); then
  fail "it started"
fi
grep POSTGRES_PASSWORD <<< "$refusal" || fail "it failed for another reason: $refusal"

echo "== start"
trap clean_up EXIT
start
query "select version()"
[ "$(query "show password_encryption")" = scram-sha-256 ] || fail "passwords are not SCRAM"
case $(compose port postgres 5432) in
  127.0.0.1:*) ;;
  *) fail "the port is open to other machines" ;;
esac

echo "== what is stored outlives the container, and the engine installs over itself"
query "create table public.kept as select perdure.schema_version() as version"
start --force-recreate
[ "$(query "select version = perdure.schema_version() from public.kept")" = t ] \
  || fail "the second start lost data or changed the schema"
query "drop table public.kept"

echo "== pg_prove"
compose run --rm --no-TTY tests "postgresql://postgres@postgres/$POSTGRES_DB" "$@"
