#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An executor is gone for good while orders flow: how soon the other two trade on its lanes (TAP). OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/floor.sh"
start_floor fault_recovery
instance traders --count 200 --tokens "$work/tokens" >/dev/null 2>&1

# Seconds from the moment until each of the lanes has filled an order that was admitted after it; nothing while one has not.
lanes_trade_after() { # MOMENT LANES
    sql -c "SELECT round(extract(epoch FROM max(first) - '$1'::timestamptz), 2)
              FROM (SELECT o.lane, min(f.recorded_at) AS first FROM oxe.orders o JOIN oxe.fills f ON f.order_id = o.id
                     WHERE o.created_at > '$1' AND o.lane = ANY ('{$2}') GROUP BY o.lane) lanes
            HAVING count(*) = cardinality('{$2}'::int[])"
}

all_trade() {
    took=$(lanes_trade_after "$moment" "$lanes")
    [ -n "$took" ]
}

# The load may begin late on a busy machine: only what flows can stop.
flows() {
    [ "$(sql -c 'SELECT count(*) FROM oxe.orders')" -gt "$((orders + 200))" ]
}

for round in 'killed 0 5' 'killed 1 5' 'killed 2 5' 'frozen 1 10'; do
    set -- $round
    fact="the_lanes_of_executor_${2}_trade_again_within_${3}_s_after_it_was_$1"
    if ! until_true 40 spread; then
        fail "$fact" "the lanes are not spread: $(sql -c 'SELECT owner, count(*) FROM oxe.lanes GROUP BY owner')"
        continue
    fi
    "$build/tests/bench/oxe-load" --port "$port" --tokens "$work/tokens" --rate 100 --seconds 120 >"$work/load" 2>&1 9>&- &
    load=$!
    orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
    until_true 30 flows
    lanes=$(sql -c "SELECT string_agg(lane::text, ',') FROM oxe.lanes WHERE owner = '$2'")
    pid=$(pid_of "executor-$2")
    # The supervisor leaves it dead.
    sv once "$home/service/executor-$2" >/dev/null
    moment=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
    [ "$1" = killed ] && kill -KILL "$pid" || kill -STOP "$pid"
    if until_true 30 all_trade && [ "$(echo "$took" | cut -d. -f1)" -lt "$3" ]; then
        pass "$fact"
        echo "# lanes $lanes after $took s"
    else
        fail "$fact" "lanes $lanes after '$took' s: $(sql -c 'SELECT lane, owner, epoch FROM oxe.lanes ORDER BY lane')"
    fi
    [ "$1" = killed ] || kill -CONT "$pid"
    kill -TERM "$load"
    wait "$load"
    check "every_order_is_answered_with_executor_${2}_$1" "$(jq -c '[.unanswered, (.statuses | keys - ["200", "201", "503"])]' "$work/load")" '[0,[]]'
    [ "$1" = killed ] || kill -KILL "$(pid_of "executor-$2")"
    service up "executor-$2"
    until_true 30 all_ready || fail "everything_is_ready_again_after_executor_${2}_was_$1" "$(instance status)"
done
finish_floor
