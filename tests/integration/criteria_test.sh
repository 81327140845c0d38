#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The success criteria as 'oxectl report criteria' judges them (TAP): met by a sound database, and each missed once what it is about is
# broken. OXE_CTL names the program oxectl. Starts a private PostgreSQL and ends it.
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
        printf 'found:    %s\nexpected: %s\n' "$2" "$3" | sed 's/^/# /'
    fi
}

# judged SQL SHARE: each criterion's number and judgement after the SQL, which is undone. SHARE: of events that came in time, or NULL.
judged() {
    {
        printf "\\\\set ON_ERROR_STOP 1\nBEGIN;\nSET LOCAL session_replication_role = replica;\n%s\nPREPARE criteria AS\n" "$1"
        cat "$root/services/oxectl/sql/criteria.sql"
        printf ";\nSET LOCAL ROLE oxe_compliance;\nEXECUTE criteria(now() - interval '1 day', now() + interval '1 second', %s);\nROLLBACK;\n" "$2"
    } | psql -qXAt oxe 2>&1 | sed 's/|[0-9]*$//' | jq -r '.[] | "\(.number):\(.met_text)"' 2>&1 | tr '\n' ' ' | sed 's/ $//; s/not known/?/g'
}

postgres_begin
trap postgres_end EXIT
trap 'exit 1' INT TERM
PGTZ=UTC
export PGTZ
psql -qX -c 'CREATE DATABASE oxe' postgres
(cd "$root/migrations" && sqitch deploy "db:pg://postgres@/oxe?host=$PGHOST") >/dev/null
psql -qX -v ON_ERROR_STOP=1 -f "$root/tests/support/sample_data.sql" oxe

sound='1:yes 2:yes 3:yes 4:yes 5:yes 6:yes 7:yes 8:?'
is 'a sound database meets what it can show' "$(judged '' 0.995)" "$sound"
is 'what only Prometheus knows is not known without' "$(judged '' NULL)" "$(echo "$sound" | sed 's/4:yes/4:?/')"
is 'of nothing nothing is known, but that nothing was executed twice' "$(judged 'DELETE FROM oxe.orders;' NULL)" '1:? 2:? 3:? 4:? 5:yes 6:? 7:? 8:?'
missed() { # NUMBER FACT SQL [SHARE]
    is "$2" "$(judged "$3" "${4:-0.995}")" "$(echo "$sound" | sed "s/$1:[a-z?]*/$1:no/")"
}
missed 1 'an order in doubt is an error' "UPDATE oxe.orders SET execution_state = 'IN_DOUBT' WHERE idempotent_key = 'key-2';"
missed 1 'an order that the exchange could not be given is an error' \
    "UPDATE oxe.orders SET status = 'REJECTED', reason = 'EXCHANGE_UNAVAILABLE' WHERE idempotent_key = 'key-4';"
missed 2 'a refusal by the same rule once more was not understood' \
    "UPDATE oxe.orders SET status = 'REJECTED', reason = 'INSUFFICIENT_BUYING_POWER', rejection = '\\\\x01' WHERE idempotent_key = 'key-4';"
is 'a refusal by another rule was' \
    "$(judged "UPDATE oxe.orders SET status = 'REJECTED', reason = 'PRICE_COLLAR', rejection = '\\\\x01' WHERE idempotent_key = 'key-4';" 0.995)" "$sound"
missed 3 'an order that is filled after 2 s is late' \
    "UPDATE oxe.execution_logs SET \"timestamp\" = \"timestamp\" + interval '2 s' WHERE action = 'FILLED' AND log_seq IN (12, 15);"
missed 4 'events that come late are told by Prometheus' '' 0.9899
missed 6 'an order that went out unapproved is found' "DELETE FROM oxe.execution_logs WHERE log_seq = 5;"
missed 6 'and one that was approved afterwards' "UPDATE oxe.execution_logs SET log_seq = 99 WHERE log_seq = 5;"
missed 7 'an execution that is not in the log is found' \
    "DELETE FROM oxe.execution_logs WHERE log_seq = 15; UPDATE oxe.orders SET updated_at = now() - interval '1 minute';"
