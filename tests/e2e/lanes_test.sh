#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an operator sees of the lanes when the exchange refuses one, and when it loses its books (TAP). OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"

states() { # of the lanes: how many of each
    instance ctl lanes --json | jq -r 'group_by(.state) | map("\(length) \(.[0].state)") | join(", ")'
}

complaints() {
    instance status | grep -oE 'exchange: [0-9].*' | cut -c 1-75
}

details() {
    instance status --json | jq -r 'map(.detail) | join("")'
}

begin lanes --no-demo
check_soon every_lane_is_ready '8 READY' states
check_soon nothing_is_complained_of '' details

# --- one lane of eight ---
instance ctl sim fault refuse message=logon always session=OXE-L3 >/dev/null
instance ctl sim fault drop-before message=any session=OXE-L3 >/dev/null
check_soon a_lane_that_is_refused_is_listed '7 READY, 1 REFUSED' states
check_soon status_says_which_one_and_why \
    'exchange: 7 of 8 lanes are up; lane 3: logout by the exchange: Logon refuse' complaints
check a_lane_that_is_down_is_no_reason_to_restart_anything "$(instance status --json | jq 'all(.[]; .ready)')" true
check lanes_says_why "$(instance ctl lanes --json | jq -r '.[3].why')" \
    'logout by the exchange: Logon refused: the exchange takes nobody now (tag 0)'
check and_in_which_words_of_the_exchange_and_with_which_numbers \
    "$(instance ctl lanes --json | jq -r '.[3] | "\(.logout_text); \(.in_received >= 1 and .in_expected >= 1 and .out_next > 1), \(.out_expected)"')" \
    'Logon refused: the exchange takes nobody now (tag 0); true, null'
check the_log_names_kind_reason_and_next_command \
    "$(jq -r 'select(.event == "lane_refused") | "\(.kind), \(.reason == "logout by the exchange: " + .logout), \(.next)"' "$work/home/log/executor-0/current" | tail -n 1)" \
    'session_down, true, oxectl lanes'
check its_numbers_are_metrics \
    "$(curl -sS "http://127.0.0.1:$((port + 20))/metrics" | grep -cE '^oxe_executor_lane_(in_expected|in_received|out_next)\{.*lane="3".*\} [1-9]')" 3
check the_doctor_does_not_have_it_begin_anew "$(instance ctl doctor --json | jq -r '.[] | select(.kind == "session_down") | .remedy')" './oxe ctl lanes'
instance ctl sim fault clear >/dev/null
check_soon the_lane_comes_back_when_the_exchange_takes_it '8 READY' states
check_soon status_complains_no_more '' details

# --- the folder of the simulator deleted, as docs/exchange-sim.md has it ---
price=$(instance ctl sim price AAPL | jq '.price * 0.98 | floor')
resting=$(instance ctl submit --json --price "$price" AAPL BUY 1 LIMIT | jq -r '.id')
working() {
    instance ctl show --json "$resting" | jq -e '.execution_state == "WORKING"'
}
until_true 10 working
sv -w 20 force-stop "$work/home/service/exchange-sim" >/dev/null
check_soon the_exchange_that_is_away_is_seen '8 DOWN' states
rm -rf "$work/home/sim"
sv up "$work/home/service/exchange-sim" >/dev/null
check_soon every_lane_comes_back '8 READY' states
doubts() {
    instance ctl doubts --json | jq -r 'map("\(.id) \(.reason)") | join("")'
}
check_soon what_the_exchange_has_forgotten_is_in_doubt "$resting UNKNOWN_AT_EXCHANGE" doubts
check its_times_and_numbers_look_as_everywhere "$(instance ctl doubts --json | grep -cE '\+00|\.[0-9]*0[,}]')" 0
fills() {
    instance ctl submit --wait AAPL BUY 1 MARKET | awk '$1 == "status" {print $2}'
}
check new_orders_fill "$(fills)" FILLED
finish "$work/home" lanes
