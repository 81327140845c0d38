#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every process in turn dies by kill -9 while 50 traders send orders as fast as they can (TAP). What was answered 201 is there, and
# nothing is executed twice or forgotten. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"
begin under_fire --no-demo
instance traders --count 50 --tokens "$home/tokens" >/dev/null 2>&1

created=0
for process in $(instance status --json | jq -r '.[].name'); do
    pid=$(instance status --json | jq -r ".[] | select(.name == \"$process\") | .pid")
    "$build/tests/bench/oxe-load" --port "$port" --tokens "$home/tokens" --type MIX --seconds 4 >"$work/load" 2>&1 9>&- &
    load=$!
    # Once orders flow, however late the load begins on a busy machine: a process that dies before that leaves nothing created.
    orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
    more_orders() {
        [ "$(sql -c 'SELECT count(*) FROM oxe.orders')" -gt "$((orders + 100))" ]
    }
    until_true 30 more_orders
    kill -KILL "$pid"
    wait "$load"
    created=$((created + $(jq .created "$work/load")))
    echo "# $process ($pid) killed: $(cat "$work/load")"
    check "orders_are_answered_201_or_503_while_${process}_dies" \
        "$(jq '(.created > 0) and ([.statuses | keys[] | select(. != "201" and . != "503")] == [])' "$work/load" 2>&1)" true
    all_ready() {
        instance status
    }
    until_true 30 all_ready || fail "all_are_ready_again_after_$process" "$(instance status)"
done

settled() {
    [ "$(sql -c "SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT'))
                      + (SELECT count(*) FROM oxe.outbox)")" = 0 ]
}
if until_true 60 settled; then
    pass every_order_reaches_the_exchange_or_its_end
else
    fail every_order_reaches_the_exchange_or_its_end \
        "$(sql -c 'SELECT execution_state, status, count(*) FROM oxe.orders GROUP BY 1, 2; SELECT count(*) FROM oxe.outbox')"
fi
orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
if [ "$orders" -ge "$created" ]; then
    pass every_201_is_an_order
else
    fail every_201_is_an_order "$created answers with 201, $orders orders"
fi
# Prices go on moving: what rests at the exchange would be filled while it is compared.
instance ctl halt --cancel-open --reason 'the test is over' ALL >/dev/null
nothing_open() {
    [ "$(sql -c 'SELECT (SELECT count(*) FROM oxe.open_orders) + (SELECT count(*) FROM oxe.outbox)')" = 0 ]
}
if until_true 60 nothing_open; then
    pass a_halt_cancels_what_is_open
else
    fail a_halt_cancels_what_is_open \
        "$(sql -c 'SELECT execution_state, status, count(*) FROM oxe.orders JOIN oxe.open_orders ON order_id = id GROUP BY 1, 2')"
fi
install -m 644 "$root/tests/support/invariants.sql" "$home/invariants.sql"
check_soon the_invariants_hold '' sql -f "$home/invariants.sql"
check_soon the_exchanges_books_are_ours '' books_differ
check nothing_was_put_aside "$(sql -c 'SELECT service, kind, order_id, detail FROM oxe.put_aside LIMIT 10')" ''
finish "$home" under_fire
