# Postgres with the Perdure engine and pgTAP. Build it from the top of the checkout:
#
#   docker build -f docker/postgres.Dockerfile --target postgres -t perdure-postgres .
#
# The base is Debian, or anything made from it. A base that brings its own Postgres and says
# so in PG_MAJOR, as the official image postgres:16 does, keeps that Postgres.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE} AS postgres

# What the base sets as an environment variable wins over this default.
ARG PG_MAJOR=15

# The ids are fixed so that a volume outlives a change of base. Packages are those of the
# base's own release; the server itself comes as a dependency where the base has none.
# Without the line about the cluster, Debian would make one while the image is built. The
# directory of the socket is open because a tmpfs put there takes its mode but not its owner.
# The key that Debian makes for testing TLS would be the same in every container.
RUN set -eu; \
    id postgres >/dev/null 2>&1 || { \
      groupadd --gid 999 postgres; \
      useradd --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/sh postgres; \
    }; \
    mkdir -p /etc/postgresql-common/createcluster.d; \
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/perdure.conf; \
    apt-get update; \
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      "postgresql-${PG_MAJOR}-pgtap" \
      libtap-parser-sourcehandler-pgtap-perl; \
    apt-get clean; \
    rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log; \
    rm -f /etc/ssl/private/ssl-cert-snakeoil.key /etc/ssl/certs/ssl-cert-snakeoil.pem; \
    install -d -o postgres -g postgres -m 0700 /var/lib/postgresql/data; \
    install -d -m 1777 /var/run/postgresql

COPY docker/entrypoint.sh docker/healthcheck.sh /opt/perdure/
COPY sql /opt/perdure/sql

ENV PATH=/usr/lib/postgresql/${PG_MAJOR}/bin:$PATH \
    LANG=C.UTF-8 \
    PGDATA=/var/lib/postgresql/data/cluster \
    POSTGRES_DB=perdure \
    PERDURE_SCHEMA=perdure

USER postgres
VOLUME /var/lib/postgresql/data
EXPOSE 5432
# Postgres takes SIGINT as a fast shutdown; SIGTERM would wait for every client to leave.
STOPSIGNAL SIGINT
ENTRYPOINT ["/opt/perdure/entrypoint.sh"]
CMD ["postgres"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=5 \
  CMD ["/opt/perdure/healthcheck.sh"]


# The same with the pgTAP tests in it, to be run against a container of the first kind.
FROM postgres AS tests

WORKDIR /opt/perdure
COPY .ci/prove .ci/CountingFormatter.pm .ci/
COPY tests_sql tests_sql

HEALTHCHECK NONE
ENTRYPOINT [".ci/prove"]
CMD ["postgresql://postgres@postgres/perdure"]
