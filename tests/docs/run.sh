#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The documents keep their word (TAP): each ```sh block of README.md and docs/ is run from top to bottom, on a fresh instance for each
# page that has any, and leaves an instance that trades; a ```text block behind it has lines that it prints; what is named in
# `backquotes` exists. A block that is marked otherwise is not run:
# `sh long` takes too long or would run the tests in the tests, `sh elsewhere` needs another machine. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
cd "$root" || exit 1
start_work

# The script of a page: its blocks, each ended by a line that says so. A block's settings hold for those below it.
page_script() { # PAGE
    awk -v port="$port" '
        /^```sh$/ { inside = 1; number++; printf "echo \"@ block %d, line %d\" >&2\n", number, NR; next }
        /^```/ { if (inside) printf "wait\necho \"@ done %d\" >&2\n", number; inside = 0; next }
        inside { gsub(/127\.0\.0\.1:8080/, "127.0.0.1:" port); print }' "$1"
}

# What the ```text block behind a block has and the block did not print, each line in turn; … stands for anything, blanks are one.
not_shown() { # PAGE BLOCK
    awk -v block="$2" '
        function plain(text) { gsub(/[ \t]+/, " ", text); sub(/^ /, "", text); sub(/ $/, "", text); return text }
        NR == FNR && /^```/ { shows = !fence && /^```text$/ && behind == block; fence = !fence; if (/^```sh$/) { number++; behind = number } next }
        NR == FNR && fence && shows { expected[++lines] = plain($0); next }
        NR == FNR { if (!fence && /[^ ]/) behind = 0; next }
        $0 ~ "^@ block " block "," { inside = 1; next }
        $0 ~ "^@ done " block "$" { inside = 0 }
        inside && at < lines {
            pattern = expected[at + 1]
            gsub(/[][\\.*^$+?(){}|]/, "\\\\&", pattern)
            gsub(/…/, ".*", pattern)
            if (plain($0) ~ "^" pattern "$") at++
        }
        END { while (at < lines) print expected[++at] }' "$1" "$work/said"
}

run_page() { # PAGE
    page=$1
    home=$work/$(basename "$page" .md)
    mkdir "$home"
    port=$(free_port_base)
    page_script "$page" >"$work/script"
    blocks=$(grep -c '^```sh$' "$page")
    oxe "$home" "$port" up --no-demo --no-screen >"$work/up" 2>&1 </dev/null || { fail "an_instance_starts_for $page" "$(cat "$work/up")"; return; }
    OXE_HOME=$home OXE_HTTP_PORT=$port OXE_BUILD=$build timeout 300 bash -e -o pipefail "$work/script" >"$work/said" 2>&1 </dev/null 9>&-
    for block in $(seq "$blocks"); do
        if grep -q "^@ done $block$" "$work/said"; then
            check "$page: $(grep "^@ block $block," "$work/said" | cut -c3-) does what it says" "$(not_shown "$page" "$block")" ''
        else
            fail "$page: block $block does what it says" "$(tail -n 30 "$work/said")"
            break
        fi
    done
    filled() {
        oxe "$home" "$port" ctl submit --wait AAPL BUY 1 MARKET 2>&1 </dev/null | grep '^status'
    }
    check_soon "$page leaves an instance that trades" 'status   FILLED (DONE)' filled
    oxe "$home" "$port" down --wipe >/dev/null 2>&1 </dev/null
}

pages=$(ls README.md docs/*.md docs/operation/*.md proto/README.md)
for page in ${OXE_DOCS_PAGES:-$pages}; do
    ! grep -q '^```sh$' "$page" || run_page "$page"
done

# --- what is named exists ---
words() { # PATTERN: what the pages have of it
    grep -ohE "$1" $pages | sort -u
}
known=$("$root/oxe" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
check every_command_of_oxe_that_is_named_exists \
    "$(words '\./oxe [a-z][a-z-]*' | cut -d' ' -f2 | grep -vxF "$known")" ''
known=$("$build/services/oxectl/oxectl" help | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p'; echo help)
check every_command_of_oxectl_that_is_named_exists \
    "$(words '(`oxectl|\./oxe ctl) [a-z][a-z-]*' | awk '{print $NF}' | grep -vxF "$known")" ''
check every_file_that_is_named_exists \
    "$(words '`(services|common|proto|deploy|migrations|tests|docs)/[A-Za-z0-9_./-]*`' | tr -d '`' |
        while read -r file; do [ -e "${file%.}" ] || echo "$file"; done)" ''
# Sections are called as hosts of repositories call them: small letters, hyphens for spaces, nothing else.
sections() { # PAGE
    sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}
check every_link_leads_somewhere \
    "$(for page in $pages CONTRIBUTING.md CHANGELOG.md frontend/README.md docs/decisions/*.md; do
        grep -oE '\]\([^)]+' "$page" | cut -c3- | grep -v '^http' | while read -r link; do
            file=$(dirname "$page")/${link%%#*}
            [ -n "${link%%#*}" ] || file=$page
            if [ ! -e "$file" ]; then
                echo "$page: $link"
            elif [ "${link#*#}" != "$link" ] && ! sections "$file" | grep -qxF -e "${link#*#}"; then
                echo "$page: $link"
            fi
        done
    done)" ''
check every_finding_of_the_doctor_has_a_runbook \
    "$(sed -n 's/^FINDING(\(.*\))$/\1/p' services/oxectl/findings.def | while read -r kind; do
        grep -qx "### $kind" docs/operation/runbooks.md || echo "$kind"
    done)" ''
check every_block_is_run_or_says_why_not \
    "$(grep -hoE '^```sh.*' $pages | sort -u | grep -vxE '```sh( long| elsewhere)?')" ''
finish "$work/README" docs
