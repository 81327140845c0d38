# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL for shell tests; to be sourced. postgres_begin sets PGHOST and PGUSER (a superuser) and
# $postgres_directory; postgres_end ends the server and removes its files.
postgres_bin=/usr/lib/postgresql/15/bin

# As root the server runs as the user postgres, as it insists.
postgres_as() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

postgres_begin() {
    postgres_directory=$(mktemp -d /tmp/oxe-pg-XXXXXX)
    [ "$(id -u)" -ne 0 ] || chown postgres "$postgres_directory"
    postgres_as "$postgres_bin/initdb" --pgdata "$postgres_directory/data" --username postgres --auth trust --no-sync \
        --encoding UTF8 --locale C.UTF-8 >"$postgres_directory/initdb.log"
    postgres_as "$postgres_bin/pg_ctl" --pgdata "$postgres_directory/data" --log "$postgres_directory/log" --wait --silent \
        --options "-k $postgres_directory -c listen_addresses= -c fsync=off -c shared_buffers=32MB -c wal_level=minimal -c max_wal_senders=0" \
        start >/dev/null
    PGHOST=$postgres_directory PGUSER=postgres
    export PGHOST PGUSER
}

postgres_end() {
    postgres_as "$postgres_bin/pg_ctl" --pgdata "$postgres_directory/data" --mode immediate --silent stop >/dev/null || true
    rm -rf "$postgres_directory"
}
