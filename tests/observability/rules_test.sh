#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules of deploy/observability (TAP): each scenario of scenarios.txt fires its alert and no other, and every alert has a scenario and a
# section in the runbooks; who hears of alerts; what autoscalers go by. Takes seconds, and starts nothing.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
. "$root/tests/e2e/tap.sh"
cd "$root/deploy/observability" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rules=$(ls "$PWD"/rules/*.yml)
alerts=$(sed -n 's/^ *- alert: //p' $rules | sort)

# One promtool file a scenario: NUMBER.yml, with its title in NUMBER.title.
awk -v folder="$work" -v rules="$rules" '
    function seconds(text) {
        unit = substr(text, length(text)); amount = substr(text, 1, length(text) - 1)
        return amount * (unit == "d" ? 86400 : unit == "h" ? 3600 : unit == "m" ? 60 : 1)
    }
    function firing(at, names,    i, count, list) {
        print "      - expr: group by (alertname) (ALERTS{alertstate=\"firing\"})\n        eval_time: " at "\n        exp_samples:" >file
        count = split(names, list, " ")
        for (i = 1; i <= count; i++)
            print "          - { labels: '"'"'{alertname=\"" list[i] "\"}'"'"', value: 1 }" >file
    }
    function finish(    i, name, values, samples) {
        if (title == "") return
        if (step == "") step = at == "" ? "30s" : "10s"
        if (at == "") at = "20m"
        file = folder "/" sprintf("%03d", ++number) ".yml"
        print title >(folder "/" sprintf("%03d", number) ".title")
        print "rule_files:" >file
        count = split(rules, paths, "\n")
        for (i = 1; i <= count; i++) print "  - " paths[i] >file
        print "evaluation_interval: " step "\ntests:\n  - interval: " step "\n    input_series:" >file
        samples = int(seconds(at) / seconds(step)) + 2
        for (i = 1; i <= known; i++) {
            name = order[i]; values = name in changed ? changed[name] : healthy[name]
            if (values == "-") continue
            gsub(/xN/, "x" samples, values)
            print "      - series: '"'"'" name "'"'"'\n        values: '"'"'" values "'"'"'" >file
        }
        for (name in changed) if (!(name in healthy)) {
            values = changed[name]; gsub(/xN/, "x" samples, values)
            print "      - series: '"'"'" name "'"'"'\n        values: '"'"'" values "'"'"'" >file
        }
        split(title, words, " ")
        print "    promql_expr_test:" >file
        firing(at, words[1] == "Watchdog" ? "Watchdog" : "Watchdog " words[1] " " also)
        if (calm != "") {
            print "      - expr: count(ALERTS{alertstate=\"firing\",alertname=\"" words[1] "\"}) or vector(0)\n        eval_time: " calm \
                "\n        exp_samples: [ { labels: \"{}\", value: 0 } ]" >file
        }
        close(file)
    }
    /^#/ || NF == 0 { next }
    $1 == "healthy" { well = 1; next }
    $1 == "scenario" { finish(); well = 0; title = substr($0, 10); step = at = ""; calm = ""; also = ""; split("", changed); next }
    $1 == "at" { at = $2; next }
    $1 == "step" { step = $2; next }
    $1 == "calm" { calm = $2; next }
    $1 == "also" { also = substr($0, index($0, $2)); next }
    {
        name = $1; values = substr($0, index($0, " = ") + 3)
        if (well) { order[++known] = name; healthy[name] = values } else changed[name] = values
    }
    END { finish() }' "$root/tests/observability/scenarios.txt"

check promtool_accepts_the_rules "$(promtool check rules $rules 2>&1 | grep -iE 'fail|error|warn|duplicate')" ''
check promtool_accepts_the_configuration "$(promtool check config prometheus.yml >/dev/null 2>&1; echo $?)" 0
# Debian's promtool knows no clusters.
{ echo scrape_configs: && sed '/kubernetes_sd_configs/,/namespaces/d' kubernetes.yml; } >"$work/kubernetes.yml"
check promtool_accepts_the_targets_of_a_cluster "$(promtool check config "$work/kubernetes.yml" >/dev/null 2>&1; echo $?)" 0

# Who hears of what, with these variables. In the place of Alertmanager stands what prints its configuration, once amtool has accepted it.
cat >"$work/alertmanager" <<'SH'
#!/bin/sh
file=${1#--config.file=}
amtool check-config "$file" >/dev/null || exit
awk '$2 == "name:" { name = $3 } $2 == "url:" { print name, $3 }' "$file"
SH
chmod +x "$work/alertmanager"
mkdir "$work/scratch"
hears() { # VARIABLE=VALUE …
    env -u OXE_ALERT_PAGE -u OXE_ALERT_TICKET -u OXE_ALERT_HEARTBEAT TMPDIR="$work/scratch" ALERTMANAGER="$work/alertmanager" "$@" \
        sh ./alertmanager alertmanager.yml 2>&1
}
check tickets_go_to_the_pager_where_they_have_no_place_and_heartbeats_do_not "$(hears OXE_ALERT_PAGE='https://pager.example/?a=b&c')" \
    "page 'https://pager.example/?a=b&c'
ticket 'https://pager.example/?a=b&c'"
echo https://desk.example/secret >"$work/ticket"
check each_goes_to_its_own_place "$(hears OXE_ALERT_PAGE=https://p OXE_ALERT_TICKET_FILE="$work/ticket" OXE_ALERT_HEARTBEAT=https://h)" \
    "page 'https://p'
ticket 'https://desk.example/secret'
heartbeat 'https://h'"
check without_an_address_nobody_is_called "$(hears)" ''
check no_address_is_left_on_the_disk "$(ls "$work/scratch")" ''
for file in "$work"/[0-9]*.yml; do
    check "fires: $(cat "${file%.yml}.title")" "$(promtool test rules "$file" 2>&1 | grep -v '^ *SUCCESS\|^Unit Testing\|^$')" ''
done

check every_alert_has_a_scenario "$(printf '%s\n' $alerts | while read -r alert; do
    grep -q "^scenario $alert\b" "$root/tests/observability/scenarios.txt" || echo "$alert"
done)" ''
check every_alert_has_its_section_in_the_runbooks "$(printf '%s\n' $alerts | while read -r alert; do
    grep -qx "### $alert" "$root/docs/operation/runbooks.md" || echo "$alert"
done)" ''
printf '%s\n' $alerts >"$work/alerts"
check every_section_about_an_alert_is_about_one_that_exists \
    "$(sed -n '/^## What alerts say/,$s/^### \([A-Z][A-Za-z]*\)$/\1/p' "$root/docs/operation/runbooks.md" | sort | comm -23 - "$work/alerts")" ''
check every_alert_says_what_how_grave_and_what_to_do "$(awk '
    function told() { if (alert != "" && !(severity && summary && description && runbook)) print alert }
    /- alert:/ || /- record:/ { told(); alert = ""; severity = summary = description = runbook = 0 }
    /- alert:/ { alert = $3 }
    /severity: (page|ticket|heartbeat)/ { severity = 1 }
    / summary: ./ { summary = 1 }
    / description: ./ { description = 1 }
    / runbook_url: / { runbook = $2 == "docs/operation/runbooks.md#" tolower(alert) }
    END { told() }' $rules)" ''

# What the gateways' autoscaler goes by (deploy/kubernetes): reads wait, too, and when nobody sends orders they are no reason for more gateways.
adapter=$root/deploy/kubernetes/overlays/production/prometheus-adapter.yaml
waits=$(awk '/as: oxe_gateway_request_age_seconds/ { found = 1; next } found && /- seriesQuery:/ { exit } found && query { print } /metricsQuery:/ { query = found }' \
    "$adapter" | sed 's/<<.LabelMatchers>>/pod="gateway-1"/g; s/<<.GroupBy>>/pod/g' | tr -s '\n ' ' ')
cat >"$work/waits.yml" <<YAML
evaluation_interval: 10s
tests:
  - interval: 10s
    input_series:
      - { series: 'oxe_http_parked{pod="gateway-1"}', values: '1x30' }
      - { series: 'oxe_answers_total{pod="gateway-1",outcome="created"}', values: '0x30' }
      - { series: 'oxe_http_requests_total{pod="gateway-1",operation="submitOrder",class="2xx"}', values: '0x30' }
      - { series: 'oxe_http_requests_total{pod="gateway-1",operation="listOrders",class="2xx"}', values: '0+1000x30' }
      - { series: 'oxe_http_requests_total{pod="gateway-1",operation="ready",class="2xx"}', values: '0+1000x30' }
    promql_expr_test:
      - expr: >-
          $waits
        eval_time: 4m
        exp_samples: [ { labels: '{pod="gateway-1"}', value: 0.01 } ]
YAML
check reads_that_wait_10_ms_are_told_as_10_ms "$(promtool test rules "$work/waits.yml" 2>&1 | grep -v '^ *SUCCESS\|^Unit Testing\|^$')" ''
echo "1..$number"
[ "$failed" -eq 0 ]
