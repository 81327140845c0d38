#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an instance tells Prometheus, and whom that calls (TAP): every process' metrics, judged by promtool; then a drill with a real
# Prometheus, Alertmanager and node exporter, and somebody who receives alerts: what breaks is told once, and again when it is mended.
# OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"

instance() {
    oxe "$work/home" "$port" "$@"
}

# The program behind a process' name: executor-0 is an oxe-executor.
describe() { # NAME
    service=${1%-[0-9]}
    "$build/services/$service/oxe-$service" --describe
}

start_work
mkdir "$work/home"
port=$(free_port_base)
watch_port=$(free_port_base)
: >"$work/spans"
python3 "$root/tests/support/otlp_receiver.py" $((watch_port + 4)) "$work/spans" >"$work/collector.log" 2>&1 9>&- &
collector=$!
trap 'kill $collector 2>/dev/null' EXIT
export OXE_OTLP_URL="http://127.0.0.1:$((watch_port + 4))/v1/traces"
if ! output=$(instance up --no-demo --no-screen 2>&1 </dev/null); then
    fail up_succeeds "$output"
    finish "$work/home" observability
fi

# --- metrics ---
judge() { # TEXT-FILE: what promtool finds
    promtool check metrics <"$1" 2>&1
}
while IFS='=' read -r name address; do
    curl -sS "http://$address/metrics" >"$work/metrics"
    check "promtool_finds_nothing_in_the_metrics_of $name" "$(judge "$work/metrics")" ''
    check "each_declared_metric_is_there_and_no_other $name" "$(awk '$1 == "#" && $2 == "TYPE" { print $3, $4 }' "$work/metrics" | sort)" \
        "$(describe "$name" | jq -r 'select(.metric) | "\(.metric) \(.type)"' | sort)"
    check "build_info_has_the_version $name" "$(sed -n 's/^oxe_build_info{.*version="\(.*\)"} 1$/\1/p' "$work/metrics")" \
        "$("$build/services/${name%-[0-9]}/oxe-${name%-[0-9]}" --version | cut -d' ' -f2)"
done <"$work/home/probes"
printf '# HELP oxe_wait_milliseconds Time.\n# TYPE oxe_wait_milliseconds counter\noxe_wait_milliseconds 1\n' >"$work/metrics"
check promtool_does_find_what_breaks_the_conventions "$(judge "$work/metrics" | grep -c .)" 2

# --- traces ---
trace=4bf92f3577b34da6a3ce929d0e0e4736
order=$(curl -sS "http://127.0.0.1:$port/api/v1/orders" -H "Authorization: Bearer $(instance token alice)" -H 'Content-Type: application/json' \
    -H "traceparent: 00-$trace-00f067aa0ba902b7-01" -d '{"symbol":"AAPL","quantity":1,"order_type":"MARKET"}' | jq -r .id)
stages() {
    jq -r --arg trace "$trace" 'select(.traceId == $trace) | "\(.service) \(.name)"' "$work/spans" | sort | uniq -c | awk '{print $1, $2, $3}'
}
check_soon an_order_leaves_a_span_in_each_stage '4 audit-writer record
1 executor fill
1 executor send
1 gateway submitOrder
1 risk-manager decide
4 status-broadcaster broadcast
1 validator validate' stages
spans() { # JQ-FILTER: of the trace
    jq -sr --arg trace "$trace" --arg order "$order" "map(select(.traceId == \$trace)) | $1" "$work/spans"
}
check the_stages_hang_on_the_gateways_span_and_that_on_the_callers "$(spans 'map(.parentSpanId) | unique | join(" ")')" \
    "$(spans 'map(select(.name == "submitOrder"))[0] | ["00f067aa0ba902b7", .spanId] | sort | join(" ")')"
check every_span_names_the_order_and_has_an_id_of_its_own "$(spans '[(map(.attributes[] | select(.key == "oxe.order_id").value.stringValue) | unique == [$order]),
    (map(.spanId) | unique | length) == length] | join(" ")')" 'true true'
