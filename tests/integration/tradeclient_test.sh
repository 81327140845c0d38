#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# QuickFIX's own example client, tradeclient, trades against oxe-exchange-sim: an engine that this project did not write is the
# judge of its FIX. Prints TAP.
#
#   tests/integration/tradeclient_test.sh OXE-EXCHANGE-SIM
set -u
simulator=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
example=/usr/share/doc/libquickfix-doc/examples/tradeclient/.libs/tradeclient.gz
facts=11
if [ ! -f "$example" ]; then
    echo "1..0 # SKIP libquickfix-doc is not installed"
    exit 0
fi

work=$(mktemp -d)
simulator_pid=
client_pid=
finish() {
    exec 9>&-
    [ -n "$client_pid" ] && kill "$client_pid" 2>/dev/null
    [ -n "$simulator_pid" ] && kill "$simulator_pid" 2>/dev/null
    wait
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

number=0
failed=0
check() { # FACT CONDITION...
    fact=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $fact"
    else
        failed=1
        echo "not ok $number - $fact"
        tail -n 20 "$work/client" "$work/simulator" 2>/dev/null | tr '\001' '|' | cut -c1-300 | sed 's/^/# /'
    fi
}
# Waits at most 10 s for a line in a file (separators are written as bars).
seen() { # FILE PATTERN
    tries=0
    while ! tr '\001' '|' <"$1" 2>/dev/null | grep -aq -- "$2"; do
        tries=$((tries + 1))
        [ "$tries" -gt 100 ] && return 1
        sleep 0.1
    done
}
ended() { # PID
    tries=0
    while kill -0 "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -gt 100 ] && return 1
        sleep 0.1
    done
}

# Ports are taken at random; a second and a third try find free ones.
start_simulator() {
    for try in 1 2 3 4 5; do
        port=$((20000 + ($(od -An -N2 -tu2 /dev/urandom) % 10000) * 3))
        OXE_PROBE_LISTEN=127.0.0.1:$((port + 2)) OXE_SIM_LISTEN=127.0.0.1:$port \
            OXE_SIM_CONTROL_LISTEN=127.0.0.1:$((port + 1)) OXE_SIM_DATA=$work/data \
            OXE_SIM_INSTRUMENTS=$root/deploy/local/instruments.csv OXE_SIM_VOLATILITY_BP=0 \
            "$simulator" >"$work/simulator" 2>&1 &
        simulator_pid=$!
        seen "$work/simulator" '"event":"journal_loaded"\|failed\|cannot_listen'
        grep -q 'failed\|cannot_listen' "$work/simulator" || return 0
        wait "$simulator_pid"
        simulator_pid=
    done
    return 1
}

echo "1..$facts"
check the_simulator_starts start_simulator
[ -n "$simulator_pid" ] || exit 1

cat >"$work/settings" <<END
[DEFAULT]
ConnectionType=initiator
ReconnectInterval=1
FileStorePath=$work/store
StartTime=00:00:00
EndTime=00:00:00
HeartBtInt=1
UseDataDictionary=N
SocketConnectHost=127.0.0.1
SocketConnectPort=$port
[SESSION]
BeginString=FIX.4.4
SenderCompID=TRADECLIENT
TargetCompID=SIM
END
gunzip -c "$example" >"$work/tradeclient"
chmod +x "$work/tradeclient"
mkfifo "$work/keys"
"$work/tradeclient" "$work/settings" <"$work/keys" >"$work/client" 2>&1 &
client_pid=$!
exec 9>"$work/keys"

# Menu: 1 enter order, 2 cancel, 5 quit; then 5 for FIX.4.4. Its questions come in the order of its compiler.
answer() {
    printf '%s\n' "$@" >&9
}
check it_logs_on seen "$work/client" '^Logon - FIX.4.4:TRADECLIENT->SIM'
# OrdType, side, ClOrdID, symbol, quantity, time in force, price.
answer 1 5 2 1 limit-1 AAPL 100 1 150.50 TRADECLIENT SIM N Y
check a_limit_order_is_acknowledged seen "$work/client" '|11=limit-1|.*|150=0|39=0|'
check a_limit_order_is_filled seen "$work/client" '|11=limit-1|.*|150=F|39=2|.*|32=100|31=150.01|'
answer 1 5 1 2 market-1 MSFT 1500 1 TRADECLIENT SIM N Y
check a_market_order_is_filled_in_parts seen "$work/client" '|11=market-1|.*|39=2|.*|32=500|31=409.98|.*|14=1500|'
answer 1 5 2 1 rest-1 AAPL 100 4 100 TRADECLIENT SIM N Y
check a_distant_order_rests seen "$work/client" '|11=rest-1|.*|150=0|39=0|'
# Side, ClOrdID, OrigClOrdID, symbol, quantity.
answer 2 5 1 cancel-1 rest-1 AAPL 100 TRADECLIENT SIM N Y
check it_is_cancelled seen "$work/client" '|11=cancel-1|41=rest-1|.*|150=4|39=4|'
check the_exchange_sends_heartbeats seen "$work/client" '|35=0|.*49=SIM|'

# A kill in between: the client logs on again by itself, and its store and the journal agree on every number.
kill -9 "$simulator_pid"
wait "$simulator_pid" 2>/dev/null
OXE_PROBE_LISTEN=127.0.0.1:$((port + 2)) OXE_SIM_LISTEN=127.0.0.1:$port \
    OXE_SIM_CONTROL_LISTEN=127.0.0.1:$((port + 1)) OXE_SIM_DATA=$work/data \
    OXE_SIM_INSTRUMENTS=$root/deploy/local/instruments.csv OXE_SIM_VOLATILITY_BP=0 \
    "$simulator" >"$work/simulator" 2>&1 &
simulator_pid=$!
seen "$work/simulator" '"event":"session_logon"'
answer 1 5 1 1 market-2 AAPL 7 1 TRADECLIENT SIM N Y
check trading_goes_on_after_the_exchange_was_killed seen "$work/client" '|11=market-2|.*|150=F|39=2|.*|32=7|'
answer 1 5 1 1 limit-1 AAPL 7 1 TRADECLIENT SIM N Y
check ids_from_before_the_kill_are_duplicates seen "$work/client" '|39=8|103=6|11=limit-1|'

answer 5
exec 9>&-
logged_out() {
    ended "$client_pid" && seen "$work/client" 'Received logout response'
}
check it_logs_out logged_out
client_pid=
exit $failed
