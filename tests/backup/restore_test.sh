#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The restore drill (TAP): a database is backed up under load and destroyed twice. First after it was shut down, so that nothing is lost; then with
# the machine, while orders come in, so that the last seconds are. What it shows must be true of every backup; figures stand in comments.
# OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
. "$(dirname -- "$0")/../e2e/instance.sh"
pg_bin=/usr/lib/postgresql/15/bin

succeeds() { # FACT COMMAND …: its output in $work/said, its seconds in $took
    fact=$1
    shift
    began=$(date +%s%N)
    if "$@" >"$work/said" 2>&1 </dev/null; then
        took=$((($(date +%s%N) - began) / 1000000))
        pass "$fact"
    else
        fail "$fact" "$(cat "$work/said")"
        finish "$home" restore
    fi
}
load() { # SECONDS NAME: in the background, as $load; what was answered is in $work/NAME
    "$build/tests/bench/oxe-load" --port "$port" --tokens "$home/tokens" --type MIX --rate 40 --seconds "$1" --orders-file "$work/$2" \
        >"$work/$2.json" 2>&1 9>&- &
    load=$!
}
orders() {
    sql -c 'SELECT count(*) FROM oxe.orders'
}
settled() {
    [ "$(sql -c "SELECT (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT', 'IN_DOUBT'))
                      + (SELECT count(*) FROM oxe.outbox)")" = 0 ]
}
invariants() {
    sql -f "$home/invariants.sql"
}
lanes() {
    instance ctl lanes --json | jq -r 'group_by(.state) | map("\(length) \(.[0].state)") | join(", ")'
}
witness_says() {
    instance status --json | jq -r 'map(.detail) | join(" ")' | grep -oE 'contradicts the log' | head -n 1
}
published() { # the size of the last published checkpoint
    curl -fsS "http://127.0.0.1:$port/checkpoint" | sed -n 2p
}

begin restore --no-demo
install -m 644 "$root/tests/support/invariants.sql" "$home/"
instance traders --count 20 --tokens "$home/tokens" >/dev/null 2>&1

# --- a backup under load ---
load 8 first
more_orders() { [ "$(orders)" -gt 20 ]; }
until_true 30 more_orders
succeeds a_backup_is_made_while_orders_come_in instance backup full
echo "# full backup: $took ms; $(tail -n 1 "$work/said")"
succeeds a_second_one_has_what_changed instance backup
echo "# what changed: $took ms; $(tail -n 1 "$work/said")"
wait "$load"
check no_order_failed_meanwhile "$(jq -c '.statuses | del(.["201"])' "$work/first.json")" '{}'
check backups_are_recorded "$(sql -c "SELECT string_agg(kind, ' ' ORDER BY id), bool_and(bytes > 0 AND finished_at > now() - interval '10 min') FROM oxe.backups")" \
    'full diff|t'
metric() {
    curl -fsS "http://127.0.0.1:$((port + 10))/metrics" | sed -n 's/^oxe_backup_last_success_timestamp_seconds{[^}]*} //p'
}
check_soon every_gateway_says_when_the_last_one_was "$(sql -c 'SELECT extract(epoch FROM max(finished_at))::bigint FROM oxe.backups')" metric
readable() { # PATTERN: files of the repository that hold it
    zgrep -rlaE "$1" "$home/backup/repository" 2>/dev/null | wc -l
}
check nothing_in_the_repository_can_be_read_without_the_pass "$(readable 'PostgreSQL|idempotent_key|backrest-version')" 0

# --- lost after a shutdown: nothing is lost with it ---
load 3 second
wait "$load"
until_true 60 settled
check_soon the_witness_has_the_whole_log "$(sql -c 'SELECT next_log_seq - 1 FROM oxe.audit_state')" published
instance ctl audit heads --note >"$work/kept" 2>/dev/null
moment=$(sql -c "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US\"Z\"')")
count=$(orders)
facts() { # of the time before it was lost: prices go on moving, and what was open fills
    sql -c "SELECT count(*), (SELECT md5(string_agg(f::text, ',' ORDER BY id)) FROM oxe.fills f WHERE recorded_at <= '$moment')
              FROM oxe.orders WHERE created_at <= '$moment'"
}
before=$(facts)
instance down >/dev/null 2>&1
rm -rf "$home/postgres"
if instance up --no-demo --no-screen >"$work/said" 2>&1 </dev/null; then
    fail no_new_database_takes_the_place_of_a_lost_one "$(cat "$work/said")"
else
    check no_new_database_takes_the_place_of_a_lost_one "$(grep -c 'restore brings it back' "$work/said")" 1
fi
# Killed at its work, it leaves nothing that trades.
OXE_HOME=$home OXE_HTTP_PORT=$port OXE_BUILD=$build setsid "$root/oxe" restore >"$work/said" 2>&1 </dev/null 9>&- &
restoring=$!
files_come() { [ -n "$(ls -A "$home/postgres")" ]; }
until_true 20 files_come
kill -KILL "-$restoring"
wait "$restoring" 2>/dev/null
if instance up --no-demo --no-screen >"$work/said" 2>&1 </dev/null; then
    fail what_was_half_restored_is_not_started "$(cat "$work/said")"
else
    check what_was_half_restored_is_not_started "$(grep -c 'restore did not come to its end' "$work/said")" 1
fi
succeeds a_database_that_is_gone_is_restored instance restore
echo "# restored to the end: $took ms, $(du -sk "$home/postgres" | cut -f1) KiB"
succeeds the_suite_starts_on_it instance up --no-demo --no-screen
check_soon every_lane_is_ready '8 READY' lanes
check every_order_and_fill_is_there "$(facts)" "$before"
check_soon the_invariants_hold '' invariants
check_soon the_exchanges_books_are_ours '' books_differ
succeeds the_log_verifies_from_the_checkpoint_that_was_kept instance ctl audit verify --since "$work/kept"
check_soon and_the_witness_goes_on_with_it "$(sql -c 'SELECT next_log_seq - 1 FROM oxe.audit_state')" published
check no_order_is_taken_before_operations_say_so \
    "$(instance ctl submit AAPL BUY 1 MARKET 2>&1 | grep -oE '[A-Z_]+ \([0-9]+\)') $(instance ctl flag --history --json | jq -r '.[0].actor')" \
    'FEATURE_DISABLED (403) restore'
instance ctl flag true >/dev/null

# --- as it was at a time, in a copy beside it ---
# There is a later backup, which that time is not in. And PostgreSQL goes on archiving by what the backup has set.
succeeds a_backup_is_made_of_what_was_restored instance backup
archiving=$(md5sum "$home/backup/pgbackrest.conf")
succeeds a_copy_as_it_was_at_a_time_is_restored env PGDATA="$home/postgres" OXE_BACKUP_HOME="$home/backup" PGHOST="$home/run" \
    setpriv --reuid="$(stat -c %u "$home")" --regid="$(stat -c %g "$home/backup")" --clear-groups \
    sh "$home/backup/scripts/restore" --to "$home/copy" --time "$moment" --copy
check a_drill_leaves_the_archiving_alone "$(md5sum "$home/backup/pgbackrest.conf")" "$archiving"
owner=$(stat -c %U "$home")
as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd "$home" && setpriv --reuid="$owner" --regid="$owner" --clear-groups "$@")
    else
        "$@"
    fi
}
as_owner "$pg_bin/pg_ctl" -D "$home/copy" -w -s -l "$home/log/copy.log" -o "-p $((port + 40)) -k $home/run" start >/dev/null 9>&-
copy() {
    as_owner psql -XqAt -h "$home/run" -p $((port + 40)) -U "$owner" -d oxe -c 'SELECT pg_is_in_recovery(), count(*), max(created_at) <= '"'$moment'"' FROM oxe.orders'
}
check_soon it_has_the_orders_of_that_time_and_none_after "f|$count|t" copy
as_owner "$pg_bin/pg_ctl" -D "$home/copy" -m immediate -s stop >/dev/null

