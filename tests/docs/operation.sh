#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# operation.sh [FOLDER]: writes settings.md, metrics.md and log-events.md into FOLDER (docs/operation), each from the one place where its
# subject is declared: the tables that 'oxe-SERVICE --describe' prints, and the log_events.def beside the code. OXE_BUILD names the build.
#
# operation.sh --faults prints what lacks a meaning, or has one and is gone, one a line.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=${OXE_BUILD:-$root/build}
cd "$root"
export LC_ALL=C.UTF-8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Every table of every service, a line of JSON each.
for main in services/*/main.c; do
    service=$(basename "$(dirname "$main")")
    [ "$service" = oxectl ] ||
        "$build/services/$service/oxe-$service" --describe | jq -c --arg service "$service" '{service: $service} + .'
done >"$work/tables"

# FOLDER EVENT LEVELS, as the code has them; those of one event in several places joined.
find common services \( -name '*.c' -o -name '*.cc' \) | sort | xargs perl tests/docs/log-events.pl | sort -u |
    awk '/without a name/ { print; next } { key = $1 " " $2; if (key in levels) levels[key] = levels[key] "," $3; else levels[key] = $3 } END { for (key in levels) print key, levels[key] }' |
    sort >"$work/logged"

# FOLDER EVENT MEANING, as the tables have them.
for table in common/log_events.def services/*/log_events.def; do
    FOLDER=$(dirname "$table") perl -0777 -ne 'while (/^LOG_EVENT\((\w+),((?:\s*"(?:[^"\\]|\\.)*")+)\)/gm) {
        my ($event, $literals) = ($1, $2);
        print "$ENV{FOLDER} $event ", $literals =~ /"((?:[^"\\]|\\.)*)"/g, "\n" }' "$table"
done | sort >"$work/meant"

faults() {
    awk '{ print $1, $2 }' "$work/logged" >"$work/logged-names"
    awk '{ print $1, $2 }' "$work/meant" >"$work/meant-names"
    sort "$work/meant-names" | uniq -d | sed 's/$/: has two meanings in log_events.def/'
    comm -23 "$work/logged-names" "$work/meant-names" | sed 's/$/: is logged and has no line in log_events.def/'
    comm -13 "$work/logged-names" "$work/meant-names" | sed 's/$/: has a line in log_events.def and is never logged/'
    awk 'NF < 3' "$work/meant" | sed 's/$/: means nothing/'
    grep 'without a name' "$work/logged" || true
    jq -r 'select((.metric or .setting) and (.help | length) < 10) | "\(.service) \(.metric // .setting): has no help"' "$work/tables"
    jq -rs '[.[] | select(.metric)] | group_by(.metric)[] | select(map([.type, .help]) | unique | length > 1) |
        "\(.[0].metric): differs between \(map(.service) | join(" and "))"' "$work/tables"
}

generated() { # TITLE
    printf '# %s\n\n<!-- Made by tests/docs/operation.sh; do not edit. -->\n\n' "$1"
}

settings() {
    generated 'Settings'
    cat <<'PAGE'
Every variable of every service. Each service prints its own with `--help`, and `--check` says what
is wrong with those that are set. A duration is written 250ms, 30s, 5m or 2h, a list has commas
between its entries. Of a secret, `VARIABLE_FILE` may name a file that holds the value. What is
required has no default.

| variable | services | type | default | bounds | meaning |
| --- | --- | --- | --- | --- | --- |
PAGE
    jq -rs '
        def duration: if . % 3600000 == 0 and . > 0 then "\(. / 3600000)h" elif . % 60000 == 0 and . > 0 then "\(. / 60000)m"
            elif . % 1000 == 0 then "\(. / 1000)s" else "\(.)ms" end;
        def bounds: if .type == "integer" then "\(.min) to \(.max)" elif .type == "duration" then "\(.min | duration) to \(.max | duration)"
            elif .type == "list" then "\(.min) to \(.max) entries" elif .type == "true or false" then "" else "up to \(.max) bytes" end;
        def default: if .default == null then "*required*" elif .default == "" then "" elif .type == "secret" then "" else "`\(.default)`" end;
        [.[] | select(.setting)] | group_by([.setting, .help, .default, .min, .max])[] | . as $rows | .[0] |
        "| `\(.setting)` | \($rows | map(.service) | unique | if length == ($count | tonumber) then "all" else join(", ") end) | " +
        "\(.type) | \(default) | \(bounds) | \(.help | gsub("\\|"; "\\|")) |"' \
        --arg count "$(jq -r .service "$work/tables" | sort -u | grep -c .)" "$work/tables"
}

metrics() {
    generated 'Metrics'
    cat <<'PAGE'
Every service shows its metrics at `/metrics` of its probe port (`OXE_PROBE_LISTEN`), in Prometheus'
text format; each series has the label `service` too. Times are in seconds, sizes in bytes. A
label's values are those listed; where none is listed, they are known at run time only.

| metric | type | services | further labels | meaning |
| --- | --- | --- | --- | --- |
PAGE
    jq -rs '
        def labels: to_entries | map("`\(.key)`" + if .value | length == 0 then "" elif .value | length > 12 then
            ": \(.value[0]) to \(.value[-1])" else ": \(.value | join(", "))" end) | join("; ");
        [.[] | select(.metric)] | group_by(.metric)[] | . as $rows | .[0] |
        "| `\(.metric)` | \(.type) | \($rows | map(.service) | unique | if length == ($count | tonumber) then "all" else join(", ") end) | " +
        "\(.labels | labels) | \(.help | rtrimstr(".") | .[0:1] as $first | ($first | ascii_upcase) + .[1:]) |"' \
        --arg count "$(jq -r .service "$work/tables" | sort -u | grep -c .)" "$work/tables"
}

log_events() {
    generated 'Log events'
    cat <<'PAGE'
Every service writes one JSON object a line to standard error: `time`, `level`, `service`,
`instance`, `event`, then fields. `OXE_LOG_LEVEL` says from which level on. An event with several
levels has the graver one where its text says so. What belongs to an order has its `order_id` and
`trace_id`. Every error, and every warning about a lane, has `kind` (its section in
[runbooks.md](runbooks.md); that of an order has a word of its own, see
[OrderAlarm](runbooks.md#orderalarm)), `reason`, and `next`, the command that shows more or mends
it.
PAGE
    for folder in common $(awk '{ print $1 }' "$work/meant" | sort -u | grep '^services/'); do
        case $folder in common) printf '\n## every service\n' ;; *) printf '\n## %s\n' "${folder#services/}" ;; esac
        printf '\n| event | level | meaning |\n| --- | --- | --- |\n'
        awk -v folder="$folder" 'NR == FNR { if ($1 == folder) levels[$2] = $3; next }
            $1 == folder { event = $2; $1 = $2 = ""; sub(/^ +/, ""); gsub(/,/, ", ", levels[event])
                printf "| `%s` | %s | %s |\n", event, levels[event], $0 }' "$work/logged" "$work/meant"
    done
}

if [ "${1:-}" = --faults ]; then
    faults
    exit
fi
folder=${1:-docs/operation}
mkdir -p "$folder"
settings >"$folder/settings.md"
metrics >"$folder/metrics.md"
log_events >"$folder/log-events.md"
