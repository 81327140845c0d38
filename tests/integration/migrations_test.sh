#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The migrations (TAP): up, down and up again with data in the tables, two databases in one cluster, and what other files say of the
# schema. OXE_PROTO names the program oxe-proto. Starts a private PostgreSQL and ends it.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/support/postgres.sh"

number=0
is() { # FACT FOUND EXPECTED
    number=$((number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf 'found:    %s\nexpected: %s\n' "$2" "$3" | head -n 60 | sed 's/^/# /'
    fi
}
succeeds() { # FACT COMMAND…
    fact=$1
    shift
    output=$("$@" 2>&1)
    is "$fact" "status $?${output:+
$output}" "status 0${output:+
$output}"
}
query() { # DATABASE SQL
    psql -qXAt -v ON_ERROR_STOP=1 -c "$2" "$1" 2>&1
}
change() { # DATABASE COMMAND…: sqitch as the owner of the schema
    target=db:pg://oxe_owner@/$1?host=$PGHOST
    shift
    (cd "$root/migrations" && sqitch "$@" "$target")
}
load() { # DATABASE
    psql -qXAt -v ON_ERROR_STOP=1 -f "$root/tests/support/sample_data.sql" "$1"
}

postgres_begin
trap postgres_end EXIT
trap 'exit 1' INT TERM
PGTZ=UTC
export PGTZ
query postgres 'CREATE ROLE oxe_owner LOGIN CREATEROLE' >/dev/null
for database in oxe other; do
    query postgres "CREATE DATABASE $database OWNER oxe_owner" >/dev/null
done
services="SELECT count(*) FROM pg_roles WHERE rolname ~ '^oxe_(validator|risk|executor|audit|trader|compliance|operations|backup)\$'"
changes=$(awk '/^[a-z]/ {print $1}' "$root/migrations/sqitch.plan")

succeeds 'every change deploys and verifies' change oxe deploy --verify
for name in $changes; do
    for kind in deploy revert verify; do
        is "$name has a $kind script" "$([ -s "$root/migrations/$kind/$name.sql" ] && echo yes)" yes
    done
done
succeeds 'data goes in' load oxe
is 'the data is sound' "$(psql -qXAt -f "$root/tests/support/invariants.sql" oxe 2>&1)" ''
succeeds 'every change verifies with data in it' change oxe verify
is 'a deployed database has nothing to deploy' "$(change oxe deploy 2>&1)" 'Nothing to deploy (up-to-date)'

# What others say of the schema
is 'the transitions are those of proto' "$(query oxe "SELECT from_state, from_status, to_state, to_status FROM oxe.order_transitions" | tr '|' ' ' | sort)" \
    "$("${OXE_PROTO:?}" transitions | sort)"
words() { # PREFIX OF proto/order.h
    sed -n "s/^ *X($1, \([A-Z_]*\), [0-9]*).*/\1/p" "$root/proto/order.h"
}
for pair in SIDE:side ORDER_TYPE:order_type TIME_IN_FORCE:time_in_force ORDER_STATUS:order_status EXECUTION_STATE:execution_state \
    AUDIT_ACTION:audit_action ORDER_COMMAND:command_kind RESOLVE_ACTION:resolve_action; do
    is "type ${pair#*:} has the words of proto" "$(query oxe "SELECT unnest(enum_range(NULL::oxe.${pair#*:}))")" "$(words "${pair%:*}")"
done
psql -qX -f "$root/tests/support/data_model.sql" oxe >"$postgres_directory/facts"
awk '/^## Tables/ { on = 1 } !on { next } /^### / || /^- (`|index|trigger|policy)/ { print } /^\| `/ { sub(/[^|]*\|$/, ""); print }' \
    "$root/docs/data-model.md" >"$postgres_directory/told"
is 'docs/data-model.md tells what the catalog holds' "$(diff "$postgres_directory/told" "$postgres_directory/facts")" ''

# The measurements: of the four orders one is FILLED, one works, one was refused, one was cancelled after a part.
is 'task completion is counted' "$(psql -qXAt -f "$root/migrations/queries/measurement_task_completion.sql" oxe 2>&1)" \
    '4|3|1|1|1|0|0|0|1|100.000|33.333'
is 'task completion of another time is empty' \
    "$(psql -qXAt -v from="'2001-01-01'" -v to="'2001-02-01'" -f "$root/migrations/queries/measurement_task_completion.sql" oxe 2>&1)" \
    '0|0|0|0|0|0|0|0|0||'
is 'errors are counted' "$(psql -qXAt -f "$root/migrations/queries/measurement_error_rate.sql" oxe 2>&1 | cut -d '|' -f 2-)" \
    "4|1|0|1|1|0|0|0.000
risk-manager|1"
is 'latency is measured by stage' "$(psql -qXAt -f "$root/migrations/queries/measurement_latency.sql" oxe 2>&1)" \
    'submitted to decided|4|1.000|1.000|1.000|1.000
decided to executed|3|2.000|2.000|2.000|2.000
executed to first fill|3|3.000|3.000|3.000|3.000
submitted to first fill|3|6.000|6.000|6.000|6.000
recorded|17|1.000|1.000|1.000|1.000'

# A second database in the same cluster shares the roles.
succeeds 'a second database in the cluster deploys' change other deploy --verify
succeeds 'the first one reverts with data in it' change oxe revert -y
is 'nothing of it is left' "$(query oxe "SELECT count(*) FROM pg_namespace WHERE nspname = 'oxe'")" 0
is 'the roles stay, because the second one needs them' "$(query oxe "$services")" 8
succeeds 'the second one is whole' change other verify
succeeds 'the first one deploys again' change oxe deploy --verify
succeeds 'data goes in again' load oxe
# From the last to the first, each one goes, comes again, and goes for good.
for name in $(printf '%s\n' $changes | tac); do
    before=$(printf '%s\n' $changes | sed "/^$name\$/,\$d" | tail -n 1)
    succeeds "$name reverts, deploys again and reverts" sh -c '
        cd "$1/migrations" && sqitch rebase -y --verify ${3:+--onto "$3"} --upto "$2" "$4" && sqitch revert -y ${3:+--to "$3"} "$4"' \
        - "$root" "$name" "$before" "db:pg://oxe_owner@/oxe?host=$PGHOST"
done
is 'nothing of it is left once more' "$(query oxe "SELECT count(*) FROM pg_namespace WHERE nspname = 'oxe'")" 0
succeeds 'the last database of the cluster reverts' change other revert -y
is 'and the roles are gone' "$(query oxe "$services")" 0
succeeds 'from nothing it deploys once more' change oxe deploy --verify
echo "1..$number"
