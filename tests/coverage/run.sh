#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Branch coverage of the pure cores by their unit tests; prints TAP, one case a source file. What was not taken is listed under a
# case that fails; BUILD/coverage.txt has them for all files.
#
#   tests/coverage/run.sh BUILD [LEAST]     BUILD: its own build directory, made when it is missing; LEAST: 95 % of the branches
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: tests/coverage/run.sh BUILD [LEAST]" >&2
    exit 2
fi
build=$1
least=${2:-95}
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$build"
build=$(cd "$build" && pwd)

# The files that decide, and the unit tests that show what they decide. A pattern may match nothing.
cores='services/validator/validate.c proto/risk*.c proto/order_state.c services/executor/core/execute*.c services/executor/core/bracket*.c services/executor/core/turn_bracket.c
    services/exchange-sim/core/book.c'
tests='validate_test.c risk*_test.c order_state_test.c execute*_test.c bracket*_test.c turn_bracket_test.c turn_anew_test.c turn_test.c book_test.c sim_model_test.c'

names=$(cd "$root/tests/unit" && for file in $tests; do
    [ ! -f "$file" ] || basename "$file" .c
done)

fail() { # FACT LOG
    tail -n 40 "$2" | sed 's/^/# /'
    echo "1..1"
    echo "not ok 1 - $1"
    exit 1
}

# Without optimization every branch of the source is one of the program.
if ! {
    [ -f "$build/build.ninja" ] ||
        meson setup "$build" "$root" -Dbuildtype=debug -Db_coverage=true
} >"$build/setup.log" 2>&1; then
    fail "the tests of the cores build" "$build/setup.log"
fi
# shellcheck disable=SC2086 # names are words
ninja -C "$build" $(for name in $names; do echo "tests/unit/$name"; done) >"$build/ninja.log" 2>&1 ||
    fail "the tests of the cores build" "$build/ninja.log"

# Counts of an older run would stay.
find "$build" -name '*.gcda' -delete
for name in $names; do
    "$build/tests/unit/$name" --quiet >"$build/$name.log" 2>&1 || fail "$name passes" "$build/$name.log"
done

# An assertion that holds takes one of its branches only: a bug is no case to test.
filters=''
for core in $cores; do
    for file in "$root"/$core; do
        [ ! -f "$file" ] || filters="$filters --filter $(printf %s "$file" | sed 's/\./\\./g')"
    done
done
# shellcheck disable=SC2086
gcovr --root "$root" $filters --exclude-unreachable-branches --exclude-branches-by-pattern '^\s*(static_)?assert\(.*' \
    --branches --txt "$build/coverage.txt" --json "$build/coverage.json" --json-summary "$build/coverage-summary.json" \
    "$build" >"$build/gcovr.log" 2>&1 || fail "gcovr reads what the tests counted" "$build/gcovr.log"

number=0
failed=0
jq -r '.files[] | [.filename, .branch_covered, .branch_total] | @tsv' "$build/coverage-summary.json" >"$build/files.tsv"
while read -r file covered total; do
    number=$((number + 1))
    percent=$(awk -v covered="$covered" -v total="$total" 'BEGIN { printf "%.1f", total ? 100 * covered / total : 100 }')
    fact="$file: $percent % of its branches are tested ($covered of $total, at least $least %)"
    if awk -v percent="$percent" -v least="$least" 'BEGIN { exit !(percent + 0 >= least) }'; then
        echo "ok $number - $fact"
    else
        failed=1
        echo "not ok $number - $fact"
        jq -r --arg file "$file" '.files[] | select(.file == $file) | .lines[] | select(.branches | any(.count == 0)) |
            "# \($file):\(.line_number): \(.branches | map(select(.count == 0)) | length) of \(.branches | length) branches never taken"' \
            "$build/coverage.json"
    fi
done <"$build/files.tsv"
if [ "$number" -lt 5 ]; then
    number=$((number + 1))
    failed=1
    echo "not ok $number - every core is there"
fi
echo "1..$number"
exit "$failed"
