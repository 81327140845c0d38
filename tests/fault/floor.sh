# SPDX-License-Identifier: Apache-2.0
# One instance for the shell tests of this folder, and what they ask of it. Sourced with OXE_BUILD set.
# start_floor NAME brings up $home with three executors; finish_floor checks the whole of it and ends it.
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"

instance() {
    oxe "$home" "$port" "$@"
}

sql() {
    instance psql -XqAt -v ON_ERROR_STOP=1 "$@" </dev/null
}

# Whether each of the three executors has its share, two or three lanes: until then lanes move, and orders of theirs wait.
spread() {
    [ "$(sql -c 'SELECT count(*) FROM (SELECT owner FROM oxe.lanes GROUP BY owner HAVING count(*) >= 2) owners')" = 3 ]
}

start_floor() { # NAME
    floor=$1
    start_work
    home=$work/home
    mkdir "$home"
    port=$(free_port_base)
    if ! output=$(instance up --no-demo --no-screen 2>&1 </dev/null) || ! output=$(instance scale executor=3 2>&1 </dev/null); then
        fail up_succeeds "$output"
        finish "$home" "$floor"
    fi
    token=$(instance token alice)
    if ! until_true 40 spread; then
        fail the_lanes_spread_over_three_executors "$(sql -c 'SELECT lane, owner FROM oxe.lanes ORDER BY lane')"
        finish "$home" "$floor"
    fi
}

service() { # down|up NAME
    sv -w 20 "$1" "$home/service/$2" >/dev/null
}

pid_of() { # NAME
    cat "$home/service/$1/supervise/pid"
}

exchange() { # COMMAND: JSON lines
    instance ctl sim "$@"
}

all_ready() {
    instance status
}

# Places an order as alice and prints its id; the same key until it is answered.
submit() { # KEY ARGUMENT …
    key=$1
    shift
    until_time=$(($(date +%s) + 20))
    until placed=$(instance ctl submit --json --key "$key" "$@" 2>"$work/submit.err"); do
        [ "$(date +%s)" -lt "$until_time" ] || break
        sleep 0.2
    done
    printf '%s' "$placed" | jq -r '.id // empty'
}

state_of() { # ORDER
    sql -c "SELECT status || ' ' || execution_state FROM oxe.orders WHERE id = '$1'"
}

is_in() { # ORDER STATUS-AND-STATE
    [ "$(state_of "$1")" = "$2" ]
}

await_state() { # SECONDS ORDER STATUS-AND-STATE
    until_true "$1" is_in "$2" "$3"
}

trail_of() { # ORDER: the actions in order, without ACKNOWLEDGED, which is there or not as messages fall into turns
    sql -c "SELECT string_agg(action::text, ' ' ORDER BY log_seq) FROM oxe.execution_logs
             WHERE order_id = '$1' AND action <> 'ACKNOWLEDGED'"
}

executions_of() { # ORDER: how many the exchange has made
    exchange executions | jq -r --arg id "$1" 'select(.cl_ord_id == $id) | .exec_id' | wc -l
}

known_to_exchange() { # ORDER: how often
    exchange orders | jq -r --arg id "$1" 'select(.cl_ord_id == $id) | .cl_ord_id' | wc -l
}

# check_filled_once FACT ORDER SECONDS: FILLED in time, executed exactly once.
check_filled_once() {
    if await_state "$3" "$2" 'FILLED DONE'; then
        check "$1" "$(known_to_exchange "$2") order, $(executions_of "$2") execution" '1 order, 1 execution'
    else
        fail "$1" "order '$2' is $(state_of "$2"): $(trail_of "$2")"
    fi
}

settled() {
    [ "$(sql -c "SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT'))
                      + (SELECT count(*) FROM oxe.outbox)")" = 0 ]
}

finish_floor() {
    if until_true 60 settled; then
        pass every_order_reaches_the_exchange_or_its_end
    else
        fail every_order_reaches_the_exchange_or_its_end \
            "$(sql -c "SELECT id, execution_state, status, next_check_at FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT')
                       LIMIT 10; SELECT count(*) FROM oxe.outbox")"
    fi
    install -m 644 "$root/tests/support/invariants.sql" "$home/invariants.sql"
    check_soon the_invariants_hold '' sql -f "$home/invariants.sql"
    check_soon the_exchanges_books_are_ours '' books_differ
    check nothing_was_put_aside "$(sql -c 'SELECT service, kind, order_id, detail FROM oxe.put_aside LIMIT 10')" ''
    finish "$home" "$floor"
}
