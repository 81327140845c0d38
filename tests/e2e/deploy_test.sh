#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is asked of a deployment, of one that works and of broken ones: deploy/smoke, deploy/rollout-check (TAP). OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"
begin deploy --no-demo

# --- deploy/smoke ---
smoke() { # [OPTION …]: its steps, one a line, then the exit status
    OXE_TOKEN=${token-$(instance token alice)} timeout 60 "$root/deploy/smoke" "$@" "${base:-http://127.0.0.1:$port/}" \
        >"$work/smoke" 2>"$work/errors"
    status=$?
    sed -nE 's/^smoke: (passed|FAILED) +(GET|POST|WebSocket) [^ ,:]*(,|:) .*/\1 \2/p' "$work/smoke"
    echo "exit $status"
}
before=$(sql -c "SELECT cash, (SELECT sum(quantity) FROM oxe.positions p WHERE p.trader_id = t.id) FROM oxe.traders t WHERE subject = 'alice'")
check smoke_passes_where_orders_are_taken "$(smoke)" 'passed GET
passed POST
passed WebSocket
exit 0'
check smoke_passes_again_with_another_order "$(smoke --symbol BTC-USD | tail -n 1) $(sql -c 'SELECT count(*) FROM oxe.orders')" 'exit 0 2'
smoke_leaves() {
    sql -c "SELECT cash, (SELECT sum(quantity) FROM oxe.positions p WHERE p.trader_id = t.id), reserved,
                   (SELECT count(*) FROM oxe.orders o WHERE o.execution_state <> 'DONE') FROM oxe.traders t WHERE subject = 'alice'"
}
check_soon smoke_leaves_neither_position_nor_open_order "$before|0.00000000|0" smoke_leaves
check smoke_fails_with_a_wrong_token "$(token=wrong smoke)" 'FAILED GET
FAILED POST
FAILED WebSocket
exit 1'
check smoke_fails_where_nobody_listens "$(base=http://127.0.0.1:$((port + 40)) smoke)" 'FAILED GET
FAILED POST
FAILED WebSocket
exit 1'
check smoke_says_why "$(grep -c 'connect' "$work/smoke")" 3
sv -w 20 force-stop "$home/service/validator" >/dev/null
check smoke_fails_where_no_order_is_taken "$(smoke)" 'passed GET
FAILED POST
passed WebSocket
exit 1'
sv up "$home/service/validator" >/dev/null
sv -w 20 force-stop "$home/service/exchange-sim" >/dev/null
check smoke_passes_while_the_exchange_is_away "$(smoke | tail -n 1)" 'exit 0'
check_soon and_leaves_no_open_order_either "$before|0.00000000|0" smoke_leaves
sv up "$home/service/exchange-sim" >/dev/null
check smoke_wants_one_base_url "$(token=x base=ftp://127.0.0.1 smoke)" 'exit 64'

# --- deploy/rollout-check ---
rollout() { # [OPTION …]: what said no, then the exit status
    OXECTL=${oxectl:-$root/oxe ctl} OXE_HOME=$home OXE_HTTP_PORT=$port OXE_DATABASE_COMPLIANCE="host=$home/run port=$((port + 1)) dbname=oxe user=oxe_compliance" \
        "$root/deploy/rollout-check" --orders 20 "$@" >"$work/rollout" 2>"$work/errors" </dev/null
    status=$?
    sed -nE 's/^NO  +(.{26}) .*/\1/p' "$work/rollout" | sed 's/ *$//'
    echo "exit $status"
}
lanes_ready() {
    instance ctl lanes --json | jq -e 'all(.state == "READY")'
}
until_true 30 lanes_ready
check rollout_wants_a_flag_that_was_set "$(rollout)" 'exit 2'
instance ctl flag false >/dev/null
check_soon the_first_step_needs_no_orders 'exit 0' rollout
check it_is_ten_percent "$(tail -n 1 "$work/rollout" | grep -o 'flag [0-9]*%')" 'flag 10%'
instance ctl flag true >/dev/null
instance traders --count 5 --tokens "$home/tokens" >/dev/null 2>&1
sleep 1 # the flag is in force within a second
"$build/tests/bench/oxe-load" --port "$port" --tokens "$home/tokens" --type MARKET --orders 10 >"$work/load" 2>&1 9>&-
instance ctl flag 10% >/dev/null
check too_early_and_without_orders_it_says_no "$(rollout)" 'time at this step
orders
error rate
time to the exchange, P95
time to the log, P99
exit 1'
# Ten percent since yesterday, then.
sql -c "UPDATE oxe.flag_changes SET changed_at = changed_at - interval '25 hours'"
check_soon after_a_good_day_it_says_go 'exit 0' rollout
check it_is_fifty_percent "$(tail -n 1 "$work/rollout" | grep -o 'flag [0-9]*%')" 'flag 50%'
check each_criterion_has_its_figure "$(grep -cE '^(ok|[?]) +(time|orders|error|[1-8] |put|alarms)' "$work/rollout")" 16
printf '#!/bin/sh\nword=$1\nshift\n[ "$1" != "$word" ] || exit "$status"\nexec "%s" ctl "$@"\n' "$root/oxe" >"$work/deaf"
for word in report aside doubts doctor; do
    for status in 1 2; do
        export status
        check "what_cannot_be_asked_is_no_answer: $word, status $status" "$(oxectl="sh $work/deaf $word" rollout | tail -n 1)" 'exit 2'
    done
done
instance ctl flag 10% >/dev/null
check set_again_to_the_same_is_no_new_step "$(rollout)" 'exit 0'
sql -c "UPDATE oxe.flag_changes SET changed_at = changed_at + interval '2 hours'"
check an_hour_too_early_it_says_no "$(rollout)" 'time at this step
exit 1'
check other_hours_can_be_asked_for "$(rollout --hours 20)" 'exit 0'
sql -c "UPDATE oxe.flag_changes SET changed_at = changed_at - interval '2 hours'"
instance ctl flag true >/dev/null
check fully_enabled_has_no_next_step "$(rollout --orders 0 | tail -n 1) $(grep -c 'next step' "$work/rollout")" 'exit 1 0'
instance ctl flag 10% >/dev/null
sql -c "UPDATE oxe.flag_changes SET changed_at = changed_at - interval '25 hours' WHERE changed_at > now() - interval '24 hours'"
# An exchange that has lost its books: what works there is in doubt.
instance ctl flag true >/dev/null
sleep 1
doubtful=$(instance ctl submit --json --price "$(instance ctl sim price AAPL | jq '.price * 0.98 | floor')" AAPL BUY 10 LIMIT | jq -r .id)
state_is() {
    [ "$(instance ctl show --json "$doubtful" | jq -r .execution_state)" = "$1" ]
}
until_true 20 state_is WORKING
sv -w 20 force-stop "$home/service/exchange-sim" >/dev/null
rm -rf "$home/sim"
sv up "$home/service/exchange-sim" >/dev/null
until_true 60 state_is IN_DOUBT || fail an_order_is_in_doubt "$(instance ctl show "$doubtful")"
instance ctl flag 10% >/dev/null
sql -c "UPDATE oxe.flag_changes SET changed_at = changed_at - interval '25 hours' WHERE changed_at > now() - interval '24 hours'"
rollout >/dev/null
check an_error_says_no "$(grep -cE '^NO  +(error rate|orders in doubt)' "$work/rollout") $(tail -n 1 "$work/rollout" | cut -d: -f1)" '2 no-go'
finish "$home" deploy
