# SPDX-License-Identifier: Apache-2.0
# A Docker engine with Compose for the tests: the machine's own where one answers, else Debian's, started for as long as the test runs.
# Sourced; sets OXE_BUILD_NETWORK for builds.
#
#   engine_begin         sets $engine to `ours` or `theirs`; returns 1 with the reason in $no_engine when there can be none
#   engine_for_builds    ours: builds use the machine's network, which the engine leaves alone
#   engine_in_namespace  inside a network namespace: ours runs the containers; nothing of it remains in the machine's network
#   engine_end           ours ends
#
# Ours keeps its images in $build/engine for the next run; with $fresh it forgets them first.
engine_folder=$build/engine
engine_pid=

. "$root/tests/support/debian.sh"
trust=/usr/local/share/machine-trust.pem # where the base has the certificates that this machine trusts
compose_version=2.26.1-4 buildx_version=0.13.1+ds1-3

# Debian 12 has Compose 1 alone: the plugins are Debian 13's packages, unpacked beside the engine.
engine_plugins() {
    plugins=$engine_folder/config/cli-plugins
    [ ! -x "$plugins/docker-compose" ] || [ ! -x "$plugins/docker-buildx" ] || return 0
    mkdir -p "$plugins"
    debian_unpack "$engine_folder/unpacked" docker-compose docker-compose "$compose_version" &&
        debian_unpack "$engine_folder/unpacked" docker-buildx docker-buildx "$buildx_version" || return 1
    find "$engine_folder/unpacked" -path '*/cli-plugins/*' -type f -exec cp {} "$plugins/" \;
    rm -rf "$engine_folder/unpacked"
}

engine_start() { # OPTION …: waits until it answers. However the test ends, the engine ends with it.
    setpriv --pdeathsig TERM dockerd --data-root "$engine_folder/data" --exec-root "$engine_run/exec" -H "unix://$engine_run/socket" \
        --pidfile "$engine_run/pid" "$@" >"$engine_run/log" 2>&1 9>&- &
    engine_pid=$!
    until_true 60 docker info
}

engine_stop() {
    [ -n "$engine_pid" ] || return 0
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    engine_pid=
}

engine_begin() {
    if docker info >/dev/null 2>&1; then
        engine=theirs
        docker compose version >/dev/null 2>&1 || {
            no_engine='the Docker engine here has no Compose v2'
            return 1
        }
        return 0
    fi
    engine=ours
    if [ "$(id -u)" -ne 0 ] || ! command -v dockerd >/dev/null; then
        no_engine='no Docker engine answers, and starting one needs root and the packages docker.io and iptables'
        return 1
    fi
    mkdir -p "$engine_folder"
    exec 8>"$engine_folder/lock"
    flock -n 8 || {
        no_engine="another test uses the engine of $engine_folder"
        return 1
    }
    [ "${fresh:-no}" = no ] || rm -rf "$engine_folder/data" "$engine_folder/config"
    engine_run=$(mktemp -d /tmp/oxe-engine-XXXXXX)
    export DOCKER_HOST="unix://$engine_run/socket" DOCKER_CONFIG="$engine_folder/config"
    engine_plugins || {
        no_engine='Compose v2 could not be had: no mirror of Debian answers'
        return 1
    }
}

engine_for_builds() {
    [ "$engine" = ours ] || return 0
    export OXE_BUILD_NETWORK=host
    engine_start --bridge=none --iptables=false --ip-forward=false --ip-masq=false || {
        no_engine="the engine did not start: $(tail -n 1 "$engine_run/log")"
        return 1
    }
    # What a test that was killed has left behind would be started again.
    docker ps -aq | xargs -r docker rm -f >/dev/null
    docker volume ls -q | xargs -r docker volume rm >/dev/null
}

engine_in_namespace() {
    [ "$engine" = ours ] || return 0
    ip link set lo up && engine_start
}

engine_end() {
    [ "${engine:-}" = ours ] || return 0
    engine_stop
    # What it mounted for containers, and its folder of the moment.
    awk -v run="${engine_run:-none}" 'index($2, run) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n 1 umount 2>/dev/null || true
    rm -rf "${engine_run:-/nonexistent}"
}

has_image() { # IMAGE
    [ -n "$(docker images -q "$1")" ]
}

# debian:bookworm-slim as debootstrap makes it. apt and npm ask and trust as this machine does.
make_base() {
    [ "$(id -u)" -eq 0 ] && command -v debootstrap >/dev/null || return 1
    base=$(mktemp -d /tmp/oxe-base-XXXXXX)
    debootstrap --variant=minbase bookworm "$base" "$(debian_mirror)" >"$base.log" 2>&1 &&
        rm -rf "$base/etc/apt/sources.list" "$base"/var/cache/apt/archives/*.deb "$base"/var/lib/apt/lists/* &&
        install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$base$trust" &&
        # As the official image: a layer needs no fsync for each file of a package.
        echo force-unsafe-io >"$base/etc/dpkg/dpkg.cfg.d/unsafe-io" || {
        rm -rf "$base" "$base.log"
        return 1
    }
    cp -a /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d "$base/etc/apt/" 2>/dev/null || true
    tar -C "$base" -c . | docker import -c "ENV NODE_EXTRA_CA_CERTS=$trust" - debian:bookworm-slim >/dev/null
    made=$?
    rm -rf "$base" "$base.log"
    return "$made"
}

stand_in() { # IMAGE DOCKERFILE [PROGRAM]
    has_image "$1" || docker build -q --network "${OXE_BUILD_NETWORK:-default}" -f "$root/tests/compose/images/$2.Dockerfile" \
        --build-arg "PROGRAM=${3:-}" -t "$1" "$root/tests/compose/images" >/dev/null
}

# The images that the compose file stands on: the official ones, or where no registry answers the same from Debian's packages.
base_images() {
    if ! has_image debian:bookworm-slim && timeout 60 docker pull -q debian:bookworm-slim >/dev/null 2>&1; then
        docker compose --profile '*' pull -q --ignore-buildable && docker pull -q postgres:15 >/dev/null
        return
    fi
    has_image debian:bookworm-slim || make_base || return 1
    stand_in postgres:15 postgres && stand_in redis:7 redis && stand_in haproxy:2.8 haproxy &&
        stand_in prom/prometheus:v2.53.1 prometheus prometheus && stand_in prom/alertmanager:v0.27.0 prometheus alertmanager &&
        stand_in prom/node-exporter:v1.8.1 prometheus prometheus-node-exporter
}
