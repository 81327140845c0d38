#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An upgrade under load, and its way back (TAP): `./oxe up` of the next release, which has a migration more and other programs, migrates and
# restarts one process after the other while orders come in; none fails. The next release is this one with a column more in its
# busiest table and a mark in each program. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"

next() { # ./oxe of the next release
    OXE_HOME=$home OXE_HTTP_PORT=$port OXE_BUILD=$work/next-build "$work/next/oxe" "$@" 9>&-
}

begin upgrade --no-demo

# --- the next release ---
mkdir "$work/next" "$work/next-build"
for entry in "$root"/*; do
    [ "$(basename "$entry")" = migrations ] || ln -s "$entry" "$work/next/"
done
cp -r "$root/migrations" "$work/next/"
last=$(awk '/^[a-z]/ {name = $1} END {print name}' "$root/migrations/sqitch.plan")
echo "next_release [$last] 2030-01-01T00:00:00Z OXE developers <oxe@localhost> # A column more" >>"$work/next/migrations/sqitch.plan"
# Who waits for the lock keeps everybody else waiting, so it gives up soon rather than that.
echo "BEGIN; SET LOCAL lock_timeout = '2s'; ALTER TABLE oxe.orders ADD COLUMN next_release text; COMMIT;" >"$work/next/migrations/deploy/next_release.sql"
echo "BEGIN; SET LOCAL lock_timeout = '2s'; ALTER TABLE oxe.orders DROP COLUMN next_release; COMMIT;" >"$work/next/migrations/revert/next_release.sql"
echo 'BEGIN; SELECT next_release FROM oxe.orders WHERE false; ROLLBACK;' >"$work/next/migrations/verify/next_release.sql"
echo next >"$work/mark"
for program in "$build"/services/*/oxe-* "$build"/services/oxectl/oxectl; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    target=${program#"$build/"}
    mkdir -p "$work/next-build/${target%/*}"
    objcopy --add-section .oxe_release="$work/mark" "$program" "$work/next-build/$target"
    echo "build $target: phony" >>"$work/next-build/build.ninja"
done

install -m 644 "$root/tests/support/invariants.sql" "$home/invariants.sql"
instance traders --count 10 --tokens "$home/tokens" >/dev/null 2>&1

under_load() { # NAME COMMAND …: the command's output goes to $work/said; what became of the orders to $work/NAME
    name=$1
    shift
    orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
    "$build/tests/bench/oxe-load" --port "$port" --tokens "$home/tokens" --type MIX --rate 40 --seconds 60 --orders-file "$work/$name.orders" \
        >"$work/$name" 2>&1 9>&- &
    load=$!
    flows() { [ "$(sql -c 'SELECT count(*) FROM oxe.orders')" -gt "$((orders + 20))" ]; }
    until_true 30 flows
    if "$@" >"$work/said" 2>&1 </dev/null; then
        pass "${name}_succeeds"
    else
        fail "${name}_succeeds" "$(cat "$work/said")"
    fi
    orders=$(sql -c 'SELECT count(*) FROM oxe.orders')
    until_true 30 flows
    kill "$load"
    wait "$load"
}
# What of the orders that were answered was not answered 201, or is not there.
failed_orders() { # NAME
    awk '$1 != 201' "$work/$1.orders"
    awk '$1 == 201 {print $2}' "$work/$1.orders" | sort >"$work/answered"
    sql -c 'SELECT id FROM oxe.orders' | sort >"$work/there"
    comm -23 "$work/answered" "$work/there"
}
told() { # NAME
    echo "# $1: $(wc -l <"$work/$1.orders") orders answered, $(awk '{n += $5} END {print n + 0}' "$work/$1.orders") times repeated after a 503, longest $(awk '{t = $4 - $3; if (t > m) m = t} END {printf "%d", m / 1000}' "$work/$1.orders") ms"
}
restarted() { # which processes run other programs than these, of BUILD
    for process in $(instance status --json | jq -r '.[] | select(.name | test("postgres|redis") | not) | "\(.name):\(.pid)"'); do
        program=${process%%:*}
        program=${program%-[0-9]}
        cmp -s "/proc/${process#*:}/exe" "$1/services/$program/oxe-$program" || echo "${process%%:*}"
    done
}
settled() {
    [ "$(sql -c "SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT'))
                      + (SELECT count(*) FROM oxe.outbox)")" = 0 ]
}
whole() { # FACTS' PREFIX
    until_true 60 settled || fail "$1_and_every_order_goes_its_way" "$(instance ctl doubts)"
    check_soon "$1_and_the_invariants_hold" '' sql -f "$home/invariants.sql"
    check_soon "$1_and_the_exchanges_books_are_ours" '' books_differ
}

under_load upgrade next up --no-demo --no-screen
told upgrade
check no_order_fails_in_an_upgrade "$(failed_orders upgrade)" ''
check every_process_runs_the_new_program "$(restarted "$work/next-build")" ''
check receivers_were_restarted_before_senders "$(grep -oE 'restarting [a-z-]+' "$work/said" | cut -d' ' -f2 | sed 's/-$//' | uniq | paste -sd ' ' -)" \
    'exchange-sim witness status-broadcaster audit-writer executor risk-manager validator gateway'
check the_database_has_the_new_column "$(sql -c 'SELECT count(next_release) FROM oxe.orders')" 0
whole upgraded

# --- and back: the programs first, which need nothing of the new column; then it ---
if instance up --no-demo --no-screen >"$work/said" 2>&1 </dev/null; then
    fail the_old_release_says_that_the_database_is_newer "$(cat "$work/said")"
else
    pass the_old_release_says_that_the_database_is_newer
fi
owner=$(stat -c %U "$home")
revert() {
    as=
    [ "$(id -u)" -ne 0 ] || as="setpriv --reuid=$owner --regid=$owner --clear-groups"
    (cd "$home/migrations" && $as env HOME="$home" sqitch revert -y --to "$last" "db:pg://$owner@/oxe?host=$home/run&port=$((port + 1))")
}
back() {
    revert && instance up --no-demo --no-screen
}
under_load rollback back
told rollback
check no_order_fails_in_a_rollback "$(failed_orders rollback)" ''
check every_process_runs_the_old_program "$(restarted "$build")" ''
whole rolled_back
finish "$home" upgrade
