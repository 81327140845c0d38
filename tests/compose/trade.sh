#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The second half of run.sh: a suite under compose, and everything that happens to it. run.sh exports what it needs.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
. "$root/tests/compose/engine.sh"
. "$root/tests/compose/suite.sh"
cd "$root" || exit 1
pass the_images_are_built

load_pid=
client_pid=
trap 'down >/dev/null 2>&1; engine_end; rm -f "$work/client.cfg"' EXIT
trap 'exit 1' INT TERM
engine_in_namespace || {
    fail the_engine_starts_in_a_network_of_its_own "$(tail -n 5 "$engine_run/log")"
    echo "1..$number"
    exit 1
}

# --- up ---
set -a
. "$root/deploy/demo.env"
set +a
base=$(free_port_base)
export COMPOSE_PROFILES=demo,edge,backup OXE_HTTP_PORT="$base-$((base + 7))" OXE_HTTPS_PORT=$((base + 8))
export OXE_EXECUTORS=3 OXE_GATEWAYS=2 OXE_VALIDATORS=2 OXE_RISK_MANAGERS=2
client_port=$((base + 9))
# An operator's own password, of every awkward character and without a new line, for one of the roles: kept, and it works.
awkward='a/b@c#d e'"'"'f"g%h\:i?k&l$m\\n'
docker compose run --rm -T --no-deps -e "PASSWORD=$awkward" --entrypoint sh secrets -c '
    install -d -o oxe -m 700 /secrets/validator && printf "*:*:*:oxe_validator:%s" "$PASSWORD" >/secrets/validator/pgpass &&
    chown oxe /secrets/validator/pgpass && chmod 400 /secrets/validator/pgpass' </dev/null >"$work/own.log" 2>&1
began=$(date +%s)
if docker compose up -d --wait >"$work/up.log" 2>&1; then
    pass up_ends_when_every_container_is_healthy
else
    fail up_ends_when_every_container_is_healthy "$(grep -v -E ' (Created|Creating|Waiting|Starting|Started|Healthy|Exited)$' "$work/up.log" | tail -n 5)
$(docker compose ps -a --format '{{.Name}} {{.Status}}' | grep -v healthy)
$(docker compose logs --no-color --tail 5 2>&1)"
    end_here
fi
echo "# up: $(($(date +%s) - began)) s, $(docker compose ps -q | wc -l) containers" >&2
check three_executors_share_the_lanes "$(wait_lanes 3)" '2 3 3'
start_client

. "$root/tests/compose/apart.sh"

check an_operator_s_own_password_is_kept "$(inside validator cut -d: -f5- /secrets/pgpass)" "$awkward"

# The demo's issuer is believed by deploy/demo.env alone: nothing of it remains for an installation without.
check the_demo_leaves_no_key_behind "$(inside gateway cat /public/jwks.json)" '{"keys":[]}'

# --- trading ---
certificate=$work/certificate.pem
docker compose exec -T edge cat /secrets/site.pem | sed '/PRIVATE KEY/,$d' >"$certificate"
OXE_TOKEN=$(ctl token --keys /development alice)
export OXE_TOKEN
check a_deployment_takes_orders_by_https \
    "$(CURL_CA_BUNDLE=$certificate deploy/smoke "https://localhost:$OXE_HTTPS_PORT" >"$work/smoke" 2>&1 || cat "$work/smoke")" ''
unset OXE_TOKEN # from here on ctl is who each command asks for
check the_edge_speaks_http_2 "$(curl -s --cacert "$certificate" -o /dev/null -w '%{http_version}' "https://localhost:$OXE_HTTPS_PORT/")" 2
check an_order_is_filled "$(ctl submit --wait AAPL BUY 100 MARKET | sed -n 's/^status  *//p')" 'FILLED (DONE)'
# shellcheck disable=SC2154
if [ -x /usr/bin/chromium ] && [ -d "$root/frontend/node_modules" ]; then
    check the_screen_trades "$(cd frontend && OXE_SCREEN_URL=http://$(docker compose port gateway 8080) OXE_BROWSER_RESULTS=$work/browser \
        node_modules/.bin/playwright test >"$work/screen" 2>&1 || tail -n 30 "$work/screen")" ''
