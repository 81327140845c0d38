#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an operator is told at night (TAP): each trouble is made, './oxe status' and 'oxectl doctor' say it with its remedy, and after the
# remedy they are silent. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"

service() { # COMMAND NAME
    sv -w 20 "$1" "$work/home/service/$2" >/dev/null
}

# SEVERITY KIND, sorted, without what it says.
found() {
    instance ctl doctor --json | jq -r 'map("\(.severity) \(.kind)") | sort | join(", ")'
}

of() { # KIND MEMBER
    instance ctl doctor --json | jq -r "map(select(.kind == \"$1\")) | .[0].$2"
}

# The remedy as it stands, with this instance's own door; what stands for a choice is $3.
take_remedy() { # KIND [FROM TO]
    remedy=$(of "$1" remedy | sed "s#\./oxe#oxe $work/home $port#g; s/${2:-^$}/${3:-}/")
    eval "$remedy" >"$work/remedy" 2>&1 </dev/null
}

status_says() { # PATTERN: the line of the footer, and that the exit status is 1
    instance status >"$work/status" 2>&1
    echo "$? $(grep -oE "$1" "$work/status" | head -n 1)"
}

begin night --no-demo
check_soon a_suite_that_is_well_has_no_findings '' found
check and_status_says_so "$(status_says '^nothing is wrong')" '0 nothing is wrong'

# --- a dead executor, and an order that is stuck ---
service force-stop executor-0
stuck=$(instance ctl submit --json AAPL BUY 1 MARKET | jq -r .id)
check_soon a_dead_executor_is_found_with_its_lanes_and_its_order \
    'alarm lane_without_owner, alarm process_down, warning order_waiting' found
gauges() { # of the risk-manager: those above 0
    curl -sS "http://127.0.0.1:$((port + 12))/metrics" | sed -nE 's/^(oxe_orders_in_doubt|oxe_oldest_admitted_seconds|oxe_lanes_without_owner)\{.*\} [0.]*[1-9].*/\1/p' | sort | paste -sd ' ' -
}
check_soon and_by_the_gauges 'oxe_lanes_without_owner oxe_oldest_admitted_seconds' gauges
check the_stuck_order_is_named "$(of order_waiting detail | grep -oE '1, the oldest for [0-9]+ s: [0-9a-f-]+' | sed 's/.*: //')" "$stuck"
check status_says_no_and_why "$(status_says '^executor-0 .* no +0  no answer: .*(connect|refused)' | sed 's/ .*executor-0.*/ executor-0/; s/executor-0.*/executor-0/')" '1 executor-0'
take_remedy process_down
check_soon the_remedy_starts_it '' found
order_state() {
    instance ctl show --json "$stuck" | jq -r .status
}
check_soon the_order_goes_on FILLED order_state

# --- nobody to record events ---
service force-stop audit-writer-0
service force-stop audit-writer-1
instance ctl submit --json AAPL BUY 1 MARKET >/dev/null
waiting() {
    of outbox_waiting detail | grep -oE 'events wait to be recorded: [1-9]' | cut -d : -f 1
}
check_soon events_that_wait_are_found 'events wait to be recorded' waiting
take_remedy outbox_waiting
check_soon the_remedy_has_them_recorded '' found

# --- a stopped database ---
service force-stop postgres
alarms() {
    found | tr ',' '\n' | sed 's/^ //' | grep '^alarm'
}
check_soon a_stopped_database_is_one_alarm 'alarm database_down' alarms
check status_says_what_each_process_misses "$(status_says '^risk-manager .* no .*postgresql: .*' | cut -c 1-14)" '1 risk-manager'
take_remedy database_down
check_soon the_remedy_starts_the_database '' found

# --- an exchange whose journal is deleted, with an order there ---
price=$(instance ctl sim price AAPL | jq '.price * 0.98 | floor')
resting=$(instance ctl submit --json --price "$price" AAPL BUY 1 LIMIT | jq -r '.id')
working() {
    instance ctl show --json "$resting" | jq -e '.execution_state == "WORKING"'
}
until_true 10 working
service force-stop exchange-sim
check_soon sessions_that_are_down_are_found 'alarm process_down, alarm session_down' found
check the_session_says_why "$(of session_down detail | grep -oE 'lanes 0-7: .* is DOWN for .*: no connection' | sed 's/ for .*:/ for so long:/')" \
    'lanes 0-7: the session at the exchange is DOWN for so long: no connection'
