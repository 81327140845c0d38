# SPDX-License-Identifier: Apache-2.0
# A suite under compose, and how to act on it. Sourced by trade.sh.

down() {
    [ -z "$load_pid" ] || kill "$load_pid" 2>/dev/null
    [ -z "$client_pid" ] || kill "$client_pid" 2>/dev/null
    docker compose --profile '*' down -v --remove-orphans -t 10
}

# The plan and the end, with the containers' logs when something failed.
end_here() {
    if [ "$failed" -ne 0 ]; then
        kept=$build/meson-logs/compose
        rm -rf "$kept"
        mkdir -p "$kept"
        docker compose logs --no-color >"$kept/containers.log" 2>&1
        cp "$work"/*.log "$work/rolling" "$work/load.json" "$kept/" 2>/dev/null
        echo "# what the containers said: $kept" >&2
    fi
    echo "1..$number"
    [ "$failed" -eq 0 ]
    exit
}

ctl() {
    docker compose run --rm -T ctl "$@" </dev/null 2>"$work/ctl.err"
}

sql() { # statements on standard input
    docker compose exec -T postgres psql -XqAt -v ON_ERROR_STOP=1 -U oxe -d oxe "$@"
}

# How many lanes each executor owns, sorted, once all stand and so many executors have some.
lanes() {
    echo "SELECT string_agg(n::text, ' ' ORDER BY n) FROM (SELECT count(*) AS n FROM oxe.lanes l
          JOIN oxe.heartbeats h ON h.process = 'executor-' || l.owner AND h.beat_at > clock_timestamp() - interval '5 s'
          WHERE session = 'READY' GROUP BY l.owner) AS shares HAVING sum(n) = (SELECT count(*) FROM oxe.lanes)" | sql
}

wait_lanes() { # EXECUTORS
    lanes_are() {
        [ "$(lanes | wc -w)" -eq "$1" ]
    }
    until_true 60 lanes_are "$1"
    # The last one to take lanes may not have its share yet.
    balanced() {
        lanes | tr ' ' '\n' | sort -n | sed -n '1h; ${x;G;s/\n/ /;p}' | awk '{exit $2 - $1 > 1}'
    }
    until_true 60 balanced
    lanes
}

all_healthy() {
    [ -z "$(docker compose ps -a --format '{{.Service}} {{.Status}}' | grep -vE '^(secrets|prepare|demo|backup|prometheus|alertmanager|node-exporter|criteria) ' | grep -v '(healthy)')" ]
}

# The program of one container of a service gets a kill -9, as if the kernel had taken it; the engine starts the container again.
kill_one() { # SERVICE
    container=$(docker compose ps -q "$1" | head -n 1)
    pid=$(docker inspect --format '{{.State.Pid}}' "$container")
    starts=$(docker inspect --format '{{.RestartCount}}' "$container")
    if [ "$(id -u)" -eq 0 ] && [ -d "/proc/$pid" ]; then
        kill -9 "$pid"
    else
        docker run --rm --pid=host --network none --cap-add KILL -u 0 --entrypoint kill "${OXE_REGISTRY}oxe-prepare:$OXE_TAG" -9 "$pid"
    fi || return 1
    restarted() {
        [ "$(docker inspect --format '{{.RestartCount}}' "$container")" -gt "$starts" ]
    }
    until_true 20 restarted
}

# oxe-load speaks no TLS: a proxy of its own brings it to the edge, as clients come.
start_client() {
    cat >"$work/client.cfg" <<END
defaults
    mode tcp
    timeout connect 2s
    timeout client 60s
    timeout server 60s
listen client
    bind 127.0.0.1:$client_port
    server edge 127.0.0.1:$OXE_HTTPS_PORT ssl verify none alpn http/1.1
END
    haproxy -db -f "$work/client.cfg" >"$work/client.log" 2>&1 9>&- &
    client_pid=$!
    sql -v count=200 <deploy/local/load-traders.sql
    ctl token --keys /development --ttl 86400 --count 200 load- >"$work/tokens"
}

start_load() { # ORDERS-A-SECOND
    "$build/tests/bench/oxe-load" --tokens "$work/tokens" --port "$client_port" --type MIX --rate "$1" --seconds 86400 \
        --orders-file "$work/orders" >"$work/load.json" 2>"$work/load.log" &
    load_pid=$!
    flows() {
        [ -s "$work/orders" ]
    }
    until_true 20 flows || {
        fail the_load_flows "$(cat "$work/load.log")"
        end_here
    }
}

end_load() {
    kill -TERM "$load_pid"
    if wait "$load_pid"; then
        pass every_order_was_answered
    else
        fail every_order_was_answered "$(cat "$work/load.log" "$work/load.json")"
    fi
    load_pid=
    # status, id, first sent and answered in microseconds, 503s and broken connections before. An order that was kept waiting for a minute
    # may rightly be refused: the last price is stale by then.
    check no_order_failed "$(awk '$1 != 201 && $1 != 200 && !($1 == 422 && $4 - $3 > 60000000)' "$work/orders" | sort | head
        wc -l <"$work/orders" | awk '$1 < 1000')" ''
    awk '{n++; if ($5 > 0) refused++; if ($6 > 0) broken++} END {
        printf "# %d orders; %d were answered 503 first, %d had a broken connection first\n", n, refused, broken}' "$work/orders" >&2
}

# No event waits, and the exchange knows of every order.
settled() {
    [ "$(echo "SELECT (SELECT count(*) FROM oxe.outbox) + (SELECT count(*) FROM oxe.orders WHERE execution_state IN ('ADMITTED', 'SENT'))" | sql)" = 0 ]
}
