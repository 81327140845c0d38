# What all scripts of deploy/local share: messages, packages, the build. Sourced, not run.

die() {
    echo "oxe: $*" >&2
    exit 1
}

say() {
    printf '%s\n' "oxe: $*" >&2
}

[ -n "${OXE_ROOT:-}" ] || die "call these scripts through ./oxe"
build=${OXE_BUILD:-$OXE_ROOT/build}

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
    policy=
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } \
        >"$build/packages.log" 2>&1 </dev/null; then
        [ -z "$policy" ] || rm -f "$policy"
        tail -n 20 "$build/packages.log" >&2
        die "installing packages failed; all of it is in $build/packages.log"
    fi
    [ -z "$policy" ] || rm -f "$policy"
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

# Compiles the given targets into $build, or everything, the tests too.
build_suite() {
    mkdir -p "$build"
    if [ ! -f "$build/build.ninja" ]; then
        say "configuring the build"
        meson setup "$build" "$OXE_ROOT" >"$build/configure.log" 2>&1 || {
            tail -n 20 "$build/configure.log" >&2
            die "meson setup failed"
        }
    fi
    say "building"
    ninja -C "$build" "$@" >"$build/build.log" 2>&1 || {
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

