#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The screen without a browser (TAP): it builds, within its budget, its types agree, biome finds nothing, and every unit test of
# frontend/tests/unit. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
OXE_ROOT=$root
. "$root/deploy/local/lib.sh"
. "$root/deploy/local/web.sh"

says_nothing() { # FACT COMMAND …: it succeeds
    fact=$1
    shift
    if said=$("$@" 2>&1 </dev/null); then
        pass "$fact"
    else
        fail "$fact" "$said"
    fi
}

# vitest counts its own tests from 1.
unit_tests() {
    said=$(pnpm --dir "$screen" exec vitest run --reporter=tap-flat 2>"$build/vitest.log" </dev/null)
    ended=$?
    printf '%s\n' "$said" | sed -n "s/^\(ok\|not ok\) [0-9]* - \(.*[^ ]\) *# time=.*/\1 - \2/p; s/^  */# /p" |
        awk -v number="$number" '/^(not )?ok / { sub(/ - /, " " ++number " - ") } { print }'
    number=$((number + $(printf '%s\n' "$said" | grep -cE '^(not )?ok ')))
    if [ "$ended" -ne 0 ]; then
        failed=$((failed + 1))
        printf '%s\n' "$said" | grep -q '^not ok ' || fail the_unit_tests_run "$(cat "$build/vitest.log")"
    fi
}

suite() {
    says_nothing the_screen_builds build_screen_locked
    install_modules
    says_nothing the_first_load_keeps_its_budget node "$screen/scripts/budget.mjs"
    says_nothing types_come_from_the_contract pnpm --dir "$screen" types
    says_nothing types_agree pnpm --dir "$screen" exec tsc --noEmit
    says_nothing biome_finds_nothing pnpm --dir "$screen" exec biome check .
    unit_tests
}

with_screen_lock suite
echo "1..$number"
[ "$failed" -eq 0 ]
