#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# with-instance.sh PROGRAM [ARGUMENT …]: runs a test against an instance of its own, started through ./oxe up and wiped afterwards,
# however the test ends. OXE_BUILD names the build folder. OXE_TEST_SCREEN=yes: with the screen. Standard output is the test's alone (TAP).
set -eu
. "$(dirname -- "$0")/lib.sh"
start_work
home=$work/home
port=$(free_port_base)
mkdir "$home"
name=$(basename "$1")

screen=--no-screen
[ "${OXE_TEST_SCREEN:-no}" = no ] || screen=
# shellcheck disable=SC2086
if ! oxe "$home" "$port" up --no-demo $screen >"$work/up.log" 2>&1 </dev/null; then
    sed 's/^/# /' "$work/up.log" >&2
    keep_logs "$home" "$name"
    echo "Bail out! ./oxe up failed"
    end_work
    exit 1
fi
install -m 644 "$root/tests/support/invariants.sql" "$root/tests/support/exchange_books.sql" "$home/"

status=0
OXE_HOME=$home OXE_HTTP_PORT=$port OXE_URL=http://127.0.0.1:$port OXE_BUILD=$build OXE_FRONT_DOOR=$root/oxe "$@" 9>&- </dev/null ||
    status=$?
[ "$status" -eq 0 ] || keep_logs "$home" "$name"
end_work
exit "$status"
