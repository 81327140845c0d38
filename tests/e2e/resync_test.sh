#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lanes begin anew on operations' word while 20 traders send orders and executors die (TAP): each resync is carried out once, nothing is
# lost and nothing is executed twice. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"

pid_of() {
    cat "$home/service/$1/supervise/pid"
}

begin resync --no-demo
instance traders --count 20 --tokens "$home/tokens" >/dev/null 2>&1

# --- an order that rests at the exchange, on a lane that stands ---
price=$(instance ctl sim price AAPL | jq '.price * 0.98 | floor')
resting=$(instance ctl submit --json --price "$price" AAPL BUY 5 LIMIT | jq -r .id)
filled=$(instance ctl submit --wait --json AAPL BUY 1 MARKET 2>/dev/null | jq -r .id)
working() {
    [ "$(sql -c "SELECT execution_state FROM oxe.orders WHERE id = '$resting'")" = WORKING ]
}
until_true 10 working
lane=$(sql -c "SELECT lane FROM oxe.orders WHERE id = '$resting'")
resent() {
    curl -sS "http://127.0.0.1:$((port + 16))/metrics" | sed -n 's/^oxe_sim_messages_total{.*kind="resent".*} //p'
}
check nothing_was_sent_again_so_far "$(resent)" 0
before=$(sql -c "SELECT in_seq FROM oxe.lanes WHERE lane = $lane")
check it_is_done_and_the_session_stands "$(instance ctl lane resync "$lane" --reason 'a drill' --actor nina 2>&1)" \
    "lane $lane has begun anew by executor-0; its session stands"
check_soon the_lane_counts_from_the_start_and_has_all_again t sql -c "SELECT in_seq >= $before AND renumbered_at IS NOT NULL FROM oxe.lanes WHERE lane = $lane"
check the_exchange_has_sent_all_again "$([ "$(resent)" -ge 2 ] && echo yes)" yes
check an_execution_that_came_again_counts_once "$(sql -c "SELECT count(*) FROM oxe.fills WHERE order_id = '$filled'")" 1
check the_resting_order_is_asked_about_and_works "$(sql -c "SELECT execution_state FROM oxe.orders WHERE id = '$resting'")" WORKING
told() {
    sql -c "SELECT reason, actor, message FROM oxe.execution_logs WHERE action = 'LANE_RESYNCED' ORDER BY log_seq"
}
from=$(sql -c 'SELECT from_in_seq FROM oxe.lane_resyncs')
check_soon the_log_says_who_and_why_and_what "ASKED|nina|lane: $lane, role: oxe_operations, reason: a drill
DONE|executor-0|lane: $lane, in_seq: $from → 0, asked by: nina, role: oxe_executor" told
check a_lane_that_is_not_there_is_refused "$(instance ctl lane resync 63 --reason none 2>&1; echo $?)" 'oxectl: there is no lane 63
1'
check without_a_reason_it_is_refused "$(instance ctl lane resync 0 >/dev/null 2>&1; echo $?)" 64

# --- who changes something says who they are ---
unnamed() { # VARIABLE=VALUE … COMMAND: beyond ./oxe, where nobody is olga by default
    env -i PATH="$PATH" OXE_DATABASE="host=$home/run port=$((port + 1)) dbname=oxe user=oxe_operations" "$@" 2>&1
}
for account in root oxe ''; do
    check "the_account_'$account'_is_nobody" "$(unnamed USER="$account" "$home/bin/oxectl" flag 90% | cut -d';' -f1)" \
        'oxectl: flag: say who you are: --actor NAME, or OXE_ACTOR'
done
unnamed USER=root OXE_ACTOR=nina "$home/bin/oxectl" flag 90% >/dev/null
check a_name_is_recorded "$(instance ctl flag --json | jq -r '.[0] | "\(.percent) \(.actor)"')" '90 nina'
instance ctl flag true >/dev/null
check the_demo_has_its_own_operator "$(instance ctl flag --json | jq -r '.[0].actor')" "${SUDO_USER:-$(id -un | sed 's/^\(root\|oxe\)$/olga/')}"

# --- without an owner it waits for the next one ---
sv -w 20 force-stop "$home/service/executor-0" >/dev/null
instance ctl lane resync "$lane" --reason 'nobody is there' --no-wait
check it_waits_for_an_owner "$(sql -c 'SELECT count(*) FROM oxe.lane_resyncs WHERE done_at IS NULL')" 1
sv up "$home/service/executor-0" >/dev/null
pending() {
    sql -c 'SELECT count(*) FROM oxe.lane_resyncs WHERE done_at IS NULL'
}
check_soon its_next_owner_does_it 0 pending

# --- under load, with executors that die ---
instance scale executor=2 >/dev/null 2>&1
"$build/tests/bench/oxe-load" --port "$port" --tokens "$home/tokens" --type MIX --seconds 12 >"$work/load" 2>&1 9>&- &
load=$!
asked=2
for round in 1 2 3 4; do
    for lane in 0 3 6; do
        instance ctl lane resync "$lane" --reason "round $round" --no-wait
        asked=$((asked + 1))
    done
    # At any moment of it: the executors look once a second.
    sleep "0.$((round * 2))"
    kill -KILL "$(pid_of "executor-$((round % 2))")"
    sleep 1
done
wait "$load"
echo "# $(cat "$work/load")"
check_soon each_is_carried_out "$asked 0" sql -c 'SELECT count(*) || '"' '"' || count(*) FILTER (WHERE done_at IS NULL) FROM oxe.lane_resyncs'
check_soon and_each_is_told_of_when_asked_and_when_done "$asked $asked" \
    sql -c "SELECT count(*) FILTER (WHERE reason = 'ASKED') || ' ' || count(*) FILTER (WHERE reason = 'DONE') FROM oxe.execution_logs WHERE action = 'LANE_RESYNCED'"
settled() {
    [ "$(sql -c "SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT')) + (SELECT count(*) FROM oxe.outbox)")" = 0 ]
}
if until_true 60 settled; then
    pass every_order_reaches_the_exchange_or_its_end
else
    fail every_order_reaches_the_exchange_or_its_end "$(sql -c 'SELECT execution_state, status, count(*) FROM oxe.orders GROUP BY 1, 2')"
fi
check_soon what_is_in_doubt_was_never_at_the_exchange '' sql -c "SELECT id FROM oxe.orders WHERE execution_state = 'IN_DOUBT' AND venue_known"
check every_201_is_an_order "$(sql -c "SELECT count(*) >= $(jq .created "$work/load") FROM oxe.orders")" t
install -m 644 "$root/tests/support/invariants.sql" "$home/invariants.sql"
check_soon the_invariants_hold '' sql -f "$home/invariants.sql"
for order in $(sql -c "SELECT id FROM oxe.orders WHERE execution_state = 'IN_DOUBT'"); do
    instance ctl resolve "$order" CANCEL --reason 'not at the exchange' >/dev/null
done
check_soon the_exchanges_books_are_ours '' books_differ
finish "$home" resync
