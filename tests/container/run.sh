#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What can be said of the containers without an engine (TAP): the release compiles without a warning, tests too, and the files fit each
# other. tests/compose runs them. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
cd "$root" || exit 1
release=$build-release
work=$(mktemp -d /tmp/oxe-container-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

end() {
    echo "1..$number"
    [ "$failed" -eq 0 ]
    exit
}

# --- the release ---
[ -f "$release/build.ninja" ] || meson setup "$release" "$root" --buildtype=release >"$work/setup" 2>&1
if ninja -k0 -C "$release" all meson-test-prereq >"$work/release" 2>&1; then
    pass a_release_compiles_without_a_warning_tests_too
else
    fail a_release_compiles_without_a_warning_tests_too "$(grep -A6 'error' "$work/release")"
fi

# --- compose ---
check the_build_takes_nothing_but_what_is_listed "$(grep -v '^#' .dockerignore | head -n 1)" '*'
check every_folder_that_the_build_takes_exists \
    "$(sed -n 's/^!//p' .dockerignore | while read -r file; do [ -e "$file" ] || echo "$file"; done)" ''
if docker compose version >/dev/null 2>&1; then
    check compose_accepts_its_file "$(docker compose --profile '*' config -q 2>&1; echo $?)" 0
else
    skip compose_accepts_its_file 'there is no docker compose here'
fi
targets=$(sed -n 's/^FROM .* AS \(.*\)/\1/p' deploy/Dockerfile | grep -vxE 'build|screen|runtime' | sort)
check each_target_of_the_dockerfile_is_built_once "$(grep -oE 'target: [a-z-]+' docker-compose.yml | cut -d' ' -f2 | sort)" "$targets"
check each_program_has_a_target "$(for main in services/*/main.c; do
    name=$(basename "$(dirname "$main")")
    [ "$name" != oxectl ] || name=ctl
    printf '%s\n' "$targets" | grep -qx "$name" || echo "$name"
done)" ''
# What Redis' users may do stands in two scripts: that of the containers, and that of Kubernetes, which runs elsewhere.
redis_rights() { # FILE
    tr -d "\"'\\\\" <"$1" | tr ' ' '\n' | awk '
        user { name = $0; user = 0 }
        $0 == "user" { user = 1 }
        $0 == "resetchannels" { inside = 1; next }
        inside && /^[&~+-]/ { print name, $0; next }
        NF { inside = 0 }' | grep -E '^(broadcaster|gateway) '
}
check redis_users_may_do_the_same_in_kubernetes "$(redis_rights deploy/kubernetes/keys)" "$(redis_rights deploy/container/secrets)"
check every_setting_is_in_the_docs "$(grep -oE '\$\{[A-Z0-9_]+' docker-compose.yml | cut -c3- | sort -u | while read -r variable; do
    grep -qF "\`$variable\`" docs/containers.md || grep -q "^$variable=" deploy/demo.env || echo "$variable"
done)" ''
check no_password_stands_in_the_file "$(grep -vE '^ *#' docker-compose.yml | grep -nE 'PASSWORD[A-Z_]*: +([^ $/]|$)|SECRET[A-Z_]*: +([^ $/]|$)|password=')" ''
end
