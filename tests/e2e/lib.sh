# SPDX-License-Identifier: Apache-2.0
# Instances of the suite for the tests of this folder. Sourced by a test's shell script.
#
# start_work makes $work, a folder for the homes of instances, and a guard: whatever ends the script, kill -9 too, each instance in
# $work is taken down and wiped. end_work waits for that. `oxe HOME PORT ARGUMENT …` is ./oxe on one of them.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=${OXE_BUILD:-$root/build}
. "$root/deploy/local/ports.sh"

start_work() {
    work=$(mktemp -d /tmp/oxe-e2e-XXXXXX)
    chmod 711 "$work"
    mkfifo "$work/guard"
    setsid sh "$root/tests/e2e/guard.sh" "$work" </dev/null >"$work/guard.log" 2>&1 &
    guard=$!
    # The guard reads until nobody holds the other end: this shell alone does, and gives it to no child.
    exec 9>"$work/guard"
}

end_work() {
    exec 9>&-
    wait "$guard" || true
}

# Copies an instance's logs to where they outlive it, and says where.
keep_logs() { # HOME NAME
    kept=$build/meson-logs/e2e/$2
    rm -rf "$kept"
    mkdir -p "$kept"
    cp -r "$1/log/." "$kept/" 2>/dev/null || true
    echo "# logs of the instance: $kept" >&2
}

oxe() { # HOME PORT ARGUMENT …
    instance_home=$1 instance_port=$2
    shift 2
    OXE_HOME=$instance_home OXE_HTTP_PORT=$instance_port OXE_BUILD=$build "$root/oxe" "$@" 9>&-
}
