/* SPDX-License-Identifier: Apache-2.0 */
/* What a FIX message means to the executor, message by message; the field separator is written as a bar. */
#include "services/executor/fix/venue_fix_map.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define A    "0192a5c0-0000-7000-8000-00000000000a"
#define B    "0192a5c0-0000-7000-8000-00000000000b"
#define HEAD "8=FIX.4.4|9=100|35=%s|34=7|49=X|52=20251017-12:00:00|56=Y|"

enum { MESSAGE_MAX = 2048, EVENTS_MAX = 16 };

#define NOTHING 0

static const int64_t received_us = 1000000;

struct collected {
    struct venue_event events[EVENTS_MAX];
    int count;
};

static void collect(void *context, const struct venue_event *event)
{
    struct collected *collected = context;

    cr_assert_lt(collected->count, EVENTS_MAX);
    collected->events[collected->count++] = *event;
}

static size_t build(const char *type, const char *body, char message[static MESSAGE_MAX])
{
    int head = snprintf(message, MESSAGE_MAX, HEAD, type);

    (void)snprintf(message + head, MESSAGE_MAX - (size_t)head, "%s|10=000|", body);
    for (char *c = message; *c; c++)
        *c = *c == '|' ? '\001' : *c;
    return strlen(message);
}

static struct uuid id_of(const char *text)
{
    struct uuid id;

    cr_assert_eq(uuid_parse(text, strlen(text), &id), 0);
    return id;
}

static struct collected map(const char *type, const char *body, enum venue_fix_request request)
{
    struct venue_fix_reference reference = {.request = request, .order_id = id_of(A)};
    struct collected collected = {.count = 0};
    char message[MESSAGE_MAX];
    struct fix_frame_message read;

    cr_assert_eq(fix_frame_read(message, build(type, body, message), &read), 0);
    int count = venue_fix_map(3, &read, &reference, (struct instant){received_us}, collect, &collected);
    cr_assert_eq(count, collected.count);
    return collected;
}

struct mapping_case {
    const char *name, *type, *body;
    int event; /* enum venue_event_type, or NOTHING */
    bool known;
    enum venue_fix_request request;
};

