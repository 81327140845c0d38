# SPDX-License-Identifier: Apache-2.0
# The suite on nine hosts, configured by deploy/ha: db1 to db3 (etcd, Patroni with PostgreSQL, Redis, Sentinel), app1 and app2 (gateway,
# validator, risk-manager, audit-writer, status-broadcaster, PgBouncer; a witness on app1), ex1 and ex2 (executors), sim (the exchange)
# and client (the edge's HAProxy and the load). Sourced after net.sh; $build and $root are set.
databases='db1 db2 db3' apps='app1 app2' floors='ex1 ex2'
hosts="$databases $apps $floors sim client"
patience=${OXE_HA_PATIENCE:-120} # seconds for each step of the start, on a busy machine

address() {
    case $1 in
        db*) echo "10.77.0.1${1#db}" ;;
        app*) echo "10.77.0.2${1#app}" ;;
        ex*) echo "10.77.0.3${1#ex}" ;;
        sim) echo 10.77.0.41 ;;
        client) echo 10.77.0.51 ;;
    esac
}

# config HOST TEMPLATE FILE: the file in the host's data folder, its user's alone.
config() {
    HOST=$1 ADDRESS=$(address "$1") DATA=$work/$1/data "$root/deploy/ha/render" "$root/deploy/ha/$2" >"$work/$1/data/$3"
    chown oxe:oxe "$work/$1/data/$3"
    chmod 600 "$work/$1/data/$3"
}

set_values() {
    for i in 1 2 3; do export "DB$i=$(address "db$i")"; done
    for i in 1 2; do export "APP$i=$(address "app$i")"; done
    secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    export POSTGRES_PASSWORD="p$secret" REPLICATION_PASSWORD="r$secret" REWIND_PASSWORD="w$secret" PATRONI_PASSWORD="a$secret"
    export REDIS_PASSWORD="d$secret" ROLE_PASSWORD="o$secret" REDIS_MASTER="$DB1"
    export DATABASE_NETWORK=10.77.0.0/24 SUITE_NETWORK=10.77.0.0/24 SHARED_BUFFERS=64MB MAX_WAL_SIZE=1GB
    export SYNCHRONOUS="${SYNCHRONOUS:-true}" EDGE_LISTEN=127.0.0.1:8080 ETCD_STATE=new
    export ETCD_HOSTS="$DB1:2379,$DB2:2379,$DB3:2379"
    export ETCD_CLUSTER="db1=http://$DB1:2380,db2=http://$DB2:2380,db3=http://$DB3:2380"
}

database_host() { # HOST
    config "$1" etcd.yml.in etcd.yml
    config "$1" patroni.yml.in patroni.yml
    config "$1" redis.conf.in redis.conf
    config "$1" sentinel.conf.in sentinel.conf
    [ "$(address "$1")" = "$REDIS_MASTER" ] || echo "replicaof $REDIS_MASTER 6379" >>"$work/$1/data/redis.conf"
    echo 'exec etcd --config-file etcd.yml' | service "$1" etcd
    echo 'exec patroni patroni.yml' | service "$1" patroni
    echo 'exec redis-server redis.conf' | service "$1" redis
    echo 'exec redis-sentinel sentinel.conf' | service "$1" sentinel
}

# A pair of CURVE keys for each process that binds or connects a pipe.
make_keys() {
    mkdir "$work/curve"
    for process in gateway-1 gateway-2 validator-1 validator-2 risk-1 risk-2 audit-1 audit-2 broadcaster-1 broadcaster-2 executor-1 executor-2; do
        "$build/services/oxectl/oxectl" curve keygen >"$work/curve/$process"
    done
    chown -R oxe:oxe "$work/curve"
    chmod 700 "$work/curve"
}

public() { # PROCESS
    sed -n "s/^OXE_CURVE_PUBLIC_KEY='\(.*\)'/\1/p" "$work/curve/$1"
}

# publics KIND …: of both processes of each kind.
publics() {
    for kind in "$@"; do
        printf '%s,%s\n' "$(public "$kind-1")" "$(public "$kind-2")"
    done | paste -sd ,
}

# both KIND PORT: the endpoints of both, each with its key. Validators and so on are on app1 and app2.
both() {
    echo "tcp://$APP1:$2#$(public "$1-1"),tcp://$APP2:$2#$(public "$1-2")"
}

