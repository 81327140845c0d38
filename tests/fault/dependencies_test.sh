#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL and Redis gone, and back (TAP): what users are told, what says why, and that nobody has to lift a hand. OXE_BUILD names the
# build folder. As root it runs in a mount namespace of its own, for a disk that can be full.
set -u
if [ "$(id -u)" -eq 0 ] && [ -z "${OXE_FAULT_NAMESPACE:-}" ] && unshare --mount true 2>/dev/null; then
    OXE_FAULT_NAMESPACE=1 exec unshare --mount --propagation private sh "$0" "$@"
fi
. "$(dirname -- "$0")/floor.sh"
start_floor fault_dependencies
url=http://127.0.0.1:$port

post() { # KEY: the answer's headers and body; an order as the API takes it
    curl -s -i --max-time 15 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -H "Idempotency-Key: $1" \
        -d '{"symbol":"AAPL","side":"BUY","quantity":10,"order_type":"MARKET"}' "$url/api/v1/orders" | tr -d '\r'
}

status_of() {
    printf '%s\n' "$1" | awk 'NR == 1 {print $2}'
}

header_of() { # ANSWER NAME
    printf '%s\n' "$1" | awk -F': ' -v name="$2" 'tolower($1) == name {print $2; exit}'
}

# The checks that a process's readiness calls failed.
unready() { # PORT
    curl -s --max-time 5 "http://127.0.0.1:$1/readyz" | jq -r '[.checks | to_entries[] | select(.value.status != "ok") | .key] | join(" ")'
}

names_postgresql() { # PORT
    unready "$1" | grep -qw postgresql
}

# Name and port of each process that cannot work without the database; the validator can.
probes() {
    printf '%s\n' "gateway $((port + 10))" "risk-manager $((port + 12))" "audit-writer-0 $((port + 13))" \
        "audit-writer-1 $((port + 14))" "executor-0 $((port + 20))" "executor-1 $((port + 21))" "executor-2 $((port + 22))"
}

restarts_of_others() { # of all that the test does not stop itself
    instance status --json | jq -r '[.[] | select(.name != "postgres" and .name != "redis") | "\(.name) \(.restarts)"] | join(", ")'
}

takes_order() { # KEY
    answer=$(post "$1")
    [ "$(status_of "$answer")" = 201 ] || [ "$(status_of "$answer")" = 200 ]
}

order_of() { # KEY
    sql -c "SELECT o.id FROM oxe.orders o JOIN oxe.traders t ON t.id = o.trader_id WHERE t.subject = 'alice' AND idempotent_key = '$1'"
}

# --- PostgreSQL stopped and started ---
post before >/dev/null
before=$(restarts_of_others)
service down postgres
answer=$(post while-stopped)
check an_order_is_answered_503_while_postgresql_is_stopped "$(status_of "$answer")" 503
case $(header_of "$answer" retry-after) in
    [0-9]*) pass the_503_says_when_to_retry ;;
    *) fail the_503_says_when_to_retry "$answer" ;;
esac
check the_503_names_the_key "$(header_of "$answer" idempotency-key)" while-stopped
check the_503_is_a_problem_document "$(header_of "$answer" content-type) $(printf '%s\n' "$answer" | tail -n 1 | jq -r .status)" \
    'application/problem+json 503'
check reading_is_answered_503_too \
    "$(curl -s -o /dev/null -w '%{http_code}' --max-time 15 -H "Authorization: Bearer $token" "$url/api/v1/orders")" 503
probes >"$work/probes"
while read -r name probe; do
    if until_true 10 names_postgresql "$probe"; then
        pass "readiness_of_${name}_says_postgresql"
    else
        fail "readiness_of_${name}_says_postgresql" "$(curl -s --max-time 5 "http://127.0.0.1:$probe/readyz")"
    fi
done <"$work/probes"
check the_processes_live_on "$(curl -s -o /dev/null -w '%{http_code}' "$url/healthz")" 200
service up postgres
if until_true 30 takes_order while-stopped; then
    pass the_same_key_is_taken_once_postgresql_is_back
else
    fail the_same_key_is_taken_once_postgresql_is_back "$answer"
fi
check_filled_once an_order_fills_after_postgresql_was_stopped "$(order_of while-stopped)" 20
if until_true 30 all_ready; then
    pass everything_is_ready_again_after_postgresql_was_stopped
else
    fail everything_is_ready_again_after_postgresql_was_stopped "$(instance status)"
fi
check nothing_was_restarted_because_postgresql_was_stopped "$(restarts_of_others)" "$before"

# --- its connections killed ---
sql -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename LIKE 'oxe\\_%'" >/dev/null
if until_true 15 takes_order connections-killed; then
    pass an_order_is_taken_after_all_connections_were_killed
else
    fail an_order_is_taken_after_all_connections_were_killed "$answer"
fi
check_filled_once an_order_fills_after_all_connections_were_killed "$(order_of connections-killed)" 20
check nothing_was_restarted_because_connections_were_killed "$(restarts_of_others)" "$before"

