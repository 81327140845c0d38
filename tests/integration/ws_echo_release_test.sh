#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The option ws_echo never gets into a release (TAP). OXE_MESON names meson.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
directory=$(mktemp -d /tmp/oxe-release-XXXXXX)
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM

echo 1..2
output=$(${OXE_MESON:?} setup --buildtype=release -Dws_echo=true "$directory/release" "$root" 2>&1)
status=$?
if [ "$status" -ne 0 ] && printf '%s\n' "$output" | grep -q 'ERROR: .*ws_echo .* never compiled into a release'; then
    echo 'ok 1 - a release with ws_echo is not even configured'
else
    echo 'not ok 1 - a release with ws_echo is not even configured'
    printf '%s\n' "status $status" "$output" | tail -n 20 | sed 's/^/# /'
fi
output=$(${OXE_MESON:?} setup --buildtype=debugoptimized -Dws_echo=true "$directory/debug" "$root" 2>&1)
status=$?
if [ "$status" -eq 0 ]; then
    echo 'ok 2 - another build with it is'
else
    echo 'not ok 2 - another build with it is'
    printf '%s\n' "status $status" "$output" | tail -n 20 | sed 's/^/# /'
fi
