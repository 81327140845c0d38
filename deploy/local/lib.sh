# SPDX-License-Identifier: Apache-2.0
# What all scripts of deploy/local share: messages, usage, packages, the build. Sourced, not run.

die() {
    echo "oxe: $*" >&2
    exit 1
}

say() {
    printf '%s\n' "oxe: $*" >&2
}

[ -n "${OXE_ROOT:-}" ] || die "call these scripts through ./oxe"
build=${OXE_BUILD:-$OXE_ROOT/build}

# The call was wrong: 64, as everywhere in the suite.
usage_error() { # WHAT
    echo "oxe: $* ('./oxe $(basename "$0") --help' tells more)" >&2
    exit 64
}

# The manual of a command is the comment at the head of its script.
print_manual() { # SCRIPT
    sed '/^# SPDX-/d' "$1" | sed -n '2,/^[^#]/ s/^# \{0,1\}//p'
}

# explain "$@": a first argument of --help or -h prints the manual and ends.
explain() {
    case ${1:-} in
        --help | -h) print_manual "$0"; exit 0 ;;
    esac
}

# no_more "$@": refuses surplus arguments.
no_more() {
    [ $# -eq 0 ] || usage_error "$(basename "$0"): one argument too many: '$1'"
}

# The missing ones of deploy/packages.txt for the given purposes are installed; needs root.
install_packages() {
    wanted=$(awk -v purposes=" $* " '/^[a-z]/ && index(purposes, " " $1 " ") {print $2}' "$OXE_ROOT/deploy/packages.txt")
    missing=
    for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    [ "$(id -u)" -eq 0 ] || die "these packages are missing; install them as root: apt-get install$missing"
    say "installing$missing"
    mkdir -p "$build"
    # Debian would start a cluster and a Redis of its own; ours are private.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    with_progress "$build/packages.log" '^\(Get:\|Unpacking\|Setting up\).*' "installing" apt_install $missing || {
        tail -n 20 "$build/packages.log" >&2
        die "installing packages failed; all of it is in $build/packages.log"
    }
}

# One installation at a time, in a shell of its own: however it ends, Ctrl-C included, the policy goes. Left behind, it
# would keep the host's own services from starting.
apt_install() (
    flock 7
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update 7<&- && apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@" 7<&-
) 7</var/lib/apt

# with_progress LOG PATTERN WHAT COMMAND…: runs the command with its output in LOG. On a terminal, the last line of LOG that
# matches PATTERN is shown with the seconds passed. Returns the command's status.
with_progress() {
    log=$1 pattern=$2 what=$3
    shift 3
    : >"$log"
    shower=
    if [ -t 2 ]; then
        show_progress "$$" &
        shower=$!
    fi
    status=0
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ -n "$shower" ]; then
        kill "$shower" 2>/dev/null || true
        wait "$shower" 2>/dev/null || true
        printf '\r\033[K' >&2
    fi
    return "$status"
}

show_progress() { # PARENT: until it is gone
    began=$(date +%s)
    while kill -0 "$1" 2>/dev/null; do
        line=$(tail -n 20 "$log" 2>/dev/null | grep -o "$pattern" | tail -n 1 | cut -c1-60)
        printf '\r\033[Koxe: %s %s, %s s' "$what" "$line" $(($(date +%s) - began)) >&2
        sleep 0.5
    done
}

# The programs of an instance, as targets of the build.
programs() {
    for main in "$OXE_ROOT"/services/*/main.c; do
        name=$(basename "$(dirname "$main")")
        case $name in
            oxectl) echo services/oxectl/oxectl ;;
            *) echo "services/$name/oxe-$name" ;;
        esac
    done
}

# Compiles the given targets into $build, or everything, the tests too. One build at a time in a folder.
build_suite() {
    mkdir -p "$build"
    build_locked "$@" 7<"$build"
}

build_locked() {
    flock -n 7 || {
        say "waiting: another build works in $build"
        flock 7
    }
    if [ ! -f "$build/build.ninja" ]; then
        say "configuring the build"
        meson setup "$build" "$OXE_ROOT" >"$build/configure.log" 2>&1 || {
            tail -n 20 "$build/configure.log" >&2
            die "meson setup failed"
        }
    fi
    say "building"
    with_progress "$build/build.log" '^\[[0-9]*/[0-9]*\]' "building" ninja -C "$build" "$@" || {
        grep -E 'error|FAILED' -A5 "$build/build.log" | head -n 60 >&2
        die "the build failed; all of it is in $build/build.log"
    }
}

# wait_for SECONDS WHAT COMMAND…: until the command succeeds, or dies saying what did not come.
wait_for() {
    seconds=$1 what=$2
    shift 2
    until_time=$(($(date +%s) + seconds))
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$until_time" ] || die "$what did not become ready within $seconds s; ./oxe logs tells more"
        sleep 0.1
    done
}
