#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deploy/compose-test, which tells what it shows. This half finds an engine and builds; trade.sh then does the rest, in a network
# namespace of its own where the engine is ours.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
. "$root/tests/compose/engine.sh"
cd "$root" || exit 1

soak=0
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed '/^# SPDX-/d' "$root/deploy/compose-test" | sed -n '2,/^[^#]/ s/^# \{0,1\}//p'; exit 0 ;;
        --soak)
            case ${2:-} in
                '' | *[!0-9]*) echo "compose-test: --soak needs a number of minutes" >&2; exit 64 ;;
            esac
            soak=$2
            shift ;;
        --fresh) fresh=yes ;;
        *) echo "compose-test: unknown argument '$1' ('deploy/compose-test --help' tells more)" >&2; exit 64 ;;
    esac
    shift
done

give_up() { # REASON
    engine_end
    skip the_suite_runs_under_compose "$1"
    echo "1..$number"
    exit 0
}

began=$(date +%s)
elapsed() {
    echo $(($(date +%s) - began))
}
trap 'engine_end' EXIT
trap 'exit 1' INT TERM
no_engine=
engine_begin && engine_for_builds || give_up "$no_engine"
work=$(mktemp -d /tmp/oxe-compose-XXXXXX)
trap 'engine_end; rm -rf "$work"' EXIT
base_images || give_up 'neither a registry of images nor a mirror of Debian answers'
echo "# engine ($engine) and base images: $(elapsed) s" >&2

# The image tag of this run; the second one is what is upgraded to.
export OXE_TAG=test-$$ OXE_REGISTRY=oxe-test/ OXE_PULL_POLICY=never COMPOSE_PROJECT_NAME=oxe-test-$$
began=$(date +%s)
if ! docker compose --profile '*' build >"$work/build.log" 2>&1; then
    fail the_images_are_built "$(grep -vE '^#[0-9]+ (CACHED|DONE|\[)' "$work/build.log" | tail -n 40)"
    echo "1..$number"
    exit 1
fi
echo "# build: $(elapsed) s" >&2
images=$(docker images --format '{{.Repository}}:{{.Tag}}' | grep "^oxe-test/.*:$OXE_TAG$")
for image in $images; do
    docker tag "$image" "${image}b"
done
base_size=$(docker image inspect --format '{{.Size}}' debian:bookworm-slim)
for image in oxe-validator oxe-gateway oxe-prepare; do
    echo "# $image: $((($(docker image inspect --format '{{.Size}}' "oxe-test/$image:$OXE_TAG") - base_size) / 1000000)) MB over the base" >&2
done

export OXE_BUILD="$build" work engine number failed soak
status=0
if [ "$engine" = ours ]; then
    engine_stop
    export engine_run engine_folder
    unshare --net sh "$root/tests/compose/trade.sh" || status=$?
else
    sh "$root/tests/compose/trade.sh" || status=$?
fi
[ "$engine" = theirs ] && for image in $images; do
    docker rmi -f "$image" "${image}b" >/dev/null 2>&1
done
exit "$status"
