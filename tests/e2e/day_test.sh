#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Before and after the day (TAP): preflight and eod say that a sound instance is, and preflight finds each thing that is amiss. OXE_BUILD
# names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"
. "$(dirname -- "$0")/instance.sh"

# What is not ok, with VARIABLE=VALUE … in the environment: "STATUS: check …" of each, and the exit status.
amiss() { # CHECK VARIABLE=VALUE …
    wanted=$1
    shift
    said=$(env "$@" OXE_HOME="$work/home" OXE_HTTP_PORT="$port" OXE_BUILD="$build" "$root/oxe" preflight --json 9>&- 2>/dev/null)
    ended=$?
    printf '%s\n' "$said" | jq -r --arg wanted "$wanted" '[.checks[] | select(.check == $wanted and .status != "ok")] | first // empty | "\(.status): \(.detail)"'
    echo "$ended"
}

finds() { # FACT CHECK PATTERN VARIABLE=VALUE …: a failure, and the status says so
    fact=$1 check=$2 pattern=$3
    shift 3
    output=$(amiss "$check" "$@")
    if printf '%s\n' "$output" | tr '\n' ' ' | grep -qE "^failed: .*$pattern.* 1 $"; then
        pass "$fact"
    else
        fail "$fact" "$output"
    fi
}

sql() {
    instance psql -qXAt "$@" 2>&1
}

# The statement's judgement of CHECK when SQL was done, which is undone. KEPT: bytes of WAL.
judged() { # CHECK SQL [KEPT]
    {
        printf '%s\n' '\set ON_ERROR_STOP 1' 'BEGIN;' "$2" 'PREPARE preflight AS'
        cat "$root/services/oxectl/sql/preflight.sql"
        printf ";\nSET LOCAL ROLE oxe_operations;\nEXECUTE preflight(31, %s);\nROLLBACK;\n" "${3:-1000000000}"
    } | sql | awk -F '|' -v name="$1" '$1 == name {print $2 ": " $3} /ERROR/'
}
migrations() { # SQL
    {
        printf '%s\n' '\set ON_ERROR_STOP 1' 'BEGIN;' "$1" 'PREPARE migrations AS'
        cat "$root/services/oxectl/sql/preflight_migrations.sql"
        printf ";\nSET LOCAL ROLE oxe_operations;\nEXECUTE migrations(\$plan\$%s\$plan\$);\nROLLBACK;\n" "$(cat "$root/migrations/sqitch.plan")"
    } | sql | awk -F '|' '$1 == "migrations" {print $2 ": " $3} /ERROR/'
}

begin day

# --- a sound one ---
output=$(instance preflight 2>&1)
check a_sound_instance_passes "$?" 0
check nothing_has_failed_or_warns "$(printf '%s\n' "$output" | grep -E '^(failed|warning)')" ''
check the_certificate_alone_is_skipped "$(printf '%s\n' "$output" | awk '$1 == "skipped" {print $2}')" certificate
check every_services_settings_are_checked "$(printf '%s\n' "$output" | grep -c '^ok *configuration .* accepts it$')" 9
check its_json_says_the_same "$(instance preflight --json | jq -r '[.passed, (.checks | length > 15)] | join(" ")')" 'true true'
output=$(instance ctl eod)
check the_day_agrees_with_the_exchange "$? $(printf '%s\n' "$output" | tail -n 1)" '0 no difference'

# --- the database ---
months() { # CONDITION: detaches the partitions whose upper bound meets it
    printf "SELECT format('ALTER TABLE oxe.execution_logs DETACH PARTITION %%s', inhrelid::regclass) FROM pg_inherits i
            WHERE inhparent = 'oxe.execution_logs'::regclass AND right(inhrelid::regclass::text, 7) %s to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM') \\gexec" "$1"
}
check partitions_far_ahead_are_enough "$(judged partitions '' | sed 's/ until .*//')" 'ok: the log has partitions'
check no_partition_ahead_is_told "$(judged partitions "$(months '>')" | sed 's/^warning/failed/; s/ until .*//')" 'failed: the log has partitions'
check none_for_now_fails "$(judged partitions "$(months '=')")" 'failed: the log has no partition for now'
check an_unsafe_setting_fails "$(judged durability 'SET LOCAL synchronous_commit = off;')" 'failed: synchronous_commit = off'
sql -c "SELECT pg_create_physical_replication_slot('gone', true)" >/dev/null
check wal_that_a_slot_keeps_is_told "$(judged wal '' -1 | sed 's/keeps .*/keeps/')" 'warning: replication slot gone keeps'
check a_little_of_it_is_none "$(judged wal '')" 'ok: nothing keeps old WAL'
sql -c "SELECT pg_drop_replication_slot('gone')" >/dev/null
check all_migrations_are_known "$(migrations '' | sed 's/all [0-9]* /all /')" 'ok: all are deployed'
check one_that_is_not_deployed_fails "$(migrations "DELETE FROM sqitch.tags; DELETE FROM sqitch.dependencies; DELETE FROM sqitch.changes WHERE change IN ('bars', 'views');")" \
    'failed: not deployed: views, bars'
check one_of_a_later_version_fails "$(migrations "INSERT INTO sqitch.changes SELECT 'x', 'y', 'tomorrow', project, note, committed_at, committer_name, committer_email, planned_at, planner_name, planner_email FROM sqitch.changes LIMIT 1;")" \
    'failed: of a later version: tomorrow'
