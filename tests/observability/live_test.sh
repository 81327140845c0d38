#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an instance tells Prometheus (TAP): every process' metrics, judged by promtool. OXE_BUILD names the build folder.
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
finish "$work/home" observability