Test(venue_fix_map, each_message_has_its_event)
{
    static const struct mapping_case cases[] = {
        {"new", "8", "11=" A "|37=V|17=E|150=0|39=0|14=0", VENUE_ACKNOWLEDGED, true, 0},
        {"pending new", "8", "11=" A "|37=V|17=E|150=A|39=A|14=0", VENUE_PENDING, true, 0},
        {"trade", "8", "11=" A "|37=V|17=E|150=F|39=1|32=5|31=1.5|14=5", VENUE_FILL, true, 0},
        {"fill of FIX 4.2", "8", "11=" A "|37=V|17=E|150=2|39=2|32=5|31=1.5|14=5", VENUE_FILL, true, 0},
        {"trade without ExecID", "8", "11=" A "|37=V|150=F|39=1|32=5|31=1.5|14=5", VENUE_UNEXPECTED, true, 0},
        {"trade without price", "8", "11=" A "|37=V|17=E|150=F|39=1|32=5|14=5", VENUE_UNEXPECTED, true, 0},
        {"trade without quantity", "8", "11=" A "|17=E|150=F|39=1|31=5|14=5", VENUE_UNEXPECTED, true, 0},
        {"trade of nothing", "8", "11=" A "|17=E|150=F|39=1|32=0|31=5|14=5", VENUE_UNEXPECTED, true, 0},
        {"trade of less than nothing", "8", "11=" A "|17=E|150=F|39=1|32=-1|31=5|14=5", VENUE_UNEXPECTED,
         true, 0},
        {"price too precise", "8", "11=" A "|17=E|150=F|32=1|31=5.123456789|14=1", VENUE_UNEXPECTED, true, 0},
        {"quantity with exponent", "8", "11=" A "|17=E|150=F|32=1e3|31=5|14=1", VENUE_UNEXPECTED, true, 0},
        {"cumulated quantity is no number", "8", "11=" A "|17=E|150=0|14=x", VENUE_UNEXPECTED, true, 0},
        {"trade of a stranger's order", "8", "11=abc|17=E|150=F|32=1|31=5|14=1", VENUE_FILL, false, 0},
        {"trade correction", "8", "11=" A "|17=E|150=G|32=1|31=5|14=1", VENUE_TRADE_CHANGED, true, 0},
        {"trade cancellation", "8", "11=" A "|17=E|150=H|32=1|31=5|14=1", VENUE_TRADE_CHANGED, true, 0},
        {"cancelled on request", "8", "11=" B "|41=" A "|17=E|150=4|39=4|14=0", VENUE_CANCELLED, true, 0},
        {"cancelled unasked", "8", "11=" A "|17=E|150=4|39=4|14=0", VENUE_CANCELLED, true, 0},
        {"pending cancel", "8", "11=" B "|41=" A "|17=E|150=6|39=6|14=0", VENUE_PENDING, true, 0},
        {"replaced", "8", "11=" B "|41=" A "|17=E|150=5|39=0|14=0", VENUE_REPLACED, true, 0},
        {"pending replace", "8", "11=" B "|41=" A "|17=E|150=E|39=E|14=0", VENUE_PENDING, true, 0},
        {"OrigClOrdID is none of ours", "8", "11=" A "|41=NONE|17=E|150=4|39=4|14=0", VENUE_CANCELLED, true,
         0},
        {"expired", "8", "11=" A "|17=E|150=C|39=C|14=0", VENUE_EXPIRED, true, 0},
        {"rejected", "8", "11=" A "|17=E|150=8|39=8|103=3|58=no|14=0", VENUE_REJECTED, true, 0},
        {"rejected without a reason", "8", "11=" A "|17=E|150=8|39=8|14=0", VENUE_REJECTED, true, 0},
        {"duplicate", "8", "11=" A "|17=E|150=8|39=8|103=6|14=0", VENUE_DUPLICATE, true, 0},
        {"unknown, said with a rejection", "8", "11=" A "|17=0|150=8|39=8|103=5|14=0", VENUE_UNKNOWN_ORDER,
         true, 0},
        {"unknown, said with a status", "8", "11=" A "|17=0|150=I|39=8|103=5|14=0", VENUE_UNKNOWN_ORDER, true,
         0},
        {"status", "8", "11=" A "|17=0|150=I|39=1|14=4", VENUE_STATUS, true, 0},
        {"status without quantity", "8", "11=" A "|17=0|150=I|39=1", VENUE_UNEXPECTED, true, 0},
        {"status of no status", "8", "11=" A "|17=0|150=I|14=1", VENUE_UNEXPECTED, true, 0},
        {"done for day", "8", "11=" A "|17=E|150=3|39=3|14=0", VENUE_UNEXPECTED, true, 0},
        {"no ExecType", "8", "11=" A "|17=E|39=0|14=0", VENUE_UNEXPECTED, true, 0},
        {"ExecType of two letters", "8", "11=" A "|17=E|150=00|39=0|14=0", VENUE_UNEXPECTED, true, 0},
        {"empty report", "8", "58=x", VENUE_UNEXPECTED, false, 0},
        {"cancel rejected", "9", "11=" B "|41=" A "|39=2|434=1|102=0", VENUE_CANCEL_REJECTED, true, 0},
        {"cancel rejected for a strange reason", "9", "11=" B "|41=" A "|102=\xc9", VENUE_CANCEL_REJECTED,
         true, 0},
        {"cancel of a stranger's order rejected", "9", "11=x|41=y|39=2|434=1", VENUE_CANCEL_REJECTED, false,
         0},
        {"reject of an order", "3", "45=5|373=5|58=no", VENUE_REJECTED, true, VENUE_FIX_SUBMIT},
        {"reject of a cancel", "3", "45=5|373=5|58=no", VENUE_CANCEL_REJECTED, true, VENUE_FIX_CANCEL},
        {"reject of a replace", "3", "45=5|373=5|58=no", VENUE_CANCEL_REJECTED, true, VENUE_FIX_REPLACE},
        {"reject of a query", "3", "45=5|373=5|58=no", VENUE_UNEXPECTED, true, VENUE_FIX_QUERY},
        {"reject of something", "3", "45=5|373=5|58=no", VENUE_UNEXPECTED, false, VENUE_FIX_NONE},
        {"business reject of an order", "j", "45=5|372=D|380=4", VENUE_REJECTED, true, VENUE_FIX_SUBMIT},
        {"business reject that names an order", "j", "372=D|379=" B "|380=4", VENUE_REJECTED, true,
         VENUE_FIX_NONE},
        {"business reject that names a cancel", "j", "372=F|379=" B "|380=4", VENUE_UNEXPECTED, false,
         VENUE_FIX_NONE},
        {"market data refused", "Y", "262=P|281=0|58=no", VENUE_UNEXPECTED, false, 0},
        {"news", "B", "148=hello", VENUE_UNEXPECTED, false, 0},
        {"snapshot", "W", "55=AAPL|268=1|269=2|270=150.5", VENUE_PRICE, false, 0},
        {"snapshot without a trade", "W", "55=AAPL|268=1|269=0|270=150.5", NOTHING, false, 0},
        {"empty snapshot", "W", "55=AAPL|268=0", NOTHING, false, 0},
        {"snapshot without a symbol", "W", "268=1|269=2|270=150.5", VENUE_UNEXPECTED, false, 0},
        {"snapshot with an empty symbol", "W", "55=|268=1|269=2|270=150.5", VENUE_UNEXPECTED, false, 0},
        {"snapshot of a price below zero", "W", "55=AAPL|268=1|269=2|270=-1", VENUE_UNEXPECTED, false, 0},
        {"refresh that deletes", "X", "268=1|279=2|269=2|55=AAPL|270=1", NOTHING, false, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct mapping_case *c = &cases[i];
        struct collected got = map(c->type, c->body, c->request);

        cr_expect_eq(got.count, c->event == NOTHING ? 0 : 1, "%s: %d events", c->name, got.count);
        if (got.count != 1)
            continue;
        cr_expect_eq(got.events[0].type, (enum venue_event_type)c->event, "%s: type %d", c->name,
                     (int)got.events[0].type);
        cr_expect_eq(got.events[0].known, c->known, "%s: known", c->name);
        cr_expect_eq(got.events[0].in_seq, 7, "%s: in_seq", c->name);
        cr_expect_eq(got.events[0].lane, 3, "%s: lane", c->name);
        if (c->event == VENUE_UNEXPECTED)
            cr_expect_str_neq(got.events[0].text, "", "%s: no text", c->name);
    }
}

Test(venue_fix_map, what_a_message_proves_and_whether_it_tells_of_money)
{
    static const struct {
        const char *name, *type, *body;
        bool not_known, of_order, has_money;
        const char *ref_exec_id;
        char exec_type;
    } cases[] = {
        {"new", "8", "11=" A "|17=E|150=0|39=0|14=0|32=0|31=0", false, true, false, "", '0'},
        {"trade", "8", "11=" A "|17=E|150=F|39=1|32=5|31=1.5|14=5", false, true, true, "", 'F'},
        {"trade that cannot be read", "8", "11=" A "|17=E|150=F|39=1|32=1e3|14=5", false, true, true, "",
         'F'},
        {"trade cancel", "8", "11=" A "|17=E2|19=E1|150=H|39=0|14=0", false, true, true, "E1", 'H'},
        {"trade correct", "8", "11=" A "|17=E2|19=E1|150=G|39=1|32=4|31=2|14=4", false, true, true, "E1",
         'G'},
        {"restated", "8", "11=" A "|17=E|150=D|39=0|14=0|38=5", false, true, true, "", 'D'},
        {"rejected", "8", "11=" A "|17=E|150=8|39=8|14=0", false, false, false, "", '8'},
        {"no such order to cancel", "9", "11=" B "|41=" A "|39=8|434=1|102=1", true, false, false, "", '\0'},
        {"too late to cancel", "9", "11=" B "|41=" A "|39=2|434=1|102=0", false, false, false, "", '\0'},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct collected got = map(cases[i].type, cases[i].body, VENUE_FIX_NONE);
        const struct venue_event *event = &got.events[0];

        cr_assert_eq(got.count, 1, "%s", cases[i].name);
        cr_expect_eq(event->not_known, cases[i].not_known, "%s", cases[i].name);
        cr_expect_eq(event->of_order, cases[i].of_order, "%s", cases[i].name);
        cr_expect_eq(event->has_money, cases[i].has_money, "%s", cases[i].name);
        cr_expect_str_eq(event->ref_exec_id, cases[i].ref_exec_id, "%s", cases[i].name);
        cr_expect_eq(event->exec_type, cases[i].exec_type, "%s", cases[i].name);
        cr_expect_not_null(event->message, "%s", cases[i].name);
        cr_expect_str_eq(event->cl_ord_id, strstr(cases[i].body, "11=" B) != NULL ? B : A, "%s",
                         cases[i].name);
    }
}

Test(venue_fix_map, the_order_is_the_original_one)
{
    static const char *const bodies[][2] = {
        {"8", "11=" B "|41=" A "|17=E|150=4|39=4|14=0"},
        {"8", "11=" A "|17=E|150=0|39=0|14=0"},
        {"9", "11=" B "|41=" A "|39=2|434=1|102=0"},
    };

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct collected got = map(bodies[i][0], bodies[i][1], VENUE_FIX_NONE);

        cr_assert_eq(got.count, 1);
        cr_expect_eq(uuid_compare(got.events[0].order_id, id_of(A)), 0, "%s", bodies[i][1]);
    }
}