# --- what cannot be had ---
instance down >/dev/null 2>&1
touch "$home/postgres/old"
instance restore --time "$(date -u -d tomorrow +'%F %TZ')" >"$work/said" 2>&1 </dev/null
check a_time_that_never_was_leaves_the_old_database "$? $(ls "$home/postgres/old") $(grep -c 'nothing was restored' "$work/said")" "1 $home/postgres/old 1"
check and_says_what_postgresql_said "$(grep -c 'recovery ended before configured recovery target was reached' "$work/said")" 1
rm "$home/postgres/old"
options=$(OXE_BACKUP_HOME="$work/nowhere" OXE_BACKUP_PASS_FILE="$home/backup/pass" OXE_BACKUP_OPTIONS_FILE="$work/gone" "$root/deploy/backup/backup" 2>&1)
check options_that_cannot_be_read_are_not_left_out "$? $(printf '%s\n' "$options" | tail -n 1)" '1 backup: the options cannot be read'
succeeds the_suite_starts_on_the_old_one instance up --no-demo --no-screen
check_soon its_lanes_are_ready '8 READY' lanes

# --- lost with the machine, while orders come in ---
resting=$(instance ctl submit --json --price "$(instance ctl sim price MSFT | jq '.price * 0.98 | floor')" MSFT BUY 7 LIMIT | jq -r .id)
working() { [ "$(instance ctl show --json "$resting" | jq -r .execution_state)" = WORKING ]; }
until_true 10 working
# Admitted before, and sent and executed after what is archived.
sv -w 20 force-stop "$home/service/executor-0" >/dev/null
late=$(instance ctl submit --json --price "$(instance ctl sim price GOOG | jq '.price * 1.02 | floor')" GOOG BUY 3 LIMIT | jq -r .id)
segment=$(sql -c 'SELECT pg_walfile_name(pg_switch_wal())')
archived() { [ "$(sql -c "SELECT last_archived_wal >= '$segment' FROM pg_stat_archiver")" = t ]; }
if until_true 30 archived; then
    pass a_full_segment_is_archived_at_once
