#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pgTAP tests, as one TAP stream: starts a private PostgreSQL in a temporary directory, deploys the migrations with sqitch as an
# owner who is no superuser, runs pg_prove, ends it all.
#   run.sh [FILE.sql …]      all files of this directory when none is named
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../support/postgres.sh"

postgres_begin
trap postgres_end EXIT
trap 'exit 1' INT TERM
psql -qXc 'CREATE ROLE oxe_owner LOGIN CREATEROLE' -c 'CREATE DATABASE oxe OWNER oxe_owner' postgres
(cd "$here/../../migrations" && sqitch deploy --verify "db:pg://oxe_owner@/oxe?host=$PGHOST") >"$postgres_directory/sqitch.log" 2>&1 || {
    sed 's/^/# /' "$postgres_directory/sqitch.log"
    echo 'Bail out! sqitch deploy failed'
    exit 1
}
psql -qXc 'CREATE EXTENSION pgtap' oxe

[ $# -gt 0 ] || set -- "$here"/*.sql
OXE_SUPPORT=$here/../support
export OXE_SUPPORT
pg_prove --verbose --dbname oxe "$@" >"$postgres_directory/prove.log" 2>&1 || true # what failed stands in its output
# pg_prove prints the streams of all files one after the other: one stream needs its own numbers.
awk '
    /^(not )?ok [0-9]/ { number++; word = /^not / ? "not ok" : "ok"; sub(/^(not )?ok [0-9]+( -)? */, ""); print word " " number " - " $0; next }
    /^#/ { print; next }
    /^psql:|ERROR:|Dubious|Bad plan|No plan found|Non-zero/ { died = 1; print "# " $0 }
    /^Result:/ { ended = 1; print "# " $0 }
    END { number++; print (ended && !died ? "ok " : "not ok ") number " - every file runs to its end"; print "1.." number }
' "$postgres_directory/prove.log"
