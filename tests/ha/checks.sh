# SPDX-License-Identifier: Apache-2.0
# Load, the moments of faults, and what must be true afterwards. Sourced after suite.sh.

now_us() {
    date +%s%6N
}

# start_load HOST NAME RATE: orders until stop_load, each repeated with its key until it is answered; a line for each answer in NAME.orders.
start_load() {
    cp "$work/tokens" "$work/$1/data/tokens"
    chown oxe:oxe "$work/$1/data/tokens"
    orders_file=$work/$1/data/$2.orders
    : >"$orders_file"
    chown oxe:oxe "$orders_file"
    on "$1" sh -c "cd '$work/$1/data' && echo \$\$ >'$2.pid' && exec '$work/bin/oxe-load' --port 8080 --tokens tokens --rate $3 \
        --seconds 3600 --orders-file '$2.orders'" >"$work/$2.load" 2>&1 &
}

stop_load() { # HOST NAME
    kill -TERM "$(cat "$work/$1/data/$2.pid")"
    until_true 90 test -s "$work/$2.load"
}

answers() {
    wc -l <"$orders_file"
}

answered_more() { # THAN COUNT
    [ "$(answers)" -gt $(($1 + $2)) ]
}

# The longest time without an answer 201 that ended after the moment, in seconds.
outage_since() { # MOMENT
    awk -v moment="$1" '$1 == 201 {print $4}' "$orders_file" | sort -n |
        awk -v moment="$1" '{ if (NR > 1 && $1 > moment && $1 - last > longest) longest = $1 - last; last = $1 } END { printf "%.1f\n", longest / 1e6 }'
}

# Seconds from the moment until each of the eight lanes had filled an order that was admitted after it; nothing while one has not.
lanes_back_since() { # MOMENT
    sql -c "SELECT round(extract(epoch FROM max(first)) - $1 / 1e6, 1)
              FROM (SELECT o.lane, min(f.recorded_at) AS first FROM oxe.orders o JOIN oxe.fills f ON f.order_id = o.id
                     WHERE o.created_at > to_timestamp($1 / 1e6) GROUP BY o.lane) lanes
            HAVING count(*) = 8"
}

lanes_are_back() {
    lanes_back=$(lanes_back_since "$moment")
    [ -n "$lanes_back" ]
}

settled() {
    [ "$(sql -c "SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT'))
                      + (SELECT count(*) FROM oxe.outbox)")" = 0 ]
}

# How many orders were answered 201, or 200 to a repeated request, and how many of them are in the database.
told_and_found() {
    {
        echo 'CREATE TEMPORARY TABLE told (id uuid);'
        echo 'COPY told FROM STDIN;'
        cat "$work"/*/data/*.orders | awk '($1 == 201 || $1 == 200) {print $2}' | sort -u
        echo '\.'
        echo 'SELECT count(*), count(o.id) FROM told t LEFT JOIN oxe.orders o ON o.id = t.id;'
    } | sql 2>&1
}

told_orders() {
    cat "$work"/*/data/*.orders | awk '($1 == 201 || $1 == 200) {print $2}' | sort -u | wc -l
}

# As tests/e2e/tap.sh has it for an instance.
books_differ() {
    {
        oxectl sim executions
        oxectl sim orders
    } >"$work/books" || return
    {
        printf 'PREPARE books AS\n'
        cat "$root/tests/support/exchange_books.sql"
        printf ";\nEXECUTE books(\$books\$"
        cat "$work/books"
        printf '$books$);\n'
    } | sql
}

broken_invariants() {
    sql <"$root/tests/support/invariants.sql"
}

# check_whole WHAT: everything is at rest and accounted for, WHAT having happened.
check_whole() {
    if until_true 120 settled; then
        pass "every_order_reaches_its_end $1"
    else
        fail "every_order_reaches_its_end $1" "$(sql -c "SELECT id, lane, execution_state, status, next_check_at FROM oxe.orders
            WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT') LIMIT 10; SELECT count(*) FROM oxe.outbox")"
    fi
    told=$(told_orders) found=$(told_and_found)
    check "no_acknowledged_order_is_lost $1" "$found" "$told|$told"
    check_soon "the_invariants_hold $1" '' broken_invariants
    check_soon "executions_and_fills_are_the_same_one_to_one $1" '' books_differ
    differences=$(printf %s "$actual" | grep -c '^')
    check "nothing_was_put_aside $1" "$(sql -c 'SELECT service, kind, order_id, detail FROM oxe.put_aside LIMIT 10' 2>&1)" ''
    if oxectl audit verify >"$work/verify" 2>&1; then
        pass "the_log_verifies $1"
    else
        fail "the_log_verifies $1" "$(cat "$work/verify")"
    fi
}

# row WHAT: the line of the table, for the fault at $moment, after check_whole. The orders are those since the last one.
row() {
    printf '# | %s | %s | %s | %s | %s | %s |\n' "$1" "$(outage_since "$moment")" "${lanes_back:-never}" $((told - told_before)) \
        $((told - ${found#*|})) "$differences"
    told_before=$told
}
told_before=0

# The end: the plan, the logs when something failed, and nothing left behind.
finish_ha() { # NAME
    echo "1..$number"
    if [ "$failed" -gt 0 ]; then
        kept=$build/meson-logs/ha/$1
        rm -rf "$kept"
        mkdir -p "$kept"
        for host in $hosts; do cp -r "$work/$host/log" "$kept/$host" 2>/dev/null; done
        cp "$work"/*.load "$work"/*/data/*.orders "$kept/" 2>/dev/null
        echo "# logs of the hosts: $kept" >&2
    fi
    end_net
    [ "$failed" -eq 0 ]
    exit
}

# begin_ha NAME: root, the packages and the suite, or the reason why not.
begin_ha() {
    for program in patroni etcd haproxy redis-sentinel pgbouncer ip iptables; do
        command -v "$program" >/dev/null || missing=${missing:-the package of $program is not installed}
    done
    [ "$(id -u)" -eq 0 ] || missing='needs root, for network namespaces'
    [ -n "${missing:-}" ] || ip netns list >/dev/null 2>&1 && unshare --net --pid --fork true 2>/dev/null ||
        missing=${missing:-no network namespaces can be made here}
    if [ -n "${missing:-}" ]; then
        echo "1..0 # SKIP $missing"
        exit 0
    fi
    id -u oxe >/dev/null 2>&1 || useradd --system --home-dir /var/lib/oxe --create-home --shell /usr/sbin/nologin oxe
    start_net
    if ! start_suite >"$work/start" 2>&1; then
        fail the_suite_starts_on_nine_hosts "$(cat "$work/start")"
        finish_ha "$1"
    fi
    pass the_suite_starts_on_nine_hosts
}