check no_span_ends_before_it_begins "$(spans 'map(select(.endTimeUnixNano < .startTimeUnixNano)) | length')" 0
kill "$collector"

# What rules and dashboards ask for is there: declared by a service, recorded by a rule, or of the node exporter and the textfile.
asked() {
    jq -r '.panels[] | .targets[]? | .expr' "$root"/deploy/observability/grafana/dashboards/*.json
    cat "$root"/deploy/observability/rules/*.yml
}
{
    while IFS='=' read -r name address; do describe "$name"; done <"$work/home/probes" | jq -r 'select(.metric) | .metric,
        if .type == "histogram" then "\(.metric)_bucket", "\(.metric)_count" else empty end'
    "$build/services/oxectl/oxectl" report criteria --help >/dev/null && printf '%s\n' oxe_criterion_figure oxe_criterion_met oxe_criteria_timestamp_seconds
    sed -n 's/^ *- record: //p' "$root"/deploy/observability/rules/*.yml
} | sort -u >"$work/there"
check what_rules_and_dashboards_ask_for_is_there \
    "$(asked | grep -v '^ *#' | grep -oE '\b(oxe|process)[_:][a-z0-9_:]*[a-z0-9]' | sort -u | comm -23 - "$work/there")" ''

# --- the drill ---
received=$work/received
: >"$received"
python3 "$root/tests/support/alert_receiver.py" $((watch_port + 3)) "$received" >"$work/receiver.log" 2>&1 9>&- &
receiver=$!
as() { printf 'http://127.0.0.1:%s/%s' $((watch_port + 3)) "$1"; }
OXE_HOME=$work/home OXE_ALERTS_AT_ONCE=yes OXE_ALERT_PAGE=$(as page) OXE_ALERT_TICKET=$(as ticket) OXE_ALERT_HEARTBEAT=$(as heartbeat) \
    "$root/deploy/observability/local" "$work/watch" "$watch_port" >"$work/watch.log" 2>&1 9>&- &
watch=$!
trap 'kill $watch $receiver $collector 2>/dev/null; wait $watch $receiver $collector 2>/dev/null' EXIT

# told STATUS ALERT [WITH]: how often that was received, with WITH among its labels.
told() {
    awk -v status="$1" -v alert="$2" -v with="${3:-}" '$2 == status && $3 == alert && index($0, with) { count++ } END { print count + 0 }' "$received"
}
was_told() {
    [ "$(told "$@")" -gt 0 ]
}
fires() { # ALERT [WITH]
    if until_true 30 was_told firing "$@"; then
        pass "fires: $*"
    else
        fail "fires: $*" "$(tail -n 20 "$received")"
    fi
}
resolves() { # ALERT [WITH]: within a minute; until then it was told once
    if ! until_true 60 was_told resolved "$@"; then
        fail "resolves: $*" "$(tail -n 20 "$received")"
    elif [ "$(told firing "$@")" -ne 1 ]; then
        fail "is told once: $*" "$(grep " $1 " "$received")"
    else
        pass "resolves, told once: $*"
    fi
}
ends() { # ALERT
    if until_true 60 was_told resolved "$@"; then
        pass "resolves: $*"
    else
        fail "resolves: $*" "$(tail -n 20 "$received")"
    fi
}
pid_of() { # NAME
    cat "$work/home/service/$1/supervise/pid"
}
lane_of() { # SUBJECT
    instance psql -XqAtc "SELECT lane FROM oxe.orders WHERE trader_id = (SELECT id FROM oxe.traders WHERE subject = '$1') LIMIT 1"
}
sv_of() { # ACTION NAME …
    action=$1
    shift
    for name; do sv "$action" "$work/home/service/$name" >/dev/null; done
}
measure_criteria() {
    instance ctl report criteria --metrics >"$work/criteria" 2>/dev/null
    mv "$work/criteria" "$work/watch/textfile/criteria.prom"
}

prometheus() { # PATH ARGUMENT …
    path=$1
    shift
    curl -sSG "http://127.0.0.1:$watch_port/api/v1/$path" "$@"
}
# A new instance: alerts arrive, there is no backup yet, and nobody has measured.
fires Watchdog
fires BackupOld
fires CriteriaNotMeasured
check each_kind_goes_where_it_belongs "$(awk '$3 ~ /^(Watchdog|BackupOld|CriteriaNotMeasured)$/ { print $1, $3, $4, $5 }' "$received" | sort -u)" \
    '/heartbeat Watchdog heartbeat docs/operation/runbooks.md#watchdog
/page BackupOld page docs/operation/runbooks.md#backupold
/ticket CriteriaNotMeasured ticket docs/operation/runbooks.md#criterianotmeasured'
instance psql -qc "INSERT INTO oxe.backups (kind, label, started_at, finished_at, bytes) VALUES ('full', 'drill', now(), now(), 1)" >/dev/null
instance ctl submit --wait AAPL BUY 1 MARKET >/dev/null 2>&1
measure_criteria
resolves BackupOld
resolves CriteriaNotMeasured

# Redis and the witness away; a lane refused, where an order waits; orders whose execution the exchange keeps to itself, tells late,
# contradicts, and makes larger than was asked for; then the validator away, so that orders get 503. What waits is a trader's of another lane than that of alice, whose the
# others are.
: >"$received"
for waits in bob dora emil fred; do
    [ "$waits" = bob ] || instance ctl trader create "$waits" --cash 50000 >/dev/null
    (OXE_TOKEN=$(instance token "$waits") && export OXE_TOKEN && instance ctl submit --wait AAPL BUY 1 MARKET) >/dev/null 2>&1
    lane=$(lane_of "$waits")
    [ "$lane" = "$(lane_of alice)" ] || break
done
sv_of stop redis witness
instance ctl sim fault refuse message=logon always session="OXE-L$lane" >/dev/null
instance ctl sim fault drop-before message=any session="OXE-L$lane" >/dev/null
instance ctl sim fault overfill symbol=MSFT >/dev/null
instance ctl sim fault alter symbol=AAPL >/dev/null
instance ctl sim fault withhold until=never symbol=NVDA >/dev/null
instance ctl sim fault delay ms=6000 symbol=GOOG >/dev/null
until_true 10 sh -c "! sv status '$work/home/service/redis' | grep -q ^run"
for symbol in GOOG NVDA; do
    instance ctl submit "$symbol" BUY 1 MARKET >/dev/null 2>&1
done
for symbol in MSFT AAPL; do
    instance ctl submit --wait "$symbol" BUY 1 MARKET >/dev/null 2>&1
done
fires LaneDown "\"lane\": \"$lane\""
(OXE_TOKEN=$(instance token "$waits") && export OXE_TOKEN && instance ctl submit AMZN BUY 1 MARKET) >/dev/null 2>&1
fires OrderAlarm
fires ExchangeDoesNotAnswer
fires ExchangeSlow
fires ReportsPutAside '"kind": "DUPLICATE_DIFFERS"'
fires ServiceDegraded '"check": "redis"'
fires EventsNotPublished
fires ServiceDown '"service": "witness"'
measure_criteria
fires CriterionBroken '"criterion": "network_resilience"'
fires AuditUnwitnessed
sv_of stop validator
fires ServiceDown '"service": "validator"'
fires ServiceDegraded '"check": "validators"'
instance ctl submit NVDA BUY 1 MARKET >/dev/null 2>&1
fires AvailabilityBurnsFast
fires CriterionMissed '"criterion": "execution_reliability"'
# The slower ones burn here too, where all windows begin at the start.
burning() {
    prometheus query --data-urlencode 'query=ALERTS{alertstate="firing",alertname=~"Availability.*"}' |
        jq -r '.data.result | map(.metric.alertname) | sort | join(" ")'
}
check_soon the_budget_burns_by_each_window 'AvailabilityBurns AvailabilityBurnsFast AvailabilityBurnsSlowly' burning
if until_true 45 was_told firing OrdersWaitToBeSent; then # half a minute after it was admitted
    pass 'fires: OrdersWaitToBeSent'
else
    fail 'fires: OrdersWaitToBeSent' "$(tail -n 20 "$received")"
fi
fires OrdersInDoubt
instance ctl sim fault clear >/dev/null
sv_of start redis witness validator
resolves LaneDown "\"lane\": \"$lane\""
resolves ServiceDown '"service": "validator"'
resolves ServiceDown '"service": "witness"'
resolves ServiceDegraded '"check": "validators"'
resolves AuditUnwitnessed
resolves AvailabilityBurnsFast
resolves OrdersWaitToBeSent
doubt=$(instance ctl doubts --json | jq -r '.[0].id')
instance ctl resolve "$doubt" FILL --reason 'as the exchange says' $(instance ctl sim executions |
    jq -r --arg id "$doubt" 'select(.cl_ord_id == $id) | "--quantity \(.quantity) --price \(.price) --exec-id \(.exec_id)"') >/dev/null
resolves OrdersInDoubt
# These come anew with each order and event, and so perhaps more often.
ends OrderAlarm
ends ReportsPutAside
ends EventsNotPublished
ends ExchangeSlow
ends ExchangeDoesNotAnswer

# Nobody records.
: >"$received"
sv_of stop audit-writer-1
fires AuditWriterAlone
sv_of stop audit-writer-0
instance ctl limits alice daily_loss=99999 >/dev/null
fires NoAuditWriter
fires OutboxWaits
sv_of start audit-writer-0 audit-writer-1
resolves NoAuditWriter
resolves OutboxWaits

# The key of the log away; a witness that cannot write. An audit-writer that has just begun has signed nothing yet: until it has, the
# alert has been told already.
calm() { # ALERT
    [ "$(prometheus query --data-urlencode "query=ALERTS{alertstate=\"firing\",alertname=\"$1\"}" | jq '.data.result | length')" = 0 ] &&
        [ "$(told firing "$1")" = "$(told resolved "$1")" ]
}
until_true 20 calm AuditUnsealed
: >"$received"
mv "$work/home/keys/audit.key" "$work/home/keys/audit.key.away"
sv_of hup audit-writer-0 audit-writer-1
chmod 500 "$work/home/witness"
instance ctl limits alice daily_loss=99998 >/dev/null
fires AuditUnsealed
mv "$work/home/keys/audit.key.away" "$work/home/keys/audit.key"
sv_of hup audit-writer-0 audit-writer-1
fires WitnessCannotRemember
chmod 700 "$work/home/witness"
resolves AuditUnsealed
resolves WitnessCannotRemember

# The last checkpoint taken out of the database, and put back; events that nobody can read.
: >"$received"
instance psql -Xqc "SET session_replication_role = replica; CREATE TABLE public.kept AS SELECT * FROM oxe.audit_checkpoints ORDER BY tree_size DESC LIMIT 1;
    DELETE FROM oxe.audit_checkpoints WHERE tree_size = (SELECT tree_size FROM public.kept)" >/dev/null
instance psql -Xqc "INSERT INTO oxe.outbox (batch) VALUES ('\\xc1')" >/dev/null
instance ctl limits alice daily_loss=99997 >/dev/null
fires AuditContradicted
fires EventsPutAside
instance psql -Xqc 'SET session_replication_role = replica; INSERT INTO oxe.audit_checkpoints SELECT * FROM public.kept; DROP TABLE public.kept' >/dev/null
ends AuditContradicted
ends EventsPutAside

# The only executor away.
: >"$received"
sv_of stop executor-0
fires LanesWithoutOwner
sv_of start executor-0
resolves LanesWithoutOwner

# The machine unseen; a service that Prometheus is told nothing of; a process at its limit of files; one that ends again and again; more
# connections than may be.
: >"$received"
exporter=$(pgrep -P "$watch" prometheus-node)
kill -STOP "$exporter"
cp "$work/home/probes" "$work/probes"
grep -v ^status-broadcaster= "$work/probes" >"$work/home/probes"
limit_files() { # [SOFT:]: of the validator, as its own user; prints the limit without a word
    $([ "$(id -u)" -ne 0 ] || echo runuser -u "$(stat -c %U "$work/home/probes")" --) prlimit "--nofile${1:+=$1}" --noheadings --output SOFT --pid "$(pid_of validator)"
}
files=$(limit_files | tr -d ' ')
limit_files "$(($(ls "/proc/$(pid_of validator)/fd" | wc -l) * 10 / 9)):"
fires MachineUnseen
fires ServiceMissing '"service": "status-broadcaster"'
fires FilesNearLimit '"service": "validator"'
kill -CONT "$exporter"
cat "$work/probes" >"$work/home/probes"
limit_files "$files:"
resolves MachineUnseen
resolves ServiceMissing '"service": "status-broadcaster"'
resolves FilesNearLimit '"service": "validator"'
gateway=$work/home/service/gateway
sed "s/PER_ADDRESS='20000'/PER_ADDRESS='4'/" "$gateway/run" >"$work/run"
cp "$gateway/run" "$work/run-before"
cat "$work/run" >"$gateway/run"
probe=$(sed -n 's/^gateway=//p' "$work/probes")
for _ in 1 2 3; do # a restart shows in processor time that goes back, once both were scraped
    sv_of kill gateway
    until_true 10 curl -fsS "http://$probe/readyz"
    sleep 1.1
    seq 50 | sed "s|.*|url = http://$probe/metrics|" | curl -sS -K - >"$work/metrics"
    sleep 1.1
done
fires ServiceRestarts '"service": "gateway"'
for _ in 1 2 3 4 5 6; do
    { sleep 4 | curl -s "telnet://127.0.0.1:$port"; } >/dev/null 2>&1 &
done
fires ConnectionsRefused
cat "$work/run-before" >"$gateway/run"
sv_of restart gateway
until_true 10 curl -fsS "http://$probe/readyz"

# PostgreSQL stands still, and is away.
: >"$received"
postmaster=$(pid_of postgres)
backends=$(ps -o pid= --ppid "$postmaster")
# shellcheck disable=SC2086
kill -STOP "$postmaster" $backends 2>/dev/null
fires LoopStands
# shellcheck disable=SC2086
kill -CONT $backends "$postmaster" 2>/dev/null
ends LoopStands
sv_of stop postgres
fires ServiceNotReady '"service": "risk-manager"'
sv_of start postgres
resolves ServiceNotReady '"service": "risk-manager"'
# The dashboards' questions, as Grafana would ask them, and the criterion that Prometheus alone knows.
check prometheus_understands_every_question_of_the_dashboards "$(jq -r '.panels[] | .targets[]? | .expr' "$root"/deploy/observability/grafana/dashboards/*.json |
    sed 's/\$__rate_interval/1m/g' | while read -r expression; do
        [ "$(prometheus query --data-urlencode "query=$expression" | jq -r .status)" = success ] || echo "$expression"
    done)" ''
instance ctl watch --count 3 >/dev/null 2>&1 &
until_true 10 sh -c "curl -sS http://$(sed -n 's/^gateway=//p' "$work/home/probes")/metrics | grep -q '^oxe_websockets{.*} 1'"
instance ctl submit --wait AAPL BUY 1 MARKET >/dev/null 2>&1
knows_the_fourth() {
    instance ctl report criteria --json --prometheus "http://127.0.0.1:$watch_port" | jq -e '.[3].figure > 0 and .[3].figure <= 1'
}
if until_true 20 knows_the_fourth; then
    pass prometheus_tells_how_many_events_came_in_time
else
    fail prometheus_tells_how_many_events_came_in_time "$(instance ctl report criteria --prometheus "http://127.0.0.1:$watch_port" 2>&1)"
fi
# Whoever reads the logs at night.
check every_error_names_its_kind_its_reason_and_what_to_do "$(cat "$work"/home/log/*/current | jq -rR 'fromjson? | objects | select(.level == "error") |
    select([.kind, .reason, .next] | map(. // "" | . == "") | any) | .event' | sort | uniq -c)" ''
kill "$watch" "$receiver"
wait "$watch" "$receiver" 2>/dev/null
trap - EXIT
finish "$work/home" observability