Test(venue_fix_map, a_fill_is_read_exactly)
{
    struct collected got =
        map("8",
            "11=" A "|37=V-1|17=E-1|150=F|39=1|55=BRK.B|32=0000100.50000000|31=.12345678|14=200.|"
            "60=20251017-12:01:05.123|58=part",
            VENUE_FIX_NONE);
    const struct venue_event *fill = &got.events[0];

    cr_assert_eq(got.count, 1);
    cr_assert_eq(fill->type, VENUE_FILL);
    cr_expect_eq(fill->last_quantity.units, INT64_C(10050000000));
    cr_expect_eq(fill->last_price.units, 12345678);
    cr_expect_eq(fill->cum_quantity.units, INT64_C(20000000000));
    cr_expect_eq(fill->venue_status, ORDER_STATUS_PARTIAL);
    cr_expect_eq(fill->transact_time.us, INT64_C(1760702465123000));
    cr_expect_str_eq(fill->exec_id, "E-1");
    cr_expect_str_eq(fill->venue_order_id, "V-1");
    cr_expect_str_eq(fill->symbol, "BRK.B");
    cr_expect_str_eq(fill->text, "part");
    cr_expect_not(fill->possible_duplicate);
}

Test(venue_fix_map, a_time_that_cannot_be_read_is_the_time_of_receipt)
{
    static const char *const times[] = {"", "|60=", "|60=20251017", "|60=20251317-12:01:05",
                                        "|60=yesterday, at noon"};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char body[128];
        struct collected got;

        (void)snprintf(body, sizeof body, "11=" A "|17=E|150=0|14=0%s", times[i]);
        got = map("8", body, VENUE_FIX_NONE);
        cr_assert_eq(got.count, 1);
        cr_expect_eq(got.events[0].transact_time.us, received_us, "%s", times[i]);
    }
}