# --- Redis stopped and started ---
instance traders --count 20 --tokens "$work/tokens" >/dev/null 2>&1
instance ctl watch --count 24 --timeout 60 >"$work/watch" 2>"$work/watch.err" &
watch=$!
until_true 10 grep -q session.ready "$work/watch"
watched() { # EVENTS
    [ "$(grep -c '"seq"' "$work/watch")" -ge "$1" ]
}
for i in 1 2; do submit "redis-before-$i" AAPL BUY 1 MARKET >"$work/id"; done
until_true 10 watched 8
service down redis
answer=$(post while-redis-is-down)
check orders_are_taken_while_redis_is_stopped "$(status_of "$answer")" 201
check_filled_once orders_fill_while_redis_is_stopped "$(order_of while-redis-is-down)" 10
names_redis() {
    unready $((port + 10)) | grep -qw redis
}
if until_true 10 names_redis; then
    check readiness_stays_but_says_redis "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" 200
else
    fail readiness_stays_but_says_redis "$(curl -s "$url/readyz")"
fi
if until_true 10 watched 12; then
    pass a_websocket_catches_up_from_the_log_while_redis_is_stopped
else
    fail a_websocket_catches_up_from_the_log_while_redis_is_stopped "$(cat "$work/watch" "$work/watch.err")"
fi
service up redis
for i in 1 2 3; do submit "redis-after-$i" AAPL BUY 1 MARKET >"$work/id"; done
until_true 20 watched 24
wait "$watch"
check a_websocket_tells_each_event_once_and_in_order "$(jq -r 'select(.order_id) | .seq' "$work/watch" | awk 'NR == 1 {first = $1} {if ($1 != first + NR - 1) bad = bad " " $1}
    END {print NR " events" bad}')" '24 events'
if until_true 30 all_ready; then
    pass everything_is_ready_again_after_redis_was_stopped
else
    fail everything_is_ready_again_after_redis_was_stopped "$(instance status)"
fi

# --- the disk full when PostgreSQL commits ---
full_disk() {
    service down postgres
    used=$(du -sm "$home/postgres" | cut -f1)
    mv "$home/postgres" "$home/postgres.kept" && mkdir "$home/postgres" &&
        mount -t tmpfs -o "size=$((used + 120))m,mode=700" oxe-full-disk "$home/postgres" &&
        cp -a "$home/postgres.kept/." "$home/postgres/" && chown --reference="$home/postgres.kept" "$home/postgres" || return 1
    rm -rf "$home/postgres.kept"
    service up postgres
    until_true 30 all_ready
}
if [ -z "${OXE_FAULT_NAMESPACE:-}" ]; then
    skip a_full_disk "only root can mount a small disk"
elif ! full_disk; then
    fail a_small_disk_is_mounted "$(df "$home/postgres"; instance status)"
else
    until_true 20 takes_order before-the-disk-is-full
    before=$(restarts_of_others)
    "$build/tests/bench/oxe-load" --port "$port" --tokens "$work/tokens" --rate 60 --seconds 25 --orders-file "$work/orders" \
        >"$work/load" 2>&1 9>&- &
    load=$!
    sleep 2
    # Whatever is free goes; the next segment of the log has no room, nor has a table that grows.
    dd if=/dev/zero of="$home/postgres/ballast" bs=1M status=none 2>/dev/null
    is_refused() {
        [ "$(status_of "$(post "full-$(date +%N)")")" = 503 ]
    }
    if until_true 20 is_refused; then
        pass an_order_is_answered_503_while_the_disk_is_full
    else
        fail an_order_is_answered_503_while_the_disk_is_full "$(df "$home/postgres"; tail -n 20 "$home/log/postgres/current")"
    fi
    sleep 3
    rm -f "$home/postgres/ballast"
    if until_true 60 takes_order after-the-disk-was-full; then
        pass an_order_is_taken_once_the_disk_has_room
    else
        fail an_order_is_taken_once_the_disk_has_room "$answer"
    fi
    wait "$load"
    check every_order_has_its_answer_in_the_end "$(jq -c '[.unanswered, ([.statuses | keys[] | select(. != "200" and . != "201" and . != "503")] | length)]' \
        "$work/load")" '[0,0]'
    check_filled_once an_order_fills_after_the_disk_was_full "$(order_of after-the-disk-was-full)" 30
    printf "SELECT count(*) > 100, count(*) FILTER (WHERE o.id IS NULL) FROM unnest('{%s}'::uuid[]) AS a (id) LEFT JOIN oxe.orders o USING (id)\n" \
        "$(awk '$1 == 200 || $1 == 201 {print $2}' "$work/orders" | paste -sd,)" >"$home/acknowledged.sql"
    chmod 644 "$home/acknowledged.sql"
    check no_acknowledged_order_is_lost_on_a_full_disk "$(sql -f "$home/acknowledged.sql")" 't|0'
    if until_true 30 all_ready; then
        check nothing_but_postgresql_was_restarted_on_a_full_disk "$(restarts_of_others)" "$before"
    else
        fail nothing_but_postgresql_was_restarted_on_a_full_disk "$(instance status)"
    fi
fi
finish_floor
