#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hosts are cut off and come back, and the network splits, under load (TAP): what was acknowledged is found, nothing is executed twice, and
# the side without a majority acknowledges nothing. OXE_BUILD names the build folder.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=${OXE_BUILD:-$root/build}
. "$root/tests/e2e/tap.sh"
. "$root/tests/ha/net.sh"
. "$root/tests/ha/suite.sh"
. "$root/tests/ha/checks.sh"
begin_ha network
load_number=0

begin_load() {
    load_number=$((load_number + 1))
    start_load client "load-$load_number" 40
    until_true 60 answered_more 0 200 || fail "orders_flow before $1" "$(cat "$work/load-$load_number.load"; tail -n 3 "$orders_file")"
}

# The fault is over: the load ends, everything is whole and at its place again.
end_load() { # WHAT
    before=$(answers)
    until_true 60 answered_more "$before" 100 || fail "orders_flow after $1" "$(tail -n 3 "$orders_file")"
    stop_load client "load-$load_number"
    check "every_order_is_answered, $1" "$(jq -c '[.unanswered, (.statuses | keys - ["200", "201", "503"])]' "$work/load-$load_number.load")" '[0,[]]'
    check_whole "after $1"
    row "$1"
}

# Whether the host that was the primary is a standby of the new one, with all of its log.
is_standby() { # HOST
    [ "$(patroni_of "$1" patroni | jq -r '.role + " " + .state')" = 'replica running' ] && standbys_stream 2
}

trade_again() { # WHAT
    if until_true 120 lanes_are_back; then
        pass "every_lane_trades_again $1"
    else
        fail "every_lane_trades_again $1" "$(sql -c 'SELECT lane, owner, session, why FROM oxe.lanes ORDER BY lane')"
    fi
}

all_is_well() { # WHAT: all hosts are there again
    if until_true 180 standbys_stream 2 && until_true 60 all_ready && until_true 120 lanes_up; then
        pass "all_processes_are_ready_and_both_standbys_stream $1"
    else
        fail "all_processes_are_ready_and_both_standbys_stream $1" "primary: $(primary)
$(complaints)
$(for host in $databases; do patroni_of "$host" patroni; done)
$(sql -c 'SELECT lane, owner, session, why FROM oxe.lanes ORDER BY lane')"
    fi
}

# --- the host of the primary is cut off, and comes back ---
begin_load 'the primary is cut off'
former=$(primary)
apart "$former"
moment=$(now_us)
trade_again 'with the primary cut off'
together "$former"
if until_true 180 is_standby "$former"; then
    pass the_former_primary_comes_back_as_a_standby
else
    fail the_former_primary_comes_back_as_a_standby "$(tail -n 20 "$work/$former/log/patroni")"
fi
all_is_well 'after the primary was cut off'
end_load "the primary's host cut off, and back"

# --- an executor's host is cut off, and comes back ---
begin_load 'an executor is cut off'
apart ex1
moment=$(now_us)
trade_again 'with an executor cut off'
together ex1
all_is_well 'after an executor was cut off'
end_load "an executor's host cut off, and back"

# --- the network splits, and the primary is with the few ---
begin_load 'the split'
former=$(primary)
apart "$former" app2 ex2
moment=$(now_us)
majority_orders=$orders_file
start_load app2 minority 20
minority_orders=$orders_file orders_file=$majority_orders
trade_again 'on the side of the majority'
sleep 20
healed_us=$(now_us)
together "$former" app2 ex2
check the_minority_acknowledges_nothing \
    "$(awk -v cut="$moment" -v healed="$healed_us" '$1 != 503 && $3 > cut && $4 < healed' "$minority_orders")" ''
all_is_well 'after the split'
stop_load app2 minority
check every_order_of_the_minority_is_refused_and_taken_in_the_end \
    "$(jq -c '[.unanswered, (.statuses | keys - ["200"])]' "$work/minority.load")" '[0,["201","503"]]'
end_load 'the network split, the primary with the minority'

# --- the network splits, and the primary is with the many: its synchronous standby is not ---
begin_load 'the other split'
standby=$(synchronous_standby)
apart "$standby" app1 ex1
moment=$(now_us)
trade_again 'on the side of the primary'
sleep 10
together "$standby" app1 ex1
all_is_well 'after the other split'
end_load 'the network split, the synchronous standby with the minority'

# --- the operator hands the primary over ---
begin_load 'the switchover'
former=$(primary) standby=$(synchronous_standby)
moment=$(now_us)
if ! on "$former" patronictl -c "$work/$former/data/patroni.yml" switchover --leader "$former" --candidate "$standby" --force \
    >"$work/switchover" 2>&1; then
    fail the_primary_can_be_handed_over "$(cat "$work/switchover")"
fi
trade_again 'after the switchover'
check the_synchronous_standby_is_the_primary "$(primary)" "$standby"
all_is_well 'after the switchover'
end_load 'the primary handed over by the operator'

# --- a database host is lost for good, and a new machine takes its place ---
begin_load 'a database host is replaced'
standby=$(synchronous_standby)
kill_host "$standby"
moment=$(now_us)
trade_again 'without the synchronous standby'
if ! replace_database_host "$standby" >"$work/replaced" 2>&1; then
    fail a_database_host_can_be_replaced "$(cat "$work/replaced")"
fi
all_is_well 'after a database host was replaced'
end_load "the synchronous standby's host, for good, and replaced"

finish_ha network
