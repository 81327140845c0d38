# SPDX-License-Identifier: Apache-2.0
# Writes one runit service folder for each process of the instance, in a folder of its own first ($new). Sourced by up.

run_script() { # NAME, then the script's body on standard input
    folder=$new/$1
    mkdir -p "$folder/log"
    {
        # With arguments (./oxe check) it is no start.
        printf '#!/bin/sh\nexec 2>&1\n[ $# -gt 0 ] || echo >>"%s/log/%s.starts"\ncd "%s"\n' "$OXE_HOME" "$1" "$OXE_HOME"
        cat
    } >"$folder/run"
    $run_as mkdir -p "$OXE_HOME/log/$1"
    printf '#!/bin/sh\nexec svlogd "%s/log/%s"\n' "$OXE_HOME" "$1" >"$folder/log/run"
    chmod 755 "$folder/run" "$folder/log/run"
}

# service NAME BINARY VARIABLE=VALUE …: a process of the suite.
service() {
    name=$1 program=$2
    shift 2
    {
        printf 'export OXE_PROBE_LISTEN=127.0.0.1:%s\n' "$(probe_port "$name")"
        for setting in "$@"; do
            printf "export %s='%s'\n" "${setting%%=*}" "${setting#*=}"
        done
        printf 'exec "%s/%s" "$@"\n' "$bin" "$program"
    } | run_script "$name"
}

# The trading day is one setting for all: the exchange ends DAY orders when the suite says that they expire.
trading_tz=OXE_TRADING_TZ=${OXE_TRADING_TZ:-America/New_York}
trading_day_start=OXE_TRADING_DAY_START=${OXE_TRADING_DAY_START:-00:00}

database() { # ROLE: its conninfo
    printf 'host=%s port=%s dbname=oxe user=%s' "$run" "$pg_port" "$1"
}

# Where each process says how it is, for the gateway, which reads the file again and again.
write_probes() {
    for name in gateway validator risk-manager $(executors) audit-writer-0 audit-writer-1 witness status-broadcaster exchange-sim; do
        echo "$name=127.0.0.1:$(probe_port "$name")"
    done | put "$OXE_HOME/probes"
}

# The name of this instance's log, for ever.
audit_origin() {
    [ -s "$OXE_HOME/origin" ] || echo "oxe.localhost/$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" | put "$OXE_HOME/origin"
    cat "$OXE_HOME/origin"
}

# A witness keeps its name, also when it gets another log.
witness_name() {
    if [ -s "$OXE_HOME/witness/verifier" ]; then
        cut -d+ -f1 "$OXE_HOME/witness/verifier"
    else
        echo "$(audit_origin)/witness"
    fi
}

# The executors that this instance is to run.
executors() {
    i=0
    while [ "$i" -lt "$(cat "$OXE_HOME/executors" 2>/dev/null || echo 1)" ]; do
        echo "executor-$i"
        i=$((i + 1))
    done
}