is 'one that is on its way there is not judged yet' "$(judged 'DELETE FROM oxe.execution_logs WHERE log_seq = 15;' 0.995)" "$sound"
is 'an order that was executed twice is found' \
    "$(judged "UPDATE oxe.orders SET filled_quantity = 120 WHERE idempotent_key = 'key-1';
               UPDATE oxe.execution_logs SET total_filled = 120 WHERE log_seq = 15;" 0.995)" "$(echo "$sound" | sed 's/5:yes/5:no/')"

# 110 orders of as many traders in one minute, 110 of one trader in another; the former take LATER longer until they are sent.
crowd() { # LATER
    cat <<SQL
CREATE TEMP TABLE crowd AS
    SELECT n, gen_random_uuid() AS id, CASE WHEN n <= 110 THEN gen_random_uuid() ELSE uuid_nil END AS trader_id,
           date_trunc('minute', now()) - CASE WHEN n <= 110 THEN interval '10 minutes' ELSE interval '20 minutes' END AS at,
           CASE WHEN n <= 110 THEN interval '$1' ELSE interval '100 ms' END AS took
      FROM generate_series(1, 220) AS n, (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS uuid_nil) AS u;
INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, price, status, execution_state, lane, idempotent_key, fingerprint, actor,
                        created_at, updated_at)
SELECT id, trader_id, 'AAPL', 'BUY', 1, 'LIMIT', 'DAY', 1, 'CANCELLED', 'DONE', 0, 'crowd-' || n, sha256('x'), 'x', at, at FROM crowd;
INSERT INTO oxe.execution_logs (log_seq, event_id, order_id, action, actor, "timestamp", recorded_at, leaf_hash)
SELECT 1000 + 3 * n + step, gen_random_uuid(), id, action::oxe.audit_action, 'x', at + CASE step WHEN 2 THEN took ELSE interval '0' END, at + interval '1 second', sha256('x')
  FROM crowd, (VALUES (0, 'SUBMITTED'), (1, 'APPROVED'), (2, 'EXECUTED')) AS s (step, action);
SQL
}
is '4 % more with 100 traders is met' "$(judged "$(crowd '104 ms')" 0.995)" "$(echo "$sound" | sed 's/8:?/8:yes/')"
missed 8 '6 % more with 100 traders is missed' "$(crowd '106 ms')"

# The program: its table, and its status.
export OXE_DATABASE_COMPLIANCE="host=$PGHOST dbname=oxe user=oxe_compliance"
later=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
output=$("$OXE_CTL" report criteria --to "$later" 2>&1)
is 'oxectl says yes with status 0' "$? $(echo "$output" | awk '$1 == 1 {print $2, $3, $4, $5, $6, $7, $8, $9}')" '0 execution_reliability 100.00 % at least 99 % yes'
psql -qX -c "SET session_replication_role = replica; UPDATE oxe.orders SET execution_state = 'IN_DOUBT' WHERE idempotent_key = 'key-2'" oxe
output=$("$OXE_CTL" report criteria --to "$later" --metrics 2>&1)
is 'and no with status 1' "$? $(echo "$output" | grep 'reliability')" '1 oxe_criterion_figure{criterion="execution_reliability"} 0.666667
oxe_criterion_met{criterion="execution_reliability"} 0'
is 'an unreachable Prometheus is trouble' "$("$OXE_CTL" report criteria --prometheus http://127.0.0.1:9 >/dev/null 2>&1; echo $?)" 2
is 'a range that ends before it begins is wrong' "$("$OXE_CTL" report criteria --from "$later" 2>/dev/null; echo $?)" 64
echo "1..$number"