else
    skip the_screen_trades 'needs chromium and the packages of the screen (./oxe test browser brings them)'
fi

if [ "$soak" -gt 0 ]; then
    . "$root/tests/compose/soak.sh"
    end_here
fi

# The first backup is due at once; it is recorded, and can be read back.
recorded() {
    [ "$(echo 'SELECT count(*) FROM oxe.backups' | sql)" -ge 1 ]
}
if until_true 120 recorded; then
    pass a_backup_is_made
else
    fail a_backup_is_made "$(docker compose logs --no-color --tail 10 backup)"
fi
check the_backup_is_whole "$(docker compose exec -T backup pgbackrest --config=/var/lib/oxe-backup/pgbackrest.conf --stanza=oxe verify \
    >"$work/backup" 2>&1 </dev/null || cat "$work/backup")" ''

# --- watched ---
export OXE_PROMETHEUS_PORT=$((base + 10))
if COMPOSE_PROFILES=$COMPOSE_PROFILES,observability docker compose up -d --no-deps prometheus alertmanager node-exporter criteria >"$work/watch.log" 2>&1; then
    # Every process of the suite: what runs, less PostgreSQL, Redis, the edge, the backup and the watchers themselves.
    wanted=$(docker compose ps --format '{{.Service}}' | grep -vcxE 'postgres|redis|edge|backup|prometheus|alertmanager|node-exporter|criteria|grafana')
    scraped() {
        [ "$(curl -s "http://127.0.0.1:$OXE_PROMETHEUS_PORT/api/v1/query" --data-urlencode 'query=count(up{job="oxe"} == 1)' |
            jq -r '.data.result[0].value[1]')" = "$wanted" ]
    }
    until_true 60 scraped
    check every_process_is_scraped "$(curl -s "http://127.0.0.1:$OXE_PROMETHEUS_PORT/api/v1/query" --data-urlencode 'query=count(up{job="oxe"} == 1)' |
        jq -r '.data.result[0].value[1]')" "$wanted"
    measured() {
        curl -s "http://127.0.0.1:$OXE_PROMETHEUS_PORT/api/v1/query" --data-urlencode 'query=time() - oxe_criteria_timestamp_seconds < 3600' |
            jq -e '.data.result | length == 1'
    }
    if until_true 60 measured; then
        pass the_success_criteria_are_measured
    else
        fail the_success_criteria_are_measured "$(docker compose logs --no-color --tail 5 criteria node-exporter)"
    fi
    check every_rule_is_evaluated "$(curl -s "http://127.0.0.1:$OXE_PROMETHEUS_PORT/api/v1/rules" |
        jq -r '.data.groups[].rules[] | select(.health == "err") | "\(.name): \(.lastError)"')" ''
else
    fail the_watchers_start "$(tail -n 10 "$work/watch.log")"
fi

# --- under load ---
start_load 60
for service in validator risk-manager executor audit-writer status-broadcaster gateway witness-2 exchange-sim redis postgres; do
    began=$(date +%s%3N)
    if kill_one "$service" && until_true 60 all_healthy; then
        pass "killed_and_back: $service"
        echo "# $service: healthy again after $(($(date +%s%3N) - began)) ms" >&2
    else
        fail "killed_and_back: $service" "$(docker compose ps -a --format '{{.Name}} {{.Status}}' | grep -v healthy)"
    fi
done

# Interrupted, once it has begun with another set of containers.
executors() {
    docker compose ps -aq executor | sort
}
before=$(executors)
deploy/rolling-upgrade "${OXE_TAG}b" executor >"$work/rolling" 2>&1 9>&- &
upgrade=$!
new_ones() {
    [ "$(executors | wc -l)" -gt "$(printf '%s\n' "$before" | wc -l)" ]
}
until_true 20 new_ones || fail an_upgrade_begins "$(cat "$work/rolling")"
kill -TERM "$upgrade"
wait "$upgrade"
check an_interrupted_upgrade_leaves_the_old_containers "$? $(executors)" "143 $before"

