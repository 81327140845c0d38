#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the edge does with a request that a gateway took and did not answer (TAP): deploy/edge/haproxy.cfg as it is, but for where it
# listens and where the gateways are. It may be sent again only where twice is once.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
cd "$root" || exit 1
work=$(mktemp -d /tmp/oxe-edge-XXXXXX)
gateways= edge=
end() {
    kill $gateways $edge 2>/dev/null
    rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

check the_edge_has_as_many_slots_as_there_are_places_for_gateways \
    "$(sed -n 's/.*server-template gateway \([0-9]*\) .*/\1/p' deploy/edge/haproxy.cfg)" \
    "$(sed -n 's/.*"$place" -le \([0-9]*\) .*/\1/p' deploy/container/entrypoint)"

if ! command -v haproxy >/dev/null; then
    skip an_order_with_a_key_goes_to_another_gateway 'there is no haproxy here'
    echo "1..$number"
    exit 0
fi
port=$(free_port_base)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout "$work/key" -out "$work/pem" 2>/dev/null
cat "$work/key" >>"$work/pem"
sed "s|bind :8443 ssl crt /secrets/site.pem|bind 127.0.0.1:$port ssl crt $work/pem|
    s|server-template gateway .* check port 8090 \(.*\)|server gateway1 127.0.0.1:$((port + 1)) check port $((port + 3)) \1\n    server gateway2 127.0.0.1:$((port + 2)) check port $((port + 3)) \1|" \
    deploy/edge/haproxy.cfg >"$work/haproxy.cfg"
python3 tests/support/dying_gateways.py $((port + 3)) $((port + 1)) $((port + 2)) >>"$work/taken" 2>"$work/gateways.log" &
gateways=$!
haproxy -db -f "$work/haproxy.cfg" >"$work/edge.log" 2>&1 &
edge=$!
ask() { # METHOD PATH [HEADER]: the status, how often a gateway was asked, and with how many keys
    : >"$work/taken"
    status=$(curl -sk --http1.1 --max-time 20 -o /dev/null -w '%{http_code}' -X "$1" -H 'Content-Type: application/json' ${3:+-H "$3"} -d '{}' \
        "https://127.0.0.1:$port$2")
    grep "^$1 $2 " "$work/taken" >"$work/asked"
    echo "$status $(wc -l <"$work/asked") $(cut -d' ' -f3 "$work/asked" | sort -u | grep -vcx -e -)"
}
up() { # both gateways are asked
    [ "$(ask GET /up | cut -d' ' -f2)" -ge 2 ]
}
until_true 10 up || fail the_edge_finds_the_gateways "$(cat "$work/edge.log" "$work/gateways.log")"
check an_order_goes_out_again_with_its_key "$(ask POST /api/v1/orders 'Idempotency-Key: k') $(sort -u "$work/asked")" '502 4 1 POST /api/v1/orders k'
check an_order_without_a_key_is_given_one "$(ask POST /api/v1/orders)" '502 4 1'
check and_each_another_one "$(cat "$work/asked" >"$work/before"; ask POST /api/v1/orders >/dev/null; cat "$work/before" "$work/asked" | sort -u | wc -l)" 2
check a_cancel_goes_out_once "$(ask POST /api/v1/orders/x/cancel 'Idempotency-Key: k')" '502 1 1'
check a_halt_goes_out_once "$(ask POST /api/v1/admin/halts)" '502 1 0'
check a_read_goes_out_again "$(ask GET /api/v1/orders)" '502 4 0'
echo "1..$number"
[ "$failed" -eq 0 ]
