#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The front door: up, down, status, two instances side by side, the README's curl line, and processes that die (TAP).
# OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"

first() {
    oxe "$work/first" "$first_port" "$@"
}

second() {
    oxe "$work/second" "$second_port" "$@"
}

pids() {
    first status --json | jq -r '.[] | "\(.name) \(.pid)"'
}

field() { # PROCESS FIELD, of the first instance
    first status --json | jq -r ".[] | select(.name == \"$1\") | .$2"
}

sql() { # of the first instance
    first psql -XqAt -v ON_ERROR_STOP=1 "$@" </dev/null
}

# Orders flow again: the same key until somebody takes it, then to its end.
order_fills() { # KEY
    first ctl submit --key "$1" --wait AAPL BUY 1 MARKET 2>&1 | grep -q '^status *FILLED'
}

start_work
mkdir "$work/first" "$work/second"
first_port=$(free_port_base)

# --- up ---
output=$(first up 2>&1 </dev/null)
status=$?
if [ "$status" -ne 0 ]; then
    fail up_succeeds "$output"
    finish "$work/first" front_door
fi
pass up_succeeds
check up_shows_the_demo_order_filled "$(printf '%s\n' "$output" | awk '$1 == "status" {print $2}')" FILLED
check up_shows_the_trail_of_the_demo_order \
    "$(printf '%s\n' "$output" | grep -oE ' (SUBMITTED|APPROVED|EXECUTED|FILLED) +(PENDING|FILLED)' | awk '{printf "%s ", $1}')" \
    'SUBMITTED APPROVED EXECUTED FILLED '
check up_ends_with_the_address_of_the_screen "$(printf '%s\n' "$output" | tail -n 1)" "oxe: the screen: http://127.0.0.1:$first_port/"
check the_screen_is_there "$(curl -sS -o /dev/null -w '%{http_code} %{content_type}' "http://127.0.0.1:$first_port/orders/")" \
    '200 text/html; charset=utf-8'
check status_is_json_and_all_are_ready \
    "$(first status --json | jq -r 'length >= 10 and all(.[]; .ready and .pid > 0 and .restarts == 0 and (.name | length > 0))')" true

# Whoever runs ./oxe: what is in the instance's folder is its user's.
check up_writes_everything_as_the_user_of_the_instance \
    "$(find "$work/first" ! -user "$(stat -c %U "$work/first")" -print)" ''

# --- the README ---
line=$(sed -n '/^curl /,/[^\\]$/p' "$root/README.md" | sed "s/127.0.0.1:8080/127.0.0.1:$first_port/")
first ctl watch --count 4 --timeout 10 >"$work/watch" 2>"$work/watch.err" &
watch=$!
until_true 10 grep -q session.ready "$work/watch"
answer=$(cd "$root" && OXE_HOME="$work/first" OXE_BUILD="$build" sh -c "$line" 9>&-)
id=$(printf '%s' "$answer" | jq -r '.id // empty')
if [ -n "$id" ]; then
    pass the_curl_line_of_the_readme_submits_an_order
else
    fail the_curl_line_of_the_readme_submits_an_order "$line
$answer"
fi
filled() {
    jq -e "select(.order_id == \"$id\" and .event == \"order.filled\")" "$work/watch"
}
if until_true 2 filled; then
    pass watch_shows_the_events_at_once
else
    fail watch_shows_the_events_at_once "$(cat "$work/watch" "$work/watch.err")"
fi
# It ends with the fourth event.
wait "$watch"
check watch_shows_each_event_in_order "$(jq -r "select(.order_id == \"$id\") | .event" "$work/watch" | head -n 4 | tr '\n' ' ')" \
    'order.submitted order.approved order.executed order.filled '

# --- up again ---
before=$(pids)
orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
if output=$(first up --no-demo --no-screen 2>&1 </dev/null); then
    check up_again_leaves_the_processes_alone "$(pids)" "$before"
else
    fail up_again_leaves_the_processes_alone "$output"
fi
check up_again_keeps_the_data "$(sql -c 'SELECT count(*) FROM oxe.orders')" "$orders"

# --- a second instance ---
second_port=$(free_port_base)
if output=$(second up --no-demo --no-screen 2>&1 </dev/null); then
    pass a_second_instance_starts_beside_the_first
    check up_without_the_screen_says_so "$(printf '%s\n' "$output" | tail -n 1)" \
        "oxe: without the screen; the API: http://127.0.0.1:$second_port/api/v1"
    check the_first_instance_does_not_notice "$(pids)" "$before"
    first ctl show "$id" >/dev/null 2>&1
    here=$?
    second ctl show "$id" >/dev/null 2>&1
    check an_order_of_one_is_unknown_to_the_other "$here $?" '0 1'
    second ctl submit --wait AAPL BUY 1 MARKET >"$work/second.out" 2>&1
    check each_works_for_itself "$(awk '$1 == "status" {print $2}' "$work/second.out")" FILLED
    check their_databases_do_not_meet \
        "$(sql -c 'SELECT count(*) FROM oxe.orders') $(second psql -XqAtc 'SELECT count(*) FROM oxe.orders' </dev/null)" "$orders 1"
    check their_exchanges_do_not_meet "$(second ctl sim orders | wc -l)" 1
    token=$(first token alice)
    check a_token_of_one_opens_nothing_at_the_other \
        "$(curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "http://127.0.0.1:$second_port/api/v1/account")" 401
else
    fail a_second_instance_starts_beside_the_first "$output"
fi
second down --wipe >/dev/null 2>&1 </dev/null
check wipe_leaves_nothing "$([ -e "$work/second" ] && ls -A "$work/second")" ''

