#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The host of the primary dies for good under load, two seconds after its standbys began to hear nothing of it (TAP): what was acknowledged
# is found, nothing is executed twice. OXE_BUILD names the build folder. With SYNCHRONOUS=false the test must fail: then orders are
# acknowledged that the standbys have not.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=${OXE_BUILD:-$root/build}
. "$root/tests/e2e/tap.sh"
. "$root/tests/ha/net.sh"
. "$root/tests/ha/suite.sh"
. "$root/tests/ha/checks.sh"
begin_ha primary_lost

start_load client load 40
until_true 60 answered_more 0 200 || fail orders_flow "$(cat "$work/load.load"; tail -n 3 "$orders_file")"
lost=$(primary)
cut_replication "$lost"
sleep 2
kill_host "$lost"
moment=$(now_us)
if until_true 120 lanes_are_back; then
    pass every_lane_trades_again_after_the_loss_of_the_primary
else
    fail every_lane_trades_again_after_the_loss_of_the_primary "$(sql -c 'SELECT lane, owner, session, why FROM oxe.lanes ORDER BY lane')"
fi
# Redis too has another master, if it was there.
if until_true 60 all_ready; then
    pass all_processes_are_ready_again_and_nothing_is_degraded
else
    fail all_processes_are_ready_again_and_nothing_is_degraded "$(complaints)"
fi
before=$(answers)
until_true 60 answered_more "$before" 100
stop_load client load
check every_order_is_answered "$(jq -c '[.unanswered, (.statuses | keys - ["200", "201", "503"])]' "$work/load.load")" '[0,[]]'
check_whole 'after the loss of the primary'
row "the primary's host, for good"
finish_ha primary_lost
