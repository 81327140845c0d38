#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/requirements.md names what there is (TAP): each test and case, file, section, decision, operation and variable; every row says
# whether the plan was kept, and why not where it was not. At the end names are changed, and each is missed.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
cd "$root" || exit 1
work=$(mktemp -d /tmp/oxe-requirements-XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# The files that a test of this name may be.
program() { # SUITE PROGRAM
    case $1 in
        browser) ls "frontend/tests/browser/$2.test.ts" ;;
        web) ls "frontend/tests/unit/$2.test.ts" "tests/web/$2.sh" ;;
        pgtap) ls "tests/pgtap/$2.sql" ;;
        fuzz) ls "tests/fuzz/$2"* ;;
        unit | integration | e2e | contract | fault | docs | container | compose | kubernetes | observability | backup | ha)
            ls "tests/$1/$2_test.c" "tests/$1/$2_test.sh" "tests/$1/$2_"*"_test.c" "tests/$1/$2.c" "tests/$1/$2.sh" ;;
    esac 2>/dev/null
}

missing_tests() { # PAGE
    grep -oE '`(unit|integration|e2e|contract|fault|docs|container|compose|kubernetes|observability|backup|ha|browser|web|pgtap|fuzz)/[a-z_]+(::[^`]+)?`' "$1" |
        tr -d '`' | sort -u | while IFS= read -r test; do
        name=${test%%::*}
        files=$(program "${name%%/*}" "${name#*/}")
        case $test in
            *::*) wanted=${test#*::} ;;
            *) wanted= ;;
        esac
        # A case may be named by its beginning: it follows what does not belong to a name.
        if [ -z "$files" ] || ! awk -v wanted="$wanted" '
            { at = index($0, wanted) }
            at > 0 && (at == 1 || substr($0, at - 1, 1) !~ /[A-Za-z0-9_]/) { found = 1; exit }
            END { exit !found }' $files; then
            echo "$test"
        fi
    done
}

missing_files() { # PAGE
    grep -oE '`(services|common|proto|deploy|migrations|tests|docs|frontend)/[A-Za-z0-9_./-]*`' "$1" | tr -d '`' | sort -u |
        while IFS= read -r file; do [ -e "$file" ] || [ -n "$(program "${file%%/*}" "${file#*/}")" ] || echo "$file"; done
}

# Sections are called as hosts of repositories call them: small letters, hyphens for spaces, nothing else.
sections() { # PAGE
    sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

missing_links() { # PAGE
    grep -oE '\]\([^)]+\)' "$1" | sed 's/^](//; s/)$//' | grep -v '^http' | sort -u | while IFS= read -r link; do
        file=docs/${link%%#*}
        [ "$file" != docs/ ] || file=$1
        if [ ! -e "$file" ]; then
            echo "$link"
        elif [ "${link#*#}" != "$link" ] && ! sections "$file" | grep -qxF -e "${link#*#}"; then
            echo "$link"
        fi
    done
}

missing_operations() { # PAGE
    grep -oE '`(GET|POST|PUT|DELETE|PATCH) /[^`]*`' "$1" | tr -d '`' | sort -u | while read -r method path; do
        awk -v method="$(printf %s "$method" | tr '[:upper:]' '[:lower:]')" -v path="  $path:" '
            /^  \// { inside = $0 ~ /[^ ]/ && index(path, "{") ? same($0, path) : $0 == path }
            inside && $0 == "    " method ":" { found = 1; exit }
            function same(a, b) { gsub(/\{[^}]*\}/, "{}", a); gsub(/\{[^}]*\}/, "{}", b); return a == b }
            END { exit !found }' docs/openapi.yaml || echo "$method $path"
    done
}

missing_variables() { # PAGE
    grep -oE '`(OXE_[A-Z_]+|EXCHANGE_[A-Z_]+|ORDER_[A-Z0-9_]+)`' "$1" | tr -d '`' | sort -u |
        while read -r variable; do grep -qF "\`$variable\`" docs/operation/settings.md || echo "$variable"; done
}

# Rows begin with what the plan says; the second cell begins with a verdict, and one that is not yes gives its reason.
bad_rows() { # PAGE
    awk -F' \\| ' '/^\| / && !/^\| the plan \|/ && !/^\| ---/ {
        rows++
        if (NF != 4 && NF != 5) { print "not four cells: " $0; next }
        if ($2 !~ /^(yes|in part|differently|no)([ ,;:]|$)/) print "no verdict: " $0
        if ($2 !~ /^yes/ && (!match($2, /^[a-z ]+: /) || length($2) - RLENGTH < 20)) print "no reason: " $0
        if ($2 ~ /^yes/ && $4 !~ /`/) if ($3 !~ /\(/) print "nothing shows it: " $0
        if ($3 !~ /[`(]/) print "nowhere: " $0
    }
    END { if (rows < 80) print rows + 0 " rows only" }' "$1"
}

page=docs/requirements.md
check every_test_that_is_named_exists "$(missing_tests $page)" ''
check every_file_that_is_named_exists "$(missing_files $page)" ''
check every_link_leads_to_a_section "$(missing_links $page)" ''
check every_operation_is_in_the_contract "$(missing_operations $page)" ''
check every_variable_is_known "$(missing_variables $page)" ''
check every_row_says_whether_and_why "$(bad_rows $page)" ''

# What the checks are worth.
missed() { # FACT SED-EXPRESSION CHECK EXPECTED
    sed "$2" $page >"$work/page.md"
    check "$1" "$("$3" "$work/page.md" | head -n 1)" "$4"
}
missed a_case_that_is_gone_is_missed 's/::position_limit_is_inclusive/::position_limit_is_exclusive/' missing_tests unit/risk::position_limit_is_exclusive
missed a_case_is_not_found_by_its_middle 's/::position_limit_is_inclusive/::limit_is_inclusive/' missing_tests unit/risk::limit_is_inclusive
missed a_program_that_is_gone_is_missed 's/`fault\/walk`/`fault\/stroll`/' missing_tests fault/stroll
missed a_file_that_is_gone_is_missed 's/`proto\/risk.c`/`proto\/risks.c`/' missing_files proto/risks.c
missed a_section_that_is_gone_is_missed 's/reliability.md#the-matrix/reliability.md#a-matrix/' missing_links reliability.md#a-matrix
missed a_decision_that_is_gone_is_missed 's/decisions\/0010-[a-z-]*/decisions\/0010-gone/' missing_links decisions/0010-gone.md
missed an_operation_that_is_gone_is_missed 's/`POST \/api\/v1\/orders`/`PUT \/api\/v1\/orders`/' missing_operations 'PUT /api/v1/orders'
missed a_variable_that_is_gone_is_missed 's/`OXE_RETRY_TIMEOUT`/`OXE_RETRY_TIMEOUTS`/' missing_variables OXE_RETRY_TIMEOUTS
missed a_difference_without_a_reason_is_missed 's/| in part: the steps are there[^|]*|/| in part |/' bad_rows \
    "no reason: $(grep 'Staging: migration' $page | sed 's/| in part: the steps are there[^|]*|/| in part |/')"
echo "1..$number"
[ "$failed" -eq 0 ]