rm -rf "$work/home/sim"
take_remedy process_down
check_soon what_the_exchange_forgot_is_in_doubt 'alarm order_in_doubt' found
check the_doubt_says_which_and_why "$(of order_in_doubt detail | grep -oE "$resting \(UNKNOWN_AT_EXCHANGE\)")" "$resting (UNKNOWN_AT_EXCHANGE)"
check_soon the_doubt_is_a_gauge oxe_orders_in_doubt gauges
check the_doubt_is_in_the_footer "$(status_says '^alarm +order_in_doubt')" '1 alarm   order_in_doubt'
take_remedy order_in_doubt "RETRY|REJECT|CANCEL|FILL --reason 'WHY'" "CANCEL --reason 'the exchange has lost it'"
check_soon the_remedy_ends_the_doubt '' found

# --- what people have set ---
instance ctl halt --reason 'news pending' SYMBOL AAPL >/dev/null
instance ctl flag 25% >/dev/null
instance ctl sim fault withhold report=ack symbol=NONE >/dev/null 2>&1 || instance ctl sim fault refuse message=logon session=NOBODY >/dev/null
check_soon halts_flag_and_faults_are_found 'note flag_restricted, warning fault_armed, warning halt_in_force' found
check a_warning_is_no_failure "$(status_says '^warning halt_in_force')" '0 warning halt_in_force'
check the_halt_says_whose_and_why "$(of halt_in_force detail | sed 's/since [^ ]*/since then/')" \
    'trading is halted: SYMBOL AAPL since then by olga: news pending'
take_remedy halt_in_force
take_remedy flag_restricted
take_remedy fault_armed
check_soon the_remedies_end_all_three '' found

# --- an executor that stands still ---
kill -STOP "$(cat "$work/home/service/executor-0/supervise/pid")"
frozen() {
    of lane_owner_frozen detail | grep -oE 'executor-0 holds lanes 0-7'
}
check_soon a_frozen_owner_is_found 'executor-0 holds lanes 0-7' frozen
check one_that_stands_still_does_not_stop_status "$(status_says '^executor-0 .* no .*no answer' | cut -c 1-12)" '1 executor-0'
kill -CONT "$(cat "$work/home/service/executor-0/supervise/pid")"
check_soon it_is_forgotten_when_it_goes_on '' found

# --- a disk that is full: a small one in the place of the simulator's folder ---
full_disk() {
    if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o "size=4m,uid=$(id -u oxe),mode=700" oxe-night "$work/home/full" 2>/dev/null; then
        skip a_full_disk_is_found 'mounting a small disk needs root'
        return
    fi
    head -c 3800000 /dev/zero >"$work/home/full/filler"
    check a_disk_that_fills_up_is_found "$(found)" 'warning disk_low'
    head -c 4194304 /dev/zero >"$work/home/full/filler" 2>/dev/null
    check a_full_disk_is_found "$(found)" 'alarm disk_full'
    check and_it_is_in_the_footer "$(status_says '^alarm   disk_full: 100 % of the disk')" '1 alarm   disk_full: 100 % of the disk'
    take_remedy disk_full
    check the_remedy_shows_what_fills_it "$(grep -c "$work/home/full" "$work/remedy")" 1
    rm "$work/home/full/filler"
    check_soon room_ends_it '' found
    umount "$work/home/full"
}
install -d -o "$(stat -c %U "$work/home")" "$work/home/full"
full_disk

# --- nothing answers at all ---
instance down >/dev/null 2>&1 </dev/null
instance ctl doctor >"$work/doctor" 2>&1
check the_doctor_needs_nothing_that_runs "$? $(grep -oE '^alarm +[a-z_]+' "$work/doctor" | tr -s ' ' | paste -sd ' ' -)" '1 alarm suite_down alarm database_down'
take_remedy suite_down
check_soon the_remedy_starts_all_of_it '' found
finish "$work/home" night