# --- processes that die ---
for process in $(first status --json | jq -r '.[].name'); do
    pid=$(field "$process" pid)
    kill -KILL "$pid"
    # PostgreSQL's first start may find a backend of the server before, and be followed by another one.
    most=1
    [ "$process" != postgres ] || most=2
    again() {
        first status --json >"$work/status"
        jq -e ".[] | select(.name == \"$process\") | .ready and .restarts >= 1 and .restarts <= $most and .pid != $pid" "$work/status"
    }
    if until_true 30 again; then
        pass "${process}_is_restarted_and_counted_when_it_is_killed"
    else
        fail "${process}_is_restarted_and_counted_when_it_is_killed" "was $pid; $(cat "$work/status")"
    fi
    if until_true 30 order_fills "after-$process-$pid"; then
        pass "orders_flow_again_after_${process}_was_killed"
    else
        fail "orders_flow_again_after_${process}_was_killed" \
            "$(first ctl submit --key "after-$process-$pid" --wait AAPL BUY 1 MARKET 2>&1; first status)"
    fi
done
lane_count() {
    first ctl lanes --json | jq "[.[] | select(.owner != null)] | length"
}
check_soon every_lane_has_an_owner 8 lane_count
oddities() {
    first ctl aside --json
    first ctl doubts --json
}
check_soon nothing_was_put_aside_and_nothing_is_in_doubt "[]
[]" oddities
install -m 644 "$root/tests/support/invariants.sql" "$work/first/invariants.sql"
check_soon the_invariants_hold_after_all_of_it '' sql -f "$work/first/invariants.sql"
instance() {
    first "$@"
}
check_soon the_exchanges_books_are_ours '' books_differ

# --- down ---
# Every process whose command line or environment names the instance, but our own.
processes() {
    for environment in /proc/[0-9]*/environ; do
        candidate=${environment#/proc/}
        candidate=${candidate%/environ}
        if grep -qs "$work/first" "/proc/$candidate/cmdline" || grep -qzs "^OXE_HOME=$work/first" "$environment"; then
            echo "$candidate $(tr '\0' ' ' <"/proc/$candidate/cmdline" 2>/dev/null)"
        fi
    done
}
orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
cash=$(sql -c 'SELECT sum(cash) FROM oxe.traders')
if output=$(first down 2>&1 </dev/null); then
    pass down_succeeds
else
    fail down_succeeds "$output"
fi
check down_leaves_no_process "$(processes)" ''
# The last line of each service's log.
silent() {
    for name in $(first status --json | jq -r '.[].name'); do
        case $name in postgres | redis) continue ;; esac
        tail -n 1 "$work/first/log/$name/current" | grep -q '"event":"service_stopped"' || echo "$name"
    done
}
check down_lets_each_service_say_that_it_has_stopped "$(silent)" ''
check status_says_that_nothing_is_ready "$(first status --json | jq -r 'any(.[]; .ready)')" false
if output=$(first up --no-demo --no-screen 2>&1 </dev/null); then
    check the_data_is_there_after_down_and_up "$(sql -c 'SELECT count(*) FROM oxe.orders') $(sql -c 'SELECT sum(cash) FROM oxe.traders')" \
        "$orders $cash"
    check a_new_start_counts_restarts_anew "$(first status --json | jq -r 'all(.[]; .ready and .restarts == 0)')" true
    if order_fills after-down-and-up; then
        pass orders_flow_after_down_and_up
    else
        fail orders_flow_after_down_and_up "$(first ctl submit AAPL BUY 1 MARKET 2>&1)"
    fi
else
    fail the_data_is_there_after_down_and_up "$output"
fi

# --- supervisors that die ---
kill -KILL "$(cat "$work/first/runsvdir.pid")"
if output=$(first up --no-demo --no-screen 2>&1 </dev/null) && order_fills after-the-supervisor; then
    pass up_recovers_from_the_death_of_the_supervisor
else
    fail up_recovers_from_the_death_of_the_supervisor "$output
$(first status)"
fi
kill -KILL "$(cat "$work/first/runsvdir.pid")"
first down >"$work/down" 2>&1 </dev/null
check down_leaves_no_process_of_a_supervisor_that_died "$(processes)" ''
mkdir "$work/other"
runsvdir -P "$work/other" </dev/null >/dev/null 2>&1 9>&- &
other=$!
echo "$other" >"$work/first/runsvdir.pid"
first down >"$work/down" 2>&1 </dev/null
kill -0 "$other" 2>/dev/null
check down_spares_the_supervisor_of_others "$?" 0
kill "$other" 2>/dev/null

# --- what is no folder ---
mkdir "$work/letters"
touch "$work/letters/dear"
[ "$(id -u)" -ne 0 ] || chown oxe "$work/letters"
oxe "$work/letters" "$first_port" down --wipe >/dev/null 2>&1 </dev/null
check wipe_deletes_no_folder_but_an_instance "$? $(ls "$work/letters")" '1 dear'
check a_home_with_a_space_is_refused_before_it_is_made \
    "$(oxe "$work/a b" "$first_port" status 2>&1 </dev/null | grep -c 'may hold only') $(ls -d "$work/a b" 2>/dev/null)" '1 '

# --- containers ---
if docker compose version >/dev/null 2>&1; then
    if output=$(cd "$root" && docker compose config -q 2>&1); then
        pass docker_compose_accepts_the_compose_file
    else
        fail docker_compose_accepts_the_compose_file "$output"
    fi
else
    skip docker_compose_accepts_the_compose_file "there is no docker compose here"
fi

finish "$work/first" front_door