finds a_role_that_may_not_see_them_is_told migrations 'cannot be read \(.*permission denied' "OXE_DATABASE=host=$work/home/run port=$((port + 1)) dbname=oxe user=oxe_validator"
finds a_database_that_is_away_is_told database 'No such file' OXE_DATABASE='host=/nonexistent user=oxe_operations'

# --- keys ---
"$build/services/oxectl/oxectl" audit keygen "$work/other.key" oxe.example.com/other >"$work/other.verifier"
printf 'log %s\nquorum none\n' "$(cat "$work/other.verifier")" >"$work/other.policy"
chmod 644 "$work/other.policy"
finds another_logs_policy_is_found 'audit policy' 'signed by none of' OXE_AUDIT_POLICY="$work/other.policy"
finds another_key_is_found 'audit key' 'is no key of the policy' OXE_AUDIT_KEY="$work/other.key"
finds a_policy_that_is_none_is_found 'audit policy' 'line [0-9]+: ' OXE_AUDIT_POLICY="$root/LICENSE"
echo '{"keys":[]}' >"$work/jwks.json"
finds no_key_for_tokens_is_found 'token keys' 'no key that verifies' OXE_JWKS="$work/jwks.json"
finds nor_a_place_that_does_not_answer 'token keys' 'connect' OXE_JWKS=http://127.0.0.1:9/jwks
certificate() { # DAYS
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/tls.key" -out "$work/tls.pem" -days "$1" -subj /CN=localhost 2>/dev/null
}
certificate 2
finds a_certificate_that_ends_soon_is_found certificate 'holds for [12] days' OXE_TLS_CERTIFICATE="$work/tls.pem"
certificate 20
check one_of_three_weeks_is_a_warning "$(amiss certificate OXE_TLS_CERTIFICATE="$work/tls.pem" OXE_TLS_KEY="$work/tls.key" | sed 's/holds for [0-9]* days/holds/' | tr '\n' ' ')" \
    "warning: $work/tls.pem holds 0 "
certificate 300
check one_of_a_year_is_well "$(amiss certificate OXE_TLS_CERTIFICATE="$work/tls.pem" OXE_TLS_KEY="$work/tls.key")" 0
finds a_file_without_one_is_found certificate 'holds none' OXE_TLS_CERTIFICATE="$root/LICENSE"

# --- this machine and the others ---
finds a_clock_that_is_apart_is_found clock 'ahead of PostgreSQL' LD_PRELOAD="/usr/\$LIB/faketime/libfaketime.so.1" FAKETIME=+0.3
output=$(instance ctl preflight --disk "/tmp,/nonexistent" --json 2>/dev/null)
check each_folder_is_looked_at "$(printf '%s\n' "$output" | jq -r '[.checks[] | select(.check == "disk") | .detail | sub(":.*"; "")] | join(" ")')" '/tmp /nonexistent'
output=$(instance ctl preflight "$build/services/validator/oxe-validator" --json 2>/dev/null)
check a_program_without_its_settings_is_found "$(printf '%s\n' "$output" | jq -r '.checks[] | select(.check == "configuration") | "\(.status) \(.detail | test("OXE_PROBE_LISTEN"))"')" 'failed true'

printf '#!/bin/sh\necho $$ >"%s/pid"\nexec sleep 600 >/dev/null 2>&1\n' "$work" >"$work/no-check"
chmod 755 "$work/no-check"
output=$(instance ctl preflight "$work/no-check" --json 2>/dev/null)
check one_that_knows_no_check_is_not_waited_for "$(printf '%s\n' "$output" | jq -r '.checks[] | select(.check == "configuration") | "\(.status) \(.detail)"')" \
    "failed $work/no-check: --check has not ended in 10 s"
check nor_left_behind "$(kill -0 "$(cat "$work/pid")" 2>&1 | grep -c 'No such process')" 1

mkdir "$work/probe"
echo '{"status":"ok","service":"validator","version":"0.0.9","checks":{"clock":{"status":"degraded","detail":"70 ms behind"}}}' >"$work/probe/readyz"
(cd "$work/probe" && exec python3 -m http.server --bind 127.0.0.1 $((port + 40)) 9>&- >/dev/null 2>&1) &
prober=$!
cp "$work/home/probes" "$work/probes"
echo "validator-old=127.0.0.1:$((port + 40))" >>"$work/home/probes"
knows() {
    instance ctl preflight --json 2>/dev/null | jq -e '.checks[] | select(.detail | test("validator-old"))'
}
until_true 10 knows
finds another_version_is_found versions 'validator-old is 0.0.9'
finds a_services_own_clock_is_found clock 'validator-old .*70 ms behind'
kill "$prober"
wait "$prober" 2>/dev/null
until_true 10 sh -c "OXE_HOME='$work/home' '$root/oxe' ctl preflight --json 2>/dev/null | grep -q unreachable"
finds one_that_does_not_answer_is_found services 'validator-old .*unreachable'
cp "$work/probes" "$work/home/probes"
sv -w 20 stop "$work/home/service/gateway" >/dev/null
finds nor_the_gateway services 'does not answer'
finish "$work/home" day