login() { # ROLE [PORT]
    echo "host=127.0.0.1 port=${2:-5000} dbname=oxe user=$1 password=$ROLE_PASSWORD connect_timeout=5"
}

# process HOST NAME PROBE-PORT BINARY CURVE-NAME VARIABLE=VALUE …
process() {
    process_host=$1 process_name=$2 probe=$3 binary=$4 pair=$5
    shift 5
    {
        [ "$pair" = none ] || sed 's/^/export /' "$work/curve/$pair"
        printf "export OXE_PROBE_LISTEN=0.0.0.0:%s OXE_INSTANCE=%s\n" "$probe" "$process_host"
        for setting in "$@"; do
            printf "export %s='%s'\n" "${setting%%=*}" "${setting#*=}"
        done
        printf 'exec "%s/bin/%s"\n' "$work" "$binary"
    } | service "$process_host" "$process_name"
}

haproxy_on() { # HOST FILE …
    balancer=$1
    shift
    for file in "$@"; do config "$balancer" "$file.in" "$file"; done
    echo "exec haproxy -db $(for file in "$@"; do printf -- '-f %s ' "$file"; done)" | service "$balancer" haproxy
}

app_host() { # HOST
    i=${1#app} at=$(address "$1")
    haproxy_on "$1" haproxy.cfg
    config "$1" pgbouncer.ini.in pgbouncer.ini
    printf '"oxe_trader" "%s"\n"oxe_compliance" "%s"\n' "$ROLE_PASSWORD" "$ROLE_PASSWORD" >"$work/$1/data/userlist.txt"
    chown oxe:oxe "$work/$1/data/userlist.txt"
    chmod 600 "$work/$1/data/userlist.txt"
    echo 'exec pgbouncer pgbouncer.ini' | service "$1" pgbouncer
    process "$1" gateway 8090 oxe-gateway "gateway-$i" OXE_GATEWAY_LISTEN=0.0.0.0:8080 "OXE_ANSWER_BIND=tcp://$at:5560" \
        "OXE_ANSWER_ADDRESS=tcp://$at:5560#$(public "gateway-$i")" "OXE_CURVE_CLIENT_KEYS=$(publics risk)" \
        "OXE_VALIDATORS=$(both validator 5561)" "OXE_DATABASE_TRADER=$(login oxe_trader 6432)" \
        "OXE_DATABASE_COMPLIANCE=$(login oxe_compliance 6432)" OXE_REDIS_URL=redis://127.0.0.1:6379 "OXE_REDIS_PASSWORD=$REDIS_PASSWORD" \
        "OXE_JWKS=$work/keys/jwks.json" OXE_JWT_ISSUER=oxe-development OXE_JWT_AUDIENCE=oxe "OXE_AUDIT_POLICY=$work/keys/audit.policy" \
        OXE_CONNECTIONS_PER_ADDRESS=20000 ORDER_EXECUTION_V2_ENABLED=true
    process "$1" validator 8091 oxe-validator "validator-$i" "OXE_VALIDATOR_BIND=tcp://$at:5561" "OXE_CURVE_CLIENT_KEYS=$(publics gateway)" \
        "OXE_RISK_MANAGERS=$(both risk 5562)" "OXE_DATABASE=$(login oxe_validator)"
    process "$1" risk-manager 8092 oxe-risk-manager "risk-$i" "OXE_RISK_BIND=tcp://$at:5562" "OXE_LANE_BIND=tcp://$at:5600" \
        "OXE_CURVE_CLIENT_KEYS=$(publics validator executor)" "OXE_AUDIT_WRITERS=$(both audit 5563)" "OXE_DATABASE=$(login oxe_risk)"
    process "$1" audit-writer 8093 oxe-audit-writer "audit-$i" "OXE_AUDIT_BIND=tcp://$at:5563" "OXE_CURVE_CLIENT_KEYS=$(publics risk executor)" \
        "OXE_BROADCASTER=tcp://$at:5564#$(public "broadcaster-$i")" "OXE_DATABASE=$(login oxe_audit)" "OXE_AUDIT_ORIGIN=$origin" \
        "OXE_AUDIT_KEY=$work/keys/audit.key" "OXE_AUDIT_POLICY=$work/keys/audit.policy"
    process "$1" status-broadcaster 8094 oxe-status-broadcaster "broadcaster-$i" "OXE_BROADCASTER_BIND=tcp://$at:5564" \
        "OXE_CURVE_CLIENT_KEYS=$(publics audit)" OXE_REDIS_URL=redis://127.0.0.1:6379 "OXE_REDIS_PASSWORD=$REDIS_PASSWORD"
}

floor_host() { # HOST
    i=${1#ex}
    haproxy_on "$1" haproxy.cfg
    process "$1" executor 8090 oxe-executor "executor-$i" "OXE_DATABASE=$(login oxe_executor)" "OXE_RISK_LANES=$(both risk 5600)" \
        "OXE_AUDIT_WRITERS=$(both audit 5563)" "OXE_FIX_HOST=$(address sim)" OXE_FIX_PORT=9880 EXCHANGE_API_RATE_LIMIT=0
}

# The keys that the processes share: the development issuer's, the log's, the witness', and whom to believe.
make_audit_keys() {
    origin=oxe.ha/$net
    ctl="$work/bin/oxectl"
    install -d -o oxe -m 700 "$work/keys" "$work/app1/data/witness"
    on app1 "$ctl" issuer "$work/keys" >/dev/null
    on app1 "$ctl" audit keygen "$work/keys/audit.key" "$origin" >"$work/verifier"
    on app1 "$ctl" audit keygen --witness "$work/app1/data/witness/key" "$origin/witness" >"$work/witness-verifier"
    printf 'log %s\nwitness local %s http://%s:8095\nquorum local\n' "$(cat "$work/verifier")" "$(cat "$work/witness-verifier")" "$APP1" \
        >"$work/keys/audit.policy"
    chown oxe:oxe "$work/keys/audit.policy"
}

# A new machine in the place and at the address of a database host that is lost for good, as docs/operation/high-availability.md tells.
replace_database_host() { # HOST
    for witness in $databases; do [ "$witness" = "$1" ] || break; done
    id=$(on "$witness" etcdctl member list | awk -F ', ' -v name="$1" '$3 == name {print $1}')
    on "$witness" etcdctl member remove "$id"
    on "$witness" etcdctl member add "$1" --peer-urls="http://$(address "$1"):2380"
    REDIS_MASTER=$(on "$witness" env REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -h "$(address "$witness")" -p 26379 \
        sentinel get-master-addr-by-name oxe | head -n 1)
    mv "$work/$1" "$work/$1-lost"
    plug_host "$1" "$(address "$1")"
    ETCD_STATE=existing
    database_host "$1"
    start_host "$1"
}

sql() { # ARGUMENT …: as the superuser, on whichever host is the primary
    PGPASSWORD=$POSTGRES_PASSWORD on client psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p 5000 -U postgres -d "${database:-oxe}" "$@"
}

oxectl() { # ARGUMENT …
    OXE_SIM_CONTROL=$(address sim):8084 OXE_URL=http://127.0.0.1:8080 OXE_DEVELOPMENT_KEYS=$work/keys OXE_AUDIT_POLICY=$work/keys/audit.policy \
        OXE_DATABASE="$(login oxe_operations)" on client "$work/bin/oxectl" "$@"
}

patroni_of() { # HOST PATH: what its REST interface says, from the host itself
    on "$1" curl -sS --max-time 3 "http://$(address "$1"):8008/$2"
}

primary() {
    for host in $databases; do
        [ -f "$work/$host/pid" ] || continue
        [ "$(on "$host" curl -s -o /dev/null -w '%{http_code}' --max-time 3 "http://$(address "$host"):8008/primary")" != 200 ] || echo "$host"
    done
}

synchronous_standby() {
    database=postgres sql -c "SELECT application_name FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') LIMIT 1"
}

accepts_writes() {
    database=postgres sql -c 'CREATE TEMPORARY TABLE probe (n int)' </dev/null &&
        { [ "$SYNCHRONOUS" = false ] || [ -n "$(synchronous_standby)" ]; }
}

# The standbys hear nothing any more of what this host's PostgreSQL writes; all else goes on.
cut_replication() { # HOST
    for standby in $databases; do
        ip netns exec "$net-$1" iptables -A OUTPUT -p tcp --sport 5432 -d "$(address "$standby")" -j DROP
    done
}

standbys_stream() { # COUNT
    [ "$(database=postgres sql -c "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" = "$1" ]
}

# Ready, and with nothing degraded, such as Redis.
ready() { # HOST PORT
    says=$(on "$1" curl -fs --max-time 2 "http://127.0.0.1:$2/readyz") || return
    case $says in *degraded*) return 1 ;; esac
}

# What the processes say of themselves that are not as they should be.
complaints() {
    for app in $apps; do
        for port in 8090 8091 8092 8093 8094; do ready "$app" "$port" || echo "$app:$port $says"; done
    done
    for floor in $floors; do ready "$floor" 8090 || echo "$floor:8090 $says"; done
}

all_ready() {
    for app in $apps; do
        for port in 8090 8091 8092 8093 8094; do ready "$app" "$port" || return; done
    done
    for floor in $floors; do ready "$floor" 8090 || return; done
}

lanes_up() {
    [ "$(sql -c "SELECT count(*) FROM oxe.lanes WHERE session = 'READY'")" = 8 ] &&
        [ "$(sql -c 'SELECT count(DISTINCT owner) FROM oxe.lanes')" = "${1:-2}" ]
}

has_prices() {
    [ "$(sql -c 'SELECT count(*) FROM oxe.instruments i LEFT JOIN oxe.last_prices p USING (symbol) WHERE i.tradable AND p.symbol IS NULL')" = 0 ]
}

prepare_database() {
    database=postgres sql -c 'CREATE DATABASE oxe' </dev/null
    cp -r "$root/migrations" "$work/migrations"
    chmod -R a+rX "$work/migrations"
    (cd "$work/migrations" && PGPASSWORD=$POSTGRES_PASSWORD SQITCH_FULLNAME=oxe SQITCH_EMAIL=oxe@localhost \
        on client sqitch deploy "db:pg://postgres@127.0.0.1:5000/oxe") >"$work/sqitch" 2>&1 || return
    for role in oxe_validator oxe_risk oxe_executor oxe_audit oxe_trader oxe_compliance oxe_operations; do
        echo "ALTER ROLE $role PASSWORD '$ROLE_PASSWORD';"
    done | sql
    for file in reference demo-traders load-traders; do install -m 644 "$root/deploy/local/$file.sql" "$work/$file.sql"; done
    sql -f "$work/reference.sql" <"$root/deploy/local/instruments.csv"
    sql -f "$work/demo-traders.sql" </dev/null
    sql -v count=200 -f "$work/load-traders.sql" </dev/null
}

# Starts everything; says what did not come.
start_suite() {
    set_values
    mkdir "$work/bin"
    for program in "$build"/services/*/oxe-* "$build/services/oxectl/oxectl" "$build/tests/bench/oxe-load"; do
        [ ! -f "$program" ] || install -m 755 "$program" "$work/bin/"
    done
    install -m 644 "$root/deploy/local/instruments.csv" "$work/instruments.csv"
    for host in $hosts; do make_host "$host" "$(address "$host")"; done
    for host in $databases; do
        database_host "$host"
        start_host "$host"
    done
    haproxy_on client haproxy.cfg edge.cfg
    start_host client
    make_keys
    make_audit_keys
    for host in $apps; do app_host "$host"; done
    process app1 witness 8096 oxe-witness none "OXE_WITNESS_LISTEN=$APP1:8095" "OXE_WITNESS_NAME=$origin/witness" \
        "OXE_WITNESS_KEY=$work/app1/data/witness/key" "OXE_WITNESS_LOGS=$work/verifier" "OXE_WITNESS_STATE=$work/app1/data/witness/state"
    for host in $floors; do floor_host "$host"; done
    process sim exchange-sim 8090 oxe-exchange-sim none OXE_SIM_LISTEN=0.0.0.0:9880 OXE_SIM_CONTROL_LISTEN=0.0.0.0:8084 \
        "OXE_SIM_DATA=$work/sim/data/journal" "OXE_SIM_INSTRUMENTS=$work/instruments.csv"
    until_true "$patience" accepts_writes || { echo 'there is no primary with a synchronous standby'; return 1; }
    prepare_database >"$work/prepare" 2>&1 || { cat "$work/prepare" "$work/sqitch"; return 1; }
    for host in sim $apps $floors; do start_host "$host"; done
    until_true "$patience" all_ready || { complaints; return 1; }
    until_true "$patience" lanes_up || { sql -c 'SELECT lane, owner, session, why FROM oxe.lanes ORDER BY lane'; return 1; }
    until_true "$patience" has_prices || { echo 'there are no prices'; return 1; }
    until_true "$patience" standbys_stream 2 || { echo 'there is no second standby'; return 1; }
    on client "$work/bin/oxectl" token --keys "$work/keys" --ttl 86400 --count 200 load- >"$work/tokens"
}
