# SPDX-License-Identifier: Apache-2.0
# TAP for shell tests: facts, one a line. Sourced after lib.sh.
number=0
failed=0

pass() { # FACT
    number=$((number + 1))
    echo "ok $number - $1"
}

fail() { # FACT WHAT-HAPPENED
    number=$((number + 1))
    failed=$((failed + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | head -n 40 | sed 's/^/# /'
}

skip() { # FACT REASON
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

check() { # FACT ACTUAL EXPECTED
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "got:
$2
expected:
$3"
    fi
}

# until_true SECONDS COMMAND …
until_true() {
    deadline=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# check_soon FACT EXPECTED COMMAND …: within ten seconds the command succeeds, and this is what it prints. Prices go on moving and fill
# open orders, so a difference counts only when it stays. A command that fails without a word has not said that nothing differs.
check_soon() {
    fact=$1 expected=$2
    shift 2
    soon=$(($(date +%s) + 10))
    until actual=$("$@" 2>&1) && [ "$actual" = "$expected" ]; do
        [ "$(date +%s)" -lt "$soon" ] || {
            fail "$fact" "'$1' prints, or fails with:
$actual
expected:
$expected"
            return
        }
        sleep 0.2
    done
    pass "$fact"
}

# What differs between the exchange's books and ours (tests/support/exchange_books.sql). The test has `instance` and $work. psql reads
# as its own user, so the statement comes through the standard input.
books_differ() {
    {
        instance ctl sim executions
        instance ctl sim orders
    } >"$work/books" || return
    {
        printf 'PREPARE books AS\n'
        cat "$root/tests/support/exchange_books.sql"
        printf ";\nEXECUTE books(\$books\$"
        cat "$work/books"
        printf '$books$);\n'
    } | instance psql -XqAt -v ON_ERROR_STOP=1
}

# The end of a test: the plan, the logs of the instance in HOME when something failed, and no instance left.
finish() { # HOME NAME
    echo "1..$number"
    [ "$failed" -eq 0 ] || keep_logs "$1" "$2"
    end_work
    [ "$failed" -eq 0 ]
    exit
}