write_services() {
    new=$(mktemp -d)
    write_probes
    # WAL is kept from the first ./oxe backup on, which makes that configuration.
    archive="c=$OXE_HOME/backup/pgbackrest.conf; test ! -e \$c || exec pgbackrest --config=\$c --stanza=oxe archive-push \"%p\""
    run_script postgres <<EOF
exec "$pg_bin/postgres" -D "$OXE_HOME/postgres" -p $pg_port -k "$run" -c archive_mode=on -c 'archive_command=$archive'
EOF
    # A 'smart' shutdown (TERM) would wait for clients: ask for a 'fast' one.
    mkdir -p "$new/postgres/control"
    printf '#!/bin/sh\nkill -INT "$(head -n 1 "%s/postgres/postmaster.pid")"\n' "$OXE_HOME" >"$new/postgres/control/t"
    chmod 755 "$new" "$new/postgres/control/t"
    run_script redis <<EOF
exec redis-server --port 0 --unixsocket "$run/redis.sock" --unixsocketperm 700 --dir "$OXE_HOME/redis" --save "" --appendonly no
EOF
    service exchange-sim oxe-exchange-sim "OXE_SIM_LISTEN=127.0.0.1:$sim_port" \
        "OXE_SIM_CONTROL_LISTEN=127.0.0.1:$sim_control_port" "OXE_SIM_DATA=$OXE_HOME/sim" \
        "OXE_SIM_INSTRUMENTS=$OXE_HOME/instruments.csv" "OXE_SIM_LEVELS=${OXE_SIM_LEVELS:-5}" "$trading_tz" "$trading_day_start"
    service status-broadcaster oxe-status-broadcaster "OXE_BROADCASTER_BIND=ipc://$run/broadcaster" \
        "OXE_REDIS_URL=unix://$run/redis.sock"
    for i in 0 1; do
        service audit-writer-$i oxe-audit-writer OXE_INSTANCE=$i "OXE_AUDIT_BIND=ipc://$run/audit-$i" \
            "OXE_DATABASE=$(database oxe_audit)" "OXE_BROADCASTER=ipc://$run/broadcaster" \
            "OXE_AUDIT_ORIGIN=$(audit_origin)" "OXE_AUDIT_KEY=$OXE_HOME/keys/audit.key" "OXE_AUDIT_FORMER_KEYS=$OXE_HOME/keys/audit.former" \
            "OXE_AUDIT_POLICY=$OXE_HOME/keys/audit.policy"
    done
    service witness oxe-witness "OXE_WITNESS_LISTEN=127.0.0.1:$witness_port" "OXE_WITNESS_NAME=$(witness_name)" \
        "OXE_WITNESS_KEY=$OXE_HOME/witness/key" "OXE_WITNESS_LOGS=$OXE_HOME/keys/audit.verifier" "OXE_WITNESS_STATE=$OXE_HOME/witness/state"
    audit="ipc://$run/audit-0,ipc://$run/audit-1"
    i=0
    while [ "$i" -lt "$(cat "$OXE_HOME/executors" 2>/dev/null || echo 1)" ]; do
        service executor-$i oxe-executor OXE_INSTANCE=$i "OXE_DATABASE=$(database oxe_executor)" \
        "OXE_RISK_LANES=ipc://$run/lane" "OXE_AUDIT_WRITERS=$audit" OXE_FIX_HOST=127.0.0.1 "OXE_FIX_PORT=$sim_port" \
        "EXCHANGE_API_RATE_LIMIT=${EXCHANGE_API_RATE_LIMIT:-0}" "$trading_tz" "$trading_day_start"
        i=$((i + 1))
    done
    service risk-manager oxe-risk-manager "OXE_RISK_BIND=ipc://$run/risk" "OXE_LANE_BIND=ipc://$run/lane" \
        "OXE_DATABASE=$(database oxe_risk)" "OXE_AUDIT_WRITERS=$audit" "$trading_tz" "$trading_day_start"
    service validator oxe-validator "OXE_VALIDATOR_BIND=ipc://$run/validator" "OXE_RISK_MANAGERS=ipc://$run/risk" \
        "OXE_DATABASE=$(database oxe_validator)"
    service gateway oxe-gateway "OXE_GATEWAY_LISTEN=127.0.0.1:$port" "OXE_ANSWER_BIND=ipc://$run/answer-0" \
        "OXE_VALIDATORS=ipc://$run/validator" "OXE_DATABASE_TRADER=$(database oxe_trader)" \
        "OXE_DATABASE_COMPLIANCE=$(database oxe_compliance)" "OXE_REDIS_URL=unix://$run/redis.sock" \
        "OXE_JWKS=$OXE_HOME/keys/jwks.json" OXE_JWT_ISSUER=oxe-development OXE_JWT_AUDIENCE=oxe "OXE_DEVELOPMENT_KEYS=$OXE_HOME/keys" \
        "OXE_AUDIT_POLICY=$OXE_HOME/keys/audit.policy" "OXE_PROBES=$OXE_HOME/probes" "OXE_WEB_ROOT=${OXE_WEB_ROOT:-$OXE_HOME/web}" OXE_CONNECTIONS_PER_ADDRESS=20000 \
        "OXE_ORDER_WAIT_MAX=${OXE_ORDER_WAIT_MAX:-100ms}" ORDER_EXECUTION_V2_ENABLED=true "$trading_tz" "$trading_day_start"

    # The suite's own services start when the database is migrated (start_services); until then they are down.
    for folder in "$new"/*/; do
        name=$(basename "$folder")
        if ! supervisor_pid >/dev/null; then
            $run_as rm -f "$OXE_HOME/log/$name.starts"
        elif [ -d "$SVDIR/$name" ]; then
            cmp -s "$folder/run" "$SVDIR/$name/run" || touch "$folder/changed"
            continue
        fi
        case $name in
            postgres | redis) ;;
            *) touch "$folder/down" ;;
        esac
    done
    put_folder "$new" "$SVDIR"
    rm -rf "$new"
}

# PostgreSQL and Redis, which start with their supervisor, when somebody has stopped them.
start_stores() {
    for name in postgres redis; do
        wait_for 20 "the supervisor of $name" is_supervised "$name"
        $run_as sv up "$SVDIR/$name" >/dev/null
    done
}

# The suite's own, each before those that send to it: so nobody is sent what it does not know yet.
from_the_exchange_outwards() {
    for pattern in exchange-sim witness status-broadcaster audit-writer- executor- risk-manager validator gateway; do
        services | grep "^$pattern"
    done
}

# What does not end within 30 s is killed; then sv fails, and does not wait for the end.
stop_service() { # NAME
    $run_as sv -w 30 force-stop "$SVDIR/$1" >/dev/null ||
        wait_for 10 "the end of $1" sh -c "$run_as sv status '$SVDIR/$1' | grep -q '^down:'"
}

# Starts what does not run, and restarts what runs an older program or with other settings, one after the other.
start_services() {
    $run_as rm -f "$SVDIR/postgres/down" "$SVDIR/redis/down"
    for name in $(from_the_exchange_outwards); do
        $run_as rm -f "$SVDIR/$name/down"
        wait_for 20 "the supervisor of $name" is_supervised "$name"
        if ! $run_as sv status "$SVDIR/$name" | grep -q '^run:'; then
            put "$OXE_HOME/log/$name.starts" </dev/null
            $run_as sv up "$SVDIR/$name" >/dev/null
        elif [ -e "$SVDIR/$name/changed" ] || readlink "/proc/$(cat "$SVDIR/$name/supervise/pid")/exe" | grep -q ' (deleted)$'; then
            say "restarting $name: it has changed"
            stop_service "$name"
            $run_as sv up "$SVDIR/$name" >/dev/null
            put "$OXE_HOME/log/$name.starts" </dev/null
            wait_until_ready 60 "$name"
        fi
        $run_as rm -f "$SVDIR/$name/changed"
    done
}