for to in "${OXE_TAG}b" "$OXE_TAG"; do
    began=$(date +%s)
    if deploy/rolling-upgrade "$to" >"$work/rolling" 2>&1; then
        pass "every_service_is_upgraded: to $to"
    else
        fail "every_service_is_upgraded: to $to" "$(tail -n 20 "$work/rolling")"
    fi
    echo "# rolling upgrade of all: $(($(date +%s) - began)) s" >&2
    check "all_containers_are_of_the_tag: $to" \
        "$(docker compose ps --format '{{.Image}}' | grep oxe-test/ | grep -v "exchange-sim:\|postgres:\|:$to$")" ''
done

for count in 1 4 3; do
    OXE_EXECUTORS=$count docker compose up -d --no-deps --no-recreate --wait executor >"$work/scale" 2>&1
    case $count in
        1) shares='8' ;;
        3) shares='2 3 3' ;;
        4) shares='2 2 2 2' ;;
    esac
    check "lanes_are_shared_anew: $count executors" "$(wait_lanes "$count")" "$shares"
done
end_load
# What it says of an hour of kills is no matter; that it can be asked is.
ctl flag true >/dev/null
OXECTL='docker compose run --rm -T ctl' PSQL='docker compose exec -T postgres psql' OXE_DATABASE_COMPLIANCE='dbname=oxe user=oxe_compliance' \
    deploy/rollout-check </dev/null >"$work/rollout" 2>&1
check the_roll_out_can_be_checked "$(($? <= 1)) $(grep -cE '^(ok|NO|[?]) ' "$work/rollout")" '1 15'
. "$root/tests/compose/rest.sh"

# --- the database is lost with its machine, and restored ---
known=$(echo 'SELECT count(*) FROM oxe.orders' | sql)
echo 'SELECT pg_switch_wal()' | sql >/dev/null
archived() {
    [ "$(echo "SELECT last_archived_wal IS NOT NULL AND last_archived_time > now() - interval '5 s' FROM pg_stat_archiver" | sql)" = t ]
}
until_true 30 archived
docker compose --profile '*' down >"$work/down.log" 2>&1
docker volume rm "${COMPOSE_PROJECT_NAME}_postgres" >/dev/null
began=$(date +%s)
if docker compose run --rm -T restore </dev/null >"$work/restore.log" 2>&1 && docker compose up -d --wait >"$work/up-again.log" 2>&1; then
    pass a_lost_database_is_restored
    echo "# restored and up again: $(($(date +%s) - began)) s" >&2
else
    fail a_lost_database_is_restored "$(tail -n 10 "$work/restore.log" "$work/up-again.log")"
fi
check every_order_is_there "$(echo 'SELECT count(*) FROM oxe.orders' | sql)" "$known"
check no_order_is_taken_on_it "$(ctl flag --json | jq -r '.[0] | "\(.percent) \(.actor)"')" '0 restore'
check_soon its_invariants_hold '' invariants

# --- down ---
began=$(date +%s)
down >"$work/last-down.log" 2>&1
echo "# down: $(($(date +%s) - began)) s" >&2
check nothing_remains "$(docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"; docker volume ls -q | grep "^$COMPOSE_PROJECT_NAME")" ''
# The engine may keep a network's endpoint whose container is gone; it is told so, and then the network can be removed.
what_networks() {
    networks=$(docker network ls --format '{{.Name}}' | grep "^$COMPOSE_PROJECT_NAME")
    for network in $networks; do
        for endpoint in $(docker network inspect -f '{{range .Containers}}{{.Name}} {{end}}' "$network"); do
            docker network disconnect -f "$network" "$endpoint" >>"$work/last-down.log" 2>&1
        done
        docker network rm "$network" >>"$work/last-down.log" 2>&1
    done
    printf %s "$networks"
}
check_soon no_network_remains '' what_networks
end_here
