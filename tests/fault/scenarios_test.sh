#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the suite promises of single orders when the exchange or the line to it fails (TAP). OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/floor.sh"
start_floor fault_scenarios

arm() { # FAULT …: prints its id
    exchange fault "$@" | jq -r .id
}
queued() {
    for executor in 0 1 2; do
        curl -s --max-time 5 "http://127.0.0.1:$((port + 20 + executor))/metrics"
    done | awk '/^oxe_executor_queue_depth/ {sum += $NF} END {exit sum < 1}'
}
check_waits() { # FACT ORDER: an executor has it, and does not send it
    if until_true 10 queued; then
        check "$1" "$(state_of "$2")" 'PENDING ADMITTED'
    else
        fail "$1" "no executor has it: $(state_of "$2")"
    fi
}

# An exchange that never answers about TSLA: what becomes of this order is looked at in the end.
deaf=$(arm swallow message=order,query symbol=TSLA always)
doubtful=$(submit while-deaf TSLA BUY 10 MARKET)

# --- a market order fills within two seconds ---
number_of=0
while [ "$number_of" -lt 20 ]; do
    number_of=$((number_of + 1))
    instance ctl submit --wait --key "market-$number_of" AAPL BUY 10 MARKET >"$work/market" 2>&1 ||
        fail "market_order_${number_of}_is_taken" "$(cat "$work/market")"
done
check a_market_order_fills_within_two_seconds \
    "$(sql -c "SELECT count(*), bool_and(o.status = 'FILLED' AND f.last - o.created_at < '2 s')
                 FROM oxe.orders o LEFT JOIN (SELECT order_id, max(recorded_at) AS last FROM oxe.fills GROUP BY order_id) f ON f.order_id = o.id
                WHERE idempotent_key LIKE 'market-%'")" '20|t'

# --- the network fails while an order is submitted ---
# What happens to the order at the exchange, what the trail must hold besides SUBMITTED and FILLED.
while read -r fact action fault; do
    armed=$(arm $fault)
    id=$(submit "$fact" AAPL BUY 10 MARKET)
    check_filled_once "$fact" "$id" 40
    told() {
        trail_of "$id" | grep -qE "^SUBMITTED .* $action.* FILLED$"
    }
    if until_true 5 told; then
        pass "${fact}_and_the_trail_says_$action"
    else
        fail "${fact}_and_the_trail_says_$action" "$(trail_of "$id")"
    fi
    exchange fault clear "$armed" >/dev/null
done <<'EOF'
an_order_whose_answers_stay_away_is_filled_once RECOVERED withhold until=query
an_order_whose_answers_are_lost_on_the_line_is_filled_once RECOVERED withhold until=resend
an_order_after_whose_effect_the_line_drops_is_filled_once EXECUTED drop-after message=order
an_order_that_is_lost_at_the_exchange_is_sent_again_and_filled_once RETRIED swallow message=order
an_order_before_whose_effect_the_line_drops_is_sent_again_and_filled_once RETRIED drop-before message=order
an_order_on_a_half_open_line_is_filled_once EXECUTED half-open message=order ms=12000
EOF

# --- an order of unknown fate ---
id=$doubtful
if await_state 60 "$id" 'PENDING IN_DOUBT'; then
    pass an_order_of_unknown_fate_is_in_doubt_never_rejected
else
    fail an_order_of_unknown_fate_is_in_doubt_never_rejected "$(state_of "$id"): $(trail_of "$id")"
fi
exchange fault clear "$deaf" >/dev/null
OXE_TOKEN=$(instance token --role operations olga)
export OXE_TOKEN
instance ctl resolve --reason "the exchange says on the telephone that it never saw it" "$id" REJECT >"$work/resolve" 2>&1 ||
    fail operations_resolve_an_order_in_doubt "$(cat "$work/resolve")"
unset OXE_TOKEN
if await_state 20 "$id" 'REJECTED DONE'; then
    check operations_resolve_an_order_in_doubt "$(known_to_exchange "$id")" 0
    check_soon the_trail_of_an_order_that_was_resolved 'SUBMITTED APPROVED EXECUTED IN_DOUBT RESOLVED REJECTED' trail_of "$id"
else
    fail operations_resolve_an_order_in_doubt "$(state_of "$id"): $(trail_of "$id"); $(cat "$work/resolve")"
fi

# --- a cancelled order is never executed ---
service down exchange-sim
id=$(submit cancelled-while-pending AAPL BUY 10 MARKET)
check_waits an_order_waits_as_pending_while_the_exchange_is_down "$id"
instance ctl cancel "$id" >"$work/cancel" 2>&1 || fail the_cancel_of_a_pending_order_is_taken "$(cat "$work/cancel")"
if await_state 5 "$id" 'CANCELLED DONE'; then
    pass a_pending_order_is_cancelled_without_the_exchange
else
    fail a_pending_order_is_cancelled_without_the_exchange "$(state_of "$id"): $(trail_of "$id")"
