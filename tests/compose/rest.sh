# SPDX-License-Identifier: Apache-2.0
# Nothing is in flight: what must be true of the whole. Sourced by trade.sh.
if until_true 60 settled; then
    pass everything_comes_to_rest
else
    fail everything_comes_to_rest "$(echo "SELECT execution_state, count(*) FROM oxe.orders GROUP BY 1" | sql)"
fi
invariants() {
    sql <"$root/tests/support/invariants.sql"
}
# Prices go on moving: what rests at the exchange would be filled while it is compared.
ctl halt --cancel-open --reason 'the test is over' ALL >/dev/null
nothing_open() {
    [ "$(echo "SELECT (SELECT count(*) FROM oxe.open_orders) + (SELECT count(*) FROM oxe.outbox)" | sql)" = 0 ]
}
if until_true 60 nothing_open; then
    pass a_halt_cancels_what_is_open
else
    fail a_halt_cancels_what_is_open "$(echo "SELECT execution_state, status, count(*) FROM oxe.orders JOIN oxe.open_orders ON order_id = id GROUP BY 1, 2" | sql)"
fi
check_soon the_invariants_hold '' invariants
check every_order_that_was_answered_is_there "$({
    echo 'CREATE TEMPORARY TABLE answered (id uuid); COPY answered FROM STDIN;'
    awk '$1 == 201 || $1 == 200 {print $2}' "$work/orders"
    printf '\\.\n%s\n' 'SELECT count(*) FROM answered WHERE NOT EXISTS (SELECT FROM oxe.orders o WHERE o.id = answered.id);'
} | sql)" 0
books() {
    {
        ctl sim executions
        ctl sim orders
    } >"$work/books" || return
    # After a soak these are hundreds of thousands of lines: as rows, not as the one text that the statement takes elsewhere.
    {
        echo 'CREATE TEMPORARY TABLE books (line text); COPY books FROM STDIN;'
        sed 's/\\/\\\\/g' "$work/books"
        printf '\\.\n'
        sed 's/unnest(string_to_array(\$1::text, .*)) AS line/books/' "$root/tests/support/exchange_books.sql"
    } | sql
}
check_soon the_exchange_s_books_are_ours '' books
check the_log_verifies "$(ctl audit verify >"$work/verify" 2>&1 || cat "$work/verify")" ''
# The halt of the test is all that there is to say.
check the_doctor_finds_no_alarm "$(ctl doctor >"$work/doctor" 2>&1 || cat "$work/doctor")" ''
