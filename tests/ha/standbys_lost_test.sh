#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The primary's standbys hear nothing of it for forty seconds, while it stays the primary (TAP): nothing is acknowledged that one host alone
# has, sessions do not gather behind the COMMITs that wait, and all goes on when a standby is back. OXE_BUILD names the build folder.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=${OXE_BUILD:-$root/build}
. "$root/tests/e2e/tap.sh"
. "$root/tests/ha/net.sh"
. "$root/tests/ha/suite.sh"
. "$root/tests/ha/checks.sh"
begin_ha standbys_lost

start_load client load 40
until_true 60 answered_more 0 200 || fail orders_flow "$(cat "$work/load.load"; tail -n 3 "$orders_file")"
alone=$(primary)
cut_replication "$alone"
moment=$(now_us)
sleep 40
check the_primary_stays_the_primary "$(primary)" "$alone"
sessions=$(database=postgres sql -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
waiting=$(database=postgres sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
if [ "${waiting:-0}" -gt 0 ] && [ "$sessions" -lt 100 ]; then
    pass commits_wait_and_sessions_do_not_gather
else
    fail commits_wait_and_sessions_do_not_gather "$sessions sessions, $waiting wait for a standby"
fi
echo "# $sessions sessions, $waiting of them in COMMIT"
healed_us=$(now_us)
# The moment after the cut may still bring what the standby had acknowledged.
check nothing_is_acknowledged_that_one_host_alone_has \
    "$(awk -v cut="$((moment + 1000000))" -v healed="$healed_us" '($1 == 200 || $1 == 201) && $4 > cut && $4 < healed' "$orders_file")" ''
ip netns exec "$net-$alone" iptables -F OUTPUT
if until_true 120 lanes_are_back; then
    pass every_lane_trades_again_with_a_standby
else
    fail every_lane_trades_again_with_a_standby "$(sql -c 'SELECT lane, owner, session, why FROM oxe.lanes ORDER BY lane')"
fi
before=$(answers)
until_true 60 answered_more "$before" 100
stop_load client load
check every_order_is_answered "$(jq -c '[.unanswered, (.statuses | keys - ["200", "201", "503"])]' "$work/load.load")" '[0,[]]'
check_whole 'after the standbys were away'
row 'both standbys out of touch for 40 s'
finish_ha standbys_lost