fi
service up exchange-sim
other=$(submit after-the-cancel AAPL BUY 10 MARKET)
check_filled_once orders_of_the_same_trader_fill_once_the_exchange_is_back "$other" 30
check a_cancelled_pending_order_is_never_sent "$(known_to_exchange "$id") $(executions_of "$id") $(state_of "$id")" '0 0 CANCELLED DONE'
check_soon the_trail_of_a_cancelled_pending_order 'SUBMITTED APPROVED CANCEL_REQUESTED CANCELLED' trail_of "$id"

armed=$(arm swallow message=order)
id=$(submit cancelled-while-unanswered AAPL BUY 10 MARKET)
until_true 5 is_in "$id" 'PENDING SENT'
instance ctl cancel "$id" >"$work/cancel" 2>&1 || fail the_cancel_of_an_unanswered_order_is_taken "$(cat "$work/cancel")"
if await_state 30 "$id" 'CANCELLED DONE'; then
    check an_unanswered_order_that_is_cancelled_is_never_sent_again "$(known_to_exchange "$id") $(executions_of "$id")" '0 0'
else
    fail an_unanswered_order_that_is_cancelled_is_never_sent_again "$(state_of "$id"): $(trail_of "$id")"
fi
exchange fault clear "$armed" >/dev/null

# A second order behind it at the same price is executed when that price comes: so would the first have been, were it still there.
armed=$(arm no-liquidity symbol=NVDA)
id=$(submit cancelled-while-working --price 119 NVDA BUY 10 LIMIT)
until_true 10 is_in "$id" 'PENDING WORKING'
behind=$(submit working-behind-it --price 119 NVDA BUY 10 LIMIT)
until_true 10 is_in "$behind" 'PENDING WORKING'
instance ctl cancel "$id" >"$work/cancel" 2>&1 || fail the_cancel_of_a_working_order_is_taken "$(cat "$work/cancel")"
if await_state 10 "$id" 'CANCELLED DONE'; then
    pass a_working_order_is_cancelled_at_the_exchange
else
    fail a_working_order_is_cancelled_at_the_exchange "$(state_of "$id"): $(trail_of "$id")"
fi
exchange fault clear "$armed" >/dev/null
exchange price NVDA 110 >/dev/null
check_filled_once an_order_that_works_is_executed_when_its_price_comes "$behind" 20
check a_cancelled_working_order_is_not_executed_when_its_price_comes "$(executions_of "$id") $(state_of "$id")" '0 CANCELLED DONE'

# --- an exchange that is gone or slow ---
service down exchange-sim
id=$(submit while-down AAPL BUY 10 MARKET)
check_waits an_order_waits_while_the_exchange_is_down "$id"
service up exchange-sim
check_filled_once an_order_fills_once_the_exchange_is_back "$id" 30

# --- what was not sent before a halt is not sent under it ---
operate() { # ARGUMENT …: oxectl as an operator
    OXE_TOKEN=$operator instance ctl "$@"
}
operator=$(instance token --role operations olga)
reason_of() { # ORDER
    sql -c "SELECT status || ' ' || coalesce(reason, '') FROM oxe.orders WHERE id = '$1'"
}

service down exchange-sim
id=$(submit before-the-halt AAPL BUY 10 MARKET)
check an_order_before_a_halt_is_not_sent_yet "$(state_of "$id")" 'PENDING ADMITTED'
halt=$(operate halt --json --reason 'a test' ALL | jq -r .id)
service up exchange-sim
check_soon an_order_that_was_not_sent_before_a_halt_waits_and_says_why 'PENDING TRADING_HALTED' reason_of "$id"
check an_order_is_not_sent_under_a_halt "$(known_to_exchange "$id") $(executions_of "$id")" '0 0'
operate resume "$halt" >/dev/null
check_filled_once an_order_goes_on_when_the_halt_is_lifted "$id" 10

service down exchange-sim
id=$(submit before-a-halt-that-cancels AAPL BUY 10 MARKET)
halt=$(operate halt --json --cancel-open --reason 'a test' ALL | jq -r .id)
check_soon a_halt_that_cancels_ends_what_was_not_sent 'CANCELLED ' reason_of "$id"
service up exchange-sim
operate resume "$halt" >/dev/null

service down exchange-sim
id=$(submit before-the-suspension AAPL BUY 10 MARKET)
instance ctl limits alice status=SUSPENDED >"$work/limits" 2>&1 || fail an_account_can_be_suspended "$(cat "$work/limits")"
service up exchange-sim
check_soon an_order_of_a_suspended_account_waits_and_says_why 'PENDING ACCOUNT_NOT_ACTIVE' reason_of "$id"
check an_order_of_a_suspended_account_is_not_sent "$(known_to_exchange "$id") $(executions_of "$id")" '0 0'
instance ctl limits alice status=ACTIVE >"$work/limits" 2>&1 || fail an_account_can_be_active_again "$(cat "$work/limits")"
check_filled_once an_order_goes_on_when_its_account_is_active_again "$id" 10

armed=$(arm slow ms=1500)
id=$(submit while-slow AAPL BUY 10 MARKET)
check_filled_once an_order_fills_at_a_slow_exchange "$id" 30
check_soon a_slow_exchange_is_not_asked_again 'SUBMITTED APPROVED EXECUTED FILLED' trail_of "$id"
exchange fault clear "$armed" >/dev/null

finish_floor