else
    fail a_full_segment_is_archived_at_once "$(sql -c 'SELECT * FROM pg_stat_archiver')"
fi
# From here on, the database forgets.
sv up "$home/service/executor-0" >/dev/null
before=$(orders)
load 30 third
orders_flow() { [ "$(orders)" -gt "$((before + 20))" ]; }
until_true 30 orders_flow || fail orders_come_in_that_will_be_lost "$(cat "$work/third.json")"
instance ctl sim price MSFT "$(instance ctl sim price MSFT | jq '.price * 0.97 | floor')" >/dev/null
filled() {
    for order in "$resting" "$late"; do
        [ "$(instance ctl show --json "$order" | jq -r .status)" = FILLED ] || return 1
    done
}
until_true 30 filled || fail what_is_to_be_forgotten_happens "$(instance ctl show "$resting"; instance ctl show "$late")"
seen=$(($(sql -c 'SELECT next_log_seq - 1 FROM oxe.audit_state')))
signed() { [ "$(published)" -ge "$seen" ]; }
until_true 10 signed
instance ctl audit heads --note >"$work/later" 2>/dev/null
known=$(orders)
postmaster=$(head -n 1 "$home/postgres/postmaster.pid")
mv "$home/postgres" "$home/gone"
as_owner sv down "$home/service/postgres" >/dev/null 2>&1
kill -KILL "$postmaster"
kill "$load" && wait "$load" 2>/dev/null
instance down >/dev/null 2>&1
rm -rf "$home/gone"
succeeds what_is_lost_with_the_machine_is_restored instance restore
echo "# restored to the last archived segment: $took ms"
succeeds the_suite_starts_again instance up --no-demo --no-screen
check_soon every_lane_is_ready_again '8 READY' lanes
echo "# lost: $((known - $(orders))) of $known orders"
check_soon what_was_executed_after_the_last_archived_segment_is_told_again 'FILLED 7' \
    sql -c "SELECT status || ' ' || trim_scale(filled_quantity) FROM oxe.orders WHERE id = '$resting'"

