#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every libFuzzer target for a short time; prints TAP. What crashes a target stays in BUILD/crashes.
#
#   tests/fuzz/run.sh BUILD [SECONDS]     BUILD: its own build directory, made when it is missing; SECONDS: 10 for each target
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: tests/fuzz/run.sh BUILD [SECONDS]" >&2
    exit 2
fi
build=$1
seconds=${2:-10}
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$build"
build=$(cd "$build" && pwd)

if ! {
    [ -f "$build/build.ninja" ] ||
        CC=clang CXX=clang++ meson setup "$build" "$root" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
} >"$build/setup.log" 2>&1 || ! ninja -C "$build" fuzzers >"$build/ninja.log" 2>&1; then
    cat "$build/setup.log" "$build/ninja.log" 2>/dev/null | tail -n 30 | sed 's/^/# /'
    echo "1..1"
    echo "not ok 1 - the fuzzers build"
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$build/crashes"
count=0
failed=0
for fuzzer in "$build"/tests/fuzz/*_fuzz; do
    name=$(basename "$fuzzer" _fuzz)
    count=$((count + 1))
    mkdir "$work/$name"
    if [ -d "$root/tests/fuzz/corpus/$name" ]; then
        cp "$root/tests/fuzz/corpus/$name"/* "$work/$name/"
    fi
    if UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$fuzzer" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$build/crashes/$name-" "$work/$name" >"$work/$name.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name.log")
        echo "ok $count - $name survives $seconds s of fuzzing ($runs runs)"
    else
        failed=1
        tail -n 30 "$work/$name.log" | sed 's/^/# /'
        echo "not ok $count - $name survives $seconds s of fuzzing"
    fi
done
echo "1..$count"
exit "$failed"