Test(venue_fix_map, status_answers_tell_where_the_order_is)
{
    static const struct {
        const char *ord_status, *cum_quantity;
        enum order_status status;
    } cases[] = {
        {"0", "0", ORDER_STATUS_PENDING}, {"A", "0", ORDER_STATUS_PENDING},
        {"0", "1", ORDER_STATUS_PARTIAL}, {"1", "1", ORDER_STATUS_PARTIAL},
        {"2", "9", ORDER_STATUS_FILLED},  {"3", "0", ORDER_STATUS_PENDING},
        {"3", "2", ORDER_STATUS_PARTIAL}, {"4", "1", ORDER_STATUS_CANCELLED},
        {"5", "0", ORDER_STATUS_PENDING}, {"6", "0", ORDER_STATUS_PENDING},
        {"7", "0", ORDER_STATUS_PENDING}, {"8", "0", ORDER_STATUS_REJECTED},
        {"9", "3", ORDER_STATUS_PARTIAL}, {"C", "0", ORDER_STATUS_EXPIRED},
        {"D", "0", ORDER_STATUS_PENDING}, {"E", "1", ORDER_STATUS_PARTIAL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[128];
        struct collected got;

        (void)snprintf(body, sizeof body, "11=" A "|17=0|150=I|39=%s|14=%s", cases[i].ord_status,
                       cases[i].cum_quantity);
        got = map("8", body, VENUE_FIX_NONE);
        cr_assert_eq(got.count, 1);
        cr_expect_eq(got.events[0].type, VENUE_STATUS, "39=%s", cases[i].ord_status);
        cr_expect_eq(got.events[0].venue_status, cases[i].status, "39=%s 14=%s", cases[i].ord_status,
                     cases[i].cum_quantity);
    }
}

Test(venue_fix_map, an_execution_id_that_cannot_be_kept_whole_is_no_fill)
{
    char id[VENUE_EXEC_ID_MAX + 1], body[256];
    struct collected got;

    memset(id, 'x', sizeof id);
    for (size_t length = VENUE_EXEC_ID_MAX - 1; length <= VENUE_EXEC_ID_MAX; length++) {
        (void)snprintf(body, sizeof body, "11=" A "|17=%.*s|150=F|32=1|31=5|14=1", (int)length, id);
        got = map("8", body, VENUE_FIX_NONE);
        cr_assert_eq(got.count, 1);
        cr_expect_eq(got.events[0].type, length < VENUE_EXEC_ID_MAX ? VENUE_FILL : VENUE_UNEXPECTED);
    }
}

Test(venue_fix_map, the_order_id_of_an_unknown_order_is_none)
{
    struct collected got = map("8", "11=" A "|37=NONE|17=0|150=I|39=8|103=5|14=0", VENUE_FIX_NONE);

    cr_assert_eq(got.count, 1);
    cr_expect_eq(got.events[0].type, VENUE_UNKNOWN_ORDER);
    cr_expect_str_eq(got.events[0].venue_order_id, "");
}

Test(venue_fix_map, text_is_cut_and_made_printable)
{
    char body[512] = "11=" A "|17=E|150=8|14=0|58=caf\xc3\xa9 \t";
    struct collected got;

    memset(body + strlen(body), 'z', 300);
    got = map("8", body, VENUE_FIX_NONE);
    cr_assert_eq(got.count, 1);
    cr_expect_eq(strlen(got.events[0].text), VENUE_TEXT_MAX - 1);
    cr_expect_eq(strncmp(got.events[0].text, "caf?? ?zzz", 10), 0);
}

Test(venue_fix_map, every_trade_of_a_refresh_is_a_price)
{
    struct collected got = map("X",
                               "262=P|268=4|279=0|269=2|55=AAPL|270=150.5|279=0|269=0|55=AAPL|270=1|"
                               "279=1|269=2|55=MSFT|270=400.25|279=0|269=2|270=401",
                               VENUE_FIX_NONE);

    cr_assert_eq(got.count, 3);
    cr_expect_str_eq(got.events[0].symbol, "AAPL");
    cr_expect_eq(got.events[0].last_price.units, INT64_C(15050000000));
    cr_expect_str_eq(got.events[1].symbol, "MSFT");
    cr_expect_eq(got.events[1].last_price.units, INT64_C(40025000000));
    cr_expect_str_eq(got.events[2].symbol, "MSFT", "an entry without a symbol is about the one before it");
    cr_expect_eq(got.events[2].last_price.units, INT64_C(40100000000));
}

Test(venue_fix_map, fields_inside_groups_do_not_stand_for_the_message)
{
    struct collected got =
        map("8", "11=" A "|17=E|150=F|32=5|31=1|14=5|453=2|448=p|11=" B "|448=q|32=9|31=9", VENUE_FIX_NONE);

    cr_assert_eq(got.count, 1);
    cr_expect_eq(uuid_compare(got.events[0].order_id, id_of(A)), 0);
    cr_expect_eq(got.events[0].last_quantity.units, INT64_C(500000000));
}
