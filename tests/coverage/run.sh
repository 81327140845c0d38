#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Branch coverage of the pure cores by their unit tests; prints TAP, one case a source file of tests/coverage/cores. What was not taken
# is listed under a case that fails; BUILD/coverage.txt has it for all files.
#
#   tests/coverage/run.sh BUILD       its own build directory, made when it is missing
set -eu

if [ $# -ne 1 ]; then
    echo "usage: tests/coverage/run.sh BUILD" >&2
    exit 2
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
build=$(cd "$1" && pwd)
lines() { # the declared cores, without what explains them
    grep -v '^#' "$root/tests/coverage/cores"
}
names=$(lines | sed -n 's/^tests //p' | tr ' ' '\n' | sort -u | sed 's/$/_test/')

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
# shellcheck disable=SC2046
gcovr --root "$root" $(lines | sed -n "s|^\([^ ]*\.c\) .*|--filter $root/\1|p" | sed 's/\./\\./g') \
    --exclude-unreachable-branches --exclude-branches-by-pattern '^\s*(static_)?assert\(.*' \
    --branches --txt "$build/coverage.txt" --json "$build/coverage.json" --json-summary "$build/coverage-summary.json" \
    "$build" >"$build/gcovr.log" 2>&1 || fail "gcovr reads what the tests counted" "$build/gcovr.log"

number=0
failed=0
jq -r '.files[] | [.filename, .branch_covered, .branch_total] | @tsv' "$build/coverage-summary.json" >"$build/files.tsv"
lines | grep -v '^tests ' >"$build/cores"
while read -r file least; do
    number=$((number + 1))
    # A file that was moved or renamed has no counts.
    figures=$(awk -F '\t' -v file="$file" '$1 == file { printf "%s %s %.1f", $2, $3, $3 ? 100 * $2 / $3 : 100 }' "$build/files.tsv")
    if [ -z "$figures" ]; then
        failed=1
        echo "not ok $number - $file is there and its tests run it"
        continue
    fi
    percent=${figures##* } counts=${figures% *}
    fact="$file: $percent % of its branches are tested (${counts% *} of ${counts#* }, at least $least %)"
    if awk -v percent="$percent" -v least="$least" 'BEGIN { exit !(percent + 0 >= least) }'; then
        echo "ok $number - $fact"
    else
        failed=1
        echo "not ok $number - $fact"
        jq -r --arg file "$file" '.files[] | select(.file == $file) | .lines[] | select(.branches | any(.count == 0)) |
            "# \($file):\(.line_number): \(.branches | map(select(.count == 0)) | length) of \(.branches | length) branches never taken"' \
            "$build/coverage.json"
    fi
done <"$build/cores"
echo "1..$number"
exit "$failed"