# An order that was admitted at the last moment and executed after it: the execution was put aside, for the order was never sent as far as this
# database knows; sent again, the exchange knows it already; so it is soon in doubt, and the operator says what the exchange has said.
left_aside() { # STATES: ORDER EXECUTION QUANTITY PRICE, one execution for each order
    sql -F ' ' -c "SELECT DISTINCT ON (o.id) o.id, p.venue_exec_id, p.quantity, p.price FROM oxe.put_aside p JOIN oxe.orders o ON o.id = p.order_id
                    WHERE p.kind = 'UNEXPECTED_REPORT' AND p.quantity > 0 AND o.execution_state IN ($1)
                      AND NOT EXISTS (SELECT FROM oxe.fills f WHERE f.order_id = o.id AND f.venue_exec_id = p.venue_exec_id)
                    ORDER BY o.id, p.id"
}
resolve_doubts() {
    left_aside "'IN_DOUBT'" >"$work/doubts"
    while read -r order execution quantity price; do
        echo "# in doubt: order $order, execution $execution: $quantity at $price"
        instance ctl resolve --reason 'executed after the backup' --quantity "$quantity" --price "$price" --exec-id "$execution" "$order" FILL \
            </dev/null >"$work/said" 2>&1 || sed 's/^/# /' "$work/said"
    done <"$work/doubts"
    [ -z "$(left_aside "'ADMITTED', 'SENT', 'WORKING', 'IN_DOUBT', 'DONE'")" ]
}
deadline=$(($(date +%s) + 90))
until resolve_doubts || [ "$(date +%s)" -ge "$deadline" ]; do
    sleep 1
done
until_true 30 settled || fail every_order_has_its_end "$(instance ctl doubts)"
check an_order_that_was_sent_after_the_backup_was_executed_once \
    "$(sql -c "SELECT status || ' ' || trim_scale(filled_quantity) FROM oxe.orders WHERE id = '$late'") $(instance ctl sim executions | grep "$late" | jq -s 'map(.quantity) | add')" \
    'FILLED 3 3'
check_soon the_invariants_hold_all_the_same '' invariants
# Of the orders that this database knows, the exchange says the same.
known_differ() {
    books_differ >"$work/differ" || return
    sql -c "SELECT 'order ' || id FROM oxe.orders" >"$work/ids"
    grep -F -f "$work/ids" "$work/differ"
    true
}
check_soon the_exchanges_books_are_ours_for_every_order_that_is_known_here '' known_differ
grep -oE 'order [0-9a-f-]{36} execution E[0-9]+' "$work/differ" | awk '{print $2, $4}' | sort -u >"$work/unknown"
sql -F ' ' -c "SELECT order_id, venue_exec_id FROM oxe.put_aside WHERE kind = 'UNKNOWN_ORDER' AND venue_exec_id IS NOT NULL" | sort -u >"$work/aside"
check what_the_exchange_executed_of_lost_orders_is_put_aside "$(comm -23 "$work/unknown" "$work/aside")" ''
echo "# executions of lost orders: $(wc -l <"$work/unknown"), all put aside"

# --- the log has gone back, and the witness saw it ---
check_soon the_witness_refuses_a_log_that_went_back 'contradicts the log' witness_says
if instance ctl audit consistency "$work/later" >"$work/said" 2>&1; then
    fail whoever_kept_a_later_checkpoint_finds_it_too "$(cat "$work/said")"
else
    check whoever_kept_a_later_checkpoint_finds_it_too "$(grep -ciE 'cut|fewer' "$work/said")" 1
fi
stuck=$(published)
origin=$(cat "$home/origin")
# As a change of the key leaves it: the policy has two lines of the log, and one key was made and not taken.
{
    "$build/services/oxectl/oxectl" audit keygen "$work/older.key" "$origin" | sed 's/^/log /'
    cat "$home/keys/audit.policy"
} >"$work/policy"
cat "$work/policy" >"$home/keys/audit.policy"
: >"$home/keys/audit.key.new"
succeeds a_new_log_begins instance new-log
check it_has_another_name "$([ "$(cat "$home/origin")" != "$origin" ] && tail -n 1 "$home/keys/audit.former" | cut -d+ -f1)" "$origin"
instance ctl flag true >/dev/null
instance ctl submit --wait AAPL BUY 1 MARKET >/dev/null 2>&1
goes_on() {
    [ "$(published)" -gt "$stuck" ] && [ -z "$(witness_says)" ]
}
if until_true 20 goes_on; then
    pass the_witness_cosigns_the_new_log
else
    fail the_witness_cosigns_the_new_log "$(published) after $stuck; $(instance status)"
fi
succeeds the_new_log_verifies instance ctl audit verify
check_soon the_log_says_that_its_key_changed 1 sql -c "SELECT count(*) FROM oxe.execution_logs WHERE action = 'KEY_CHANGED'"
finish "$home" restore
