# SPDX-License-Identifier: Apache-2.0
# $soak minutes at half of what the suite takes, with a random program killed about every 20 s, and traders who cancel what rests for
# longer than that: what the executors hold stays as it is, and so must their memory. Sourced by trade.sh.

# What the suite takes, from as many traders as want to.
capacity=$("$build/tests/bench/oxe-load" --tokens "$work/tokens" --port "$client_port" --traders 64 --seconds 15 2>/dev/null |
    jq '.per_second | floor')
[ "${capacity:-0}" -gt 0 ] || {
    fail the_suite_takes_orders "$capacity"
    end_here
}
until_true 60 settled
rate=$((capacity / 2))
echo "# capacity $capacity orders a second; the load is $rate" >&2

# Each trader asks for the end of what has rested for 20 s; what finds nobody now is asked for again the next time.
cancel_resting() {
    echo "SELECT t.subject, o.id FROM oxe.open_orders oo JOIN oxe.orders o ON o.id = oo.order_id JOIN oxe.traders t ON t.id = o.trader_id
           WHERE o.cancel_requested_at IS NULL AND o.created_at < clock_timestamp() - interval '20 s' LIMIT 5000" | sql 2>/dev/null |
        awk -F '|' -v port="$client_port" 'FILENAME == ARGV[1] {token["load-" (FNR - 1)] = $0; next}
            {
                printf "%surl = \"http://127.0.0.1:%s/api/v1/orders/%s/cancel\"\nrequest = POST\nheader = \"authorization: Bearer %s\"\n", sep, port, $2, token[$1]
                printf "output = /dev/null\nwrite-out = \"%%{http_code}\\n\"\nmax-time = 20\n"
                sep = "next\n"
            }' "$work/tokens" - >"$work/cancels"
    [ ! -s "$work/cancels" ] || curl -s --parallel --parallel-max 16 -K "$work/cancels" >>"$work/cancelled" 2>/dev/null
    true
}

# The second, and MiB of each container.
sample() {
    now=$(date +%s)
    docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' | awk -v now="$now" '
        {size = $2 + 0; if ($2 ~ /GiB/) size *= 1024; if ($2 ~ /KiB/) size /= 1024; print now, $1, size}' >>"$work/memory"
}

: >"$work/memory"
: >"$work/kills"
: >"$work/cancelled"
start_load "$rate"
soak_end=$(($(date +%s) + 60 * soak))
kills=0
while [ "$(date +%s)" -lt "$soak_end" ]; do
    sample
    cancel_resting
    service=$(printf '%s\n' validator risk-manager executor audit-writer status-broadcaster gateway witness-1 exchange-sim redis postgres | shuf -n 1)
    began=$(date +%s%6N)
    if ! kill_one "$service" || ! until_true 120 all_healthy; then
        fail "killed_and_back: $service" "$(docker compose ps -a --format '{{.Name}} {{.Status}}' | grep -v healthy)"
        break
    fi
    kills=$((kills + 1))
    echo "$began $(date +%s%6N) $service" >>"$work/kills"
    sleep "$(shuf -n 1 -i 5-20)"
done
sample
pass "$kills programs were killed and came back"
check cancels_are_accepted_or_too_late "$(awk '$1 != 202 && $1 != 409 && $1 != 503 && $1 + 0 != 0' "$work/cancelled" | sort | uniq -c
    [ "$(grep -c 202 "$work/cancelled")" -gt 100 ] || wc -l <"$work/cancelled")" ''
echo "# cancels by their answer: $(sort "$work/cancelled" | uniq -c | awk '{printf "%s × %s  ", $2, $1}')" >&2
end_load

# An order is well served when its first request was answered 201 within a second. Microseconds throughout.
awk 'FILENAME == ARGV[1] {from[NR] = $1; to[NR] = $2; n = NR; next}
    {
        good = $1 == 201 && $5 == 0 && $6 == 0 && $4 - $3 <= 1000000
        killed = 0
        for (i = 1; i <= n; i++) if ($3 >= from[i] - 1000000 && $3 <= to[i]) killed = 1
        all++; well += good
        if (!killed) {calm++; calm_well += good}
    }
    END {
        printf "# availability %.3f %% of %d orders; without the seconds of kills %.3f %% of %d\n", 100 * well / all, all,
            calm ? 100 * calm_well / calm : 0, calm
    }' "$work/kills" "$work/orders" >&2

# Flat: of each container, the last fifth of the samples takes no more than the second fifth and a half more, or 16 MiB more. PostgreSQL
# fills its buffers, and the exchange remembers each order: they are told, not judged.
growing=$(awk '{sizes[$2] = sizes[$2] " " $3; count[$2]++}
    function mean(list, from, to,    i, sum) {for (i = from; i <= to; i++) sum += list[i]; return sum / (to - from + 1)}
    END {
        for (name in sizes) {
            split(sizes[name], list, " ")
            n = count[name]
            if (n < 10) continue
            judged++
            before = mean(list, int(n / 5) + 1, int(2 * n / 5))
            after = mean(list, n - int(n / 5) + 1, n)
            printf "# %-32s %7.1f MiB, at the end %7.1f\n", name, before, after >"/dev/stderr"
            if (name !~ /postgres|exchange-sim/ && after > 1.5 * before && after > before + 16) print name, before, after
        }
        if (judged < 12) print judged + 0, "containers only were looked at ten times"
    }' "$work/memory")
check no_container_grows "$growing" ''
. "$root/tests/compose/rest.sh"
