#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is asked of a deployment: deploy/smoke, of one that works and of broken ones (TAP). OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
start_work
home=$work/home
mkdir "$home"
port=$(free_port_base)

instance() {
    oxe "$home" "$port" "$@"
}

sql() {
    instance psql -XqAt -v ON_ERROR_STOP=1 "$@" </dev/null
}

if ! output=$(instance up --no-demo --no-screen 2>&1 </dev/null); then
    fail up_succeeds "$output"
    finish "$home" deploy
fi

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
finish "$home" deploy
