#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No statement on the way of an order may read a table that grows from one end to the other (TAP): its plan stays while the table grows,
# so what takes nothing on a new database takes seconds on an old one. Each statement of executor and risk-manager, and of audit-writer but
# for witnesses and stamps, is planned as in their sessions, with many orders of which none is open, and with all of them open.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
. "$root/tests/support/postgres.sh"
work=$(mktemp -d)
postgres_begin
trap 'postgres_end; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
psql -qXc 'CREATE ROLE oxe_owner LOGIN CREATEROLE' -c 'CREATE DATABASE oxe OWNER oxe_owner' postgres
(cd "$root/migrations" && sqitch deploy "db:pg://oxe_owner@/oxe?host=$PGHOST") >"$work/sqitch.log" 2>&1 || {
    sed 's/^/# /' "$work/sqitch.log"
    echo 'Bail out! sqitch deploy failed'
    exit 1
}
grow() { psql -qX -v ON_ERROR_STOP=1 -v open="$1" -f "$here/plans.psql" oxe; }

# A line '\i FILE' stands for the file beside it (common/embed-statements).
statement() { # FILE
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            '\i '*) cat "$(dirname "$1")/${line#???}" ;;
            *) printf '%s\n' "$line" ;;
        esac
    done <"$1"
}

plan() { # FILE
    count=$(statement "$1" | grep -v '^--' | grep -o '\$[0-9]*' | tr -d '$' | sort -n | tail -n 1)
    values=$(seq "${count:-0}" | sed 's/.*/NULL/' | paste -sd , -)
    {
        echo "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
        echo "PREPARE s AS"
        statement "$1"
        echo "; EXPLAIN (COSTS OFF) EXECUTE s ${values:+($values)};"
    } | psql -qXAt -v ON_ERROR_STOP=1 oxe 2>&1
}

# Scans of tables that grow, without a condition on the index: "table" a line. (oxe.commands holds what waits to be carried out, and is
# read whole.)
whole_scans() {
    awk '
        function tell() { if (table != "" && !bounded) print table; table = "" }
        /->/ { tell() }
        /Scan.* on (orders|fills|execution_logs[a-z0-9_]*|open_orders|open_legs|traders|positions|bars)( |$)/ {
            table = $0; sub(/.* on /, "", table); sub(/ .*/, "", table)
            bounded = 0
        }
        /Index Cond:|TID Cond:|Recheck Cond:/ { bounded = 1 }
        END { tell() }'
}

number=0 failed=0
result() { # NAME, what is wrong on standard input
    number=$((number + 1))
    wrong=$(cat)
    if [ -z "$wrong" ]; then
        echo "ok $number - $1"
    else
        printf '%s\n' "$wrong" | sed 's/^/# /'
        echo "not ok $number - $1"
        failed=1
    fi
}

for open in no all; do
    grow "$open"
    for file in "$root"/services/executor/sql/*.sql "$root"/services/risk-manager/sql/*.sql "$root"/services/audit-writer/sql/*.sql; do
        case $file in
            */cosign_*.sql | */stamp_*.sql) continue ;;
        esac
        case $(grep -v '^--' "$file" | head -n 1) in
            SELECT* | WITH* | INSERT* | UPDATE* | DELETE*) ;;
            *) continue ;; # begins or ends a transaction, or is a part of others
        esac
        name=$(basename "$(dirname "$(dirname "$file")")")_$(basename "$file" .sql)
        plan "$file" >"$work/plan" || { result "${name}_is_planned_with_${open}_orders_open" <"$work/plan"; continue; }
        whole_scans <"$work/plan" >"$work/whole"
        [ ! -s "$work/whole" ] || cat "$work/plan" >>"$work/whole"
        result "${name}_reads_no_table_whole_with_${open}_orders_open" <"$work/whole"
    done
done
# Whatever the planner knows of the outbox, which is empty most of the time.
plan "$root/services/audit-writer/sql/take_rows.sql" >"$work/plan"
grep -q 'Tid Scan on outbox' "$work/plan" && : >"$work/plan"
result audit_writer_deletes_what_it_takes_where_it_lies <"$work/plan"
# Admission and execution lock rows of the same traders: in the order of their keys, or they wait for each other in a ring.
for file in risk-manager/sql/reserve executor/sql/write_traders executor/sql/write_positions; do
    plan "$root/services/$file.sql" >"$work/plan"
    awk '/Nested Loop/ {loop = NR} /->  Sort/ && loop && NR <= loop + 2 {found = 1} END {exit !found}' "$work/plan" && : >"$work/plan"
    result "$(basename "$file")_locks_in_the_order_of_the_keys" <"$work/plan"
done
echo "1..$number"
exit "$failed"
