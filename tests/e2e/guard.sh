#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# guard.sh WORK: waits until nobody holds WORK/guard open any more, then wipes every instance in WORK. See lib.sh.
set -u
work=$1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
trap '' HUP INT TERM
cat "$work/guard" >/dev/null

for home in "$work"/*/; do
    [ -f "$home/port" ] || continue
    OXE_HOME=${home%/} timeout 90 "$root/oxe" down --wipe
done
# What a failed 'down' has left behind.
for environment in /proc/[0-9]*/environ; do
    pid=${environment%/environ}
    pid=${pid#/proc/}
    [ "$pid" != $$ ] || continue
    if grep -qs "$work/" "/proc/$pid/cmdline" || grep -qzs "^OXE_HOME=$work/" "$environment"; then
        kill -KILL "$pid" 2>/dev/null
    fi
done
rm -rf "$work"
