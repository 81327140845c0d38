/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl eod: after the day, whether our books and the exchange's are the same, and ours agree with
 * themselves. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
#include "proto/json.h"
#include "proto/order.h"
#include "services/oxectl/books.h"
#include "services/oxectl/database.h"
#include "services/oxectl/day.h"

#include "eod_sql.h"

enum {
    STATEMENT_TIMEOUT_MS = 10 * 60 * 1000,
    PAGE = 100000, /* fills; each page may read the whole table */
    SETTLE_MS = 2000,
    KEY_MAX = 256,
    VALUE_MAX = 128,
    WIDE_TEXT_MAX = 64,
};

/* What the exchange says of the day; money in 1e-16. */
struct totals {
    int64_t executions;
    __int128 bought, sold;
};

struct eod {
    const struct context *context;
    const struct args *args;
    struct trading_day day;
    char begin[INSTANT_TEXT_MAX], end[INSTANT_TEXT_MAX];
    struct db *db;
    struct totals there;
    const char *difference;   /* of the books that are being compared */
    struct book *differences; /* "difference\tsubject" with "there\there" */
};

static int out_of_memory(int r)
{
    return r < 0 ? trouble("out of memory") : 0;
}

/* --- the exchange's books --- */

static bool read_decimal(yajl_val line, const char *member, struct decimal *ret_value)
{
    const char *text = json_text(line, member);

    return decimal_parse(text, strlen(text), ret_value) == 0;
}

static int add_execution(struct eod *eod, yajl_val line, struct book *book)
{
    char key[KEY_MAX], value[VALUE_MAX], quantity_text[DECIMAL_TEXT_MAX], price_text[DECIMAL_TEXT_MAX];
    const char *time = json_text(line, "time"), *side = json_text(line, "side");
    struct decimal quantity, price;
    struct instant at;

    if (instant_parse(time, strlen(time), &at) < 0 || !read_decimal(line, "quantity", &quantity) ||
        !read_decimal(line, "price", &price))
        return trouble("the exchange's execution %s is none: its time, quantity or price is missing",
                       json_text(line, "exec_id"));
    if (at.us < eod->day.begin.us || at.us >= eod->day.end.us)
        return 0;
    __int128 money = (__int128)quantity.units * price.units;
    eod->there.executions++;
    *(strcmp(side, "BUY") == 0 ? &eod->there.bought : &eod->there.sold) += money;
    (void)decimal_format(quantity, quantity_text);
    (void)decimal_format(price, price_text);
    (void)snprintf(key, sizeof(key), "%.80s of order %.80s", json_text(line, "exec_id"),
                   json_text(line, "cl_ord_id"));
    (void)snprintf(value, sizeof(value), "%s %s %s at %s", side, quantity_text, json_text(line, "symbol"),
                   price_text);
    return out_of_memory(book_add(book, key, value, false));
}

static int add_order(struct eod *eod, yajl_val line, struct book *book)
{
    char key[KEY_MAX], value[VALUE_MAX], text[DECIMAL_TEXT_MAX];
    const char *status = json_text(line, "status");
    struct decimal quantity, filled, open;

    if (strcmp(status, "NEW") != 0 && strcmp(status, "PARTIAL") != 0)
        return 0;
    if (!read_decimal(line, "quantity", &quantity) || !read_decimal(line, "filled_quantity", &filled) ||
        decimal_sub(quantity, filled, &open) < 0)
        return trouble("the exchange's order %s is none: a quantity is missing",
                       json_text(line, "cl_ord_id"));
    (void)decimal_format(open, text);
    (void)snprintf(key, sizeof(key), "order %.80s", json_text(line, "cl_ord_id"));
    (void)snprintf(value, sizeof(value), "%s open", text);
    return out_of_memory(book_add(book, key, value, false));
}

typedef int (*add_line)(struct eod *eod, yajl_val line, struct book *book);

/* {"error":"…"} is what the simulator says instead. */
static int read_line(struct eod *eod, const char *text, add_line add, struct book *book)
{
    char error[256];
    yajl_val line = yajl_tree_parse(text, error, sizeof(error));
    int status;

    if (line == NULL)
        status = trouble("the exchange's line is no JSON: %s", text);
    else if (json_get(line, "error") != NULL)
        status = trouble("the exchange: %s", json_text(line, "error"));
    else
        status = add(eod, line, book);
    yajl_tree_free(line);
    return status;
}

/* From the file that the option names, or from the simulator. */
static int read_exchange(struct eod *eod, const char *option, const char *command, add_line add,
                         struct book *book)
{
    const char *path = args_text(eod->args, option);
    CLEANUP_FREE char *line = NULL;
    FILE *file = NULL;
    size_t room = 0;
    int status = 0;

    if (path == NULL)
        status = sim_open(eod->context->sim_control, command, &file);
    else if ((file = fopen(path, "re")) == NULL)
        status = trouble("cannot read %s: %s", path, strerror(errno));
    if (status != 0)
        return status;
    while (status == 0 && getline(&line, &room, file) > 0) {
        if (line[0] != '\n')
            status = read_line(eod, line, add, book);
    }
    if (status == 0 && ferror(file) != 0)
        status = trouble("the exchange's %s broke off", command);
    (void)fclose(file);
    return status;
}

/* --- ours --- */

/* Rows of key, value, and whether the exchange need not have it. */
static int add_rows(struct book *book, const PGresult *result)
{
    int status = 0;

    for (int i = 0; status == 0 && i < PQntuples(result); i++)
        status = out_of_memory(
            book_add(book, db_get_text(result, i, 0), db_get_text(result, i, 1), db_get_bool(result, i, 2)));
    return status;
}

static int add_fills(struct eod *eod, struct book *book)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    char last[UUID_TEXT_MAX] = "00000000-0000-0000-0000-000000000000";
    const PGresult *result = NULL;
    int status = 0, count = PAGE;

    while (status == 0 && count == PAGE) {
        db_args_clear(&values);
        db_args_text(&values, last);
        db_args_text(&values, eod->begin);
        db_args_text(&values, eod->end);
        db_args_i64(&values, PAGE);
        status = database_run_within(eod->db, SQL_EOD_FILLS, &values, STATEMENT_TIMEOUT_MS, &result);
        if (status != 0)
            return status;
        status = add_rows(book, result);
        count = PQntuples(result);
        if (count > 0)
            (void)snprintf(last, sizeof(last), "%s", db_get_text(result, count - 1, 3));
    }
    return status;
}

static int add_open_orders(struct eod *eod, struct book *book)
{
    const PGresult *result = NULL;

    int status = database_run_within(eod->db, SQL_EOD_ORDERS, NULL, STATEMENT_TIMEOUT_MS, &result);
    return status == 0 ? add_rows(book, result) : status;
}

/* --- comparing --- */

static int differ(struct eod *eod, const char *difference, const char *subject, const char *there,
                  const char *here)
{
    char key[KEY_MAX + 32], value[2 * VALUE_MAX];

    (void)snprintf(key, sizeof(key), "%s\t%s", difference, subject);
    (void)snprintf(value, sizeof(value), "%s\t%s", there == NULL ? "-" : there, here == NULL ? "-" : here);
    return book_add(eod->differences, key, value, false);
}

static int tell(void *context, const char *key, const char *theirs, const char *ours)
{
    struct eod *eod = context;

    return differ(eod, eod->difference, key, theirs, ours);
}

/* Two books: the exchange's, from the file of the option or by the command, and ours. */
static int compare_books(struct eod *eod, const char *difference, const char *option, const char *command,
                         add_line add_theirs, int (*add_ours)(struct eod *eod, struct book *book))
{
    CLEANUP(book_release) struct book theirs = {0}, ours = {0};

    eod->difference = difference;
    int status = read_exchange(eod, option, command, add_theirs, &theirs);
    if (status == 0)
        status = add_ours(eod, &ours);
    return status == 0 ? out_of_memory(books_compare(&theirs, &ours, tell, eod)) : status;
}

static int compare_accounts(struct eod *eod)
{
    const PGresult *result = NULL;

    int status = database_run_within(eod->db, SQL_EOD_ACCOUNTS, NULL, STATEMENT_TIMEOUT_MS, &result);
    for (int i = 0; status == 0 && i < PQntuples(result); i++)
        status = out_of_memory(differ(eod, db_get_text(result, i, 0), db_get_text(result, i, 1),
                                      db_get_text(result, i, 2), db_get_text(result, i, 3)));
    return status;
}

static int compare(struct eod *eod, struct book *differences)
{
    eod->differences = differences;
    eod->there = (struct totals){0};
    int status = compare_books(eod, "execution", "--executions", "executions", add_execution, add_fills);
    if (status == 0)
        status = compare_books(eod, "open order", "--orders", "orders", add_order, add_open_orders);
    if (status == 0)
        status = compare_accounts(eod);
    book_sort(differences);
    return status;
}

/* What is on its way looks like a difference and is gone a moment later: what counts is what stays. */
static int compare_twice(struct eod *eod, struct book *ret_differences)
{
    CLEANUP(book_release) struct book first = {0}, second = {0};

    int status = compare(eod, &first);
    if (status != 0 || first.count == 0)
        return status;
    (void)poll(NULL, 0, SETTLE_MS);
    status = compare(eod, &second);
    for (size_t i = 0; status == 0 && i < second.count; i++) {
        if (book_has(&first, second.lines[i].key))
            status =
                out_of_memory(book_add(ret_differences, second.lines[i].key, second.lines[i].value, false));
    }
    return status;
}

/* --- the report --- */

static void append_money(struct buffer *out, __int128 money)
{
    char text[WIDE_TEXT_MAX];
    const __int128 one = (__int128)DECIMAL_ONE * DECIMAL_ONE;

    int length = snprintf(text, sizeof(text), "%" PRId64 ".%016" PRId64, (int64_t)(money / one),
                          (int64_t)(money % one));
    while (text[length - 1] == '0')
        length--;
    buffer_append(out, text, (size_t)(text[length - 1] == '.' ? length - 1 : length));
}

static void append_differences(struct buffer *out, const struct book *differences)
{
    buffer_append_char(out, '[');
    for (size_t i = 0; i < differences->count; i++) {
        char *subject = strchr(differences->lines[i].key, '\t');
        char *here = strchr(differences->lines[i].value, '\t');
        *subject++ = '\0';
        *here++ = '\0';
        json_open_object(out);
        json_append_member(out, "difference", differences->lines[i].key);
        json_append_member(out, "subject", subject);
        json_append_member(out, "there", differences->lines[i].value);
        json_append_member(out, "here", here);
        buffer_append_char(out, '}');
    }
    buffer_append_char(out, ']');
}

/* One JSON object: the day, both sides' totals, what the database says of it, and the differences. */
static int make_report(struct eod *eod, const struct book *differences, struct buffer *out)
{
    CLEANUP(db_args_release) struct db_args values = {0};
    const PGresult *result = NULL;

    db_args_text(&values, eod->begin);
    db_args_text(&values, eod->end);
    int status = database_run_within(eod->db, SQL_EOD_DAY, &values, STATEMENT_TIMEOUT_MS, &result);
    if (status != 0)
        return status;
    buffer_append_format(
        out, "{\"begin\":\"%s\",\"end\":\"%s\",\"over\":%s,\"there\":{\"executions\":%" PRId64, eod->begin,
        eod->end, clock_now().us >= eod->day.end.us ? "true" : "false", eod->there.executions);
    buffer_append_text(out, ",\"bought\":");
    append_money(out, eod->there.bought);
    buffer_append_text(out, ",\"sold\":");
    append_money(out, eod->there.sold);
    buffer_append_format(out, "},\"here\":%s,\"differences\":", db_get_text(result, 0, 0));
    append_differences(out, differences);
    buffer_append_char(out, '}');
    return out_of_memory(out->error);
}

/* "FILLED 9, CANCELLED 2"; "none". */
static void print_counts(const char *title, yajl_val counts)
{
    (void)printf("%-12s", title);
    if (!YAJL_IS_OBJECT(counts) || YAJL_GET_OBJECT(counts)->len == 0)
        (void)printf("none");
    for (size_t i = 0; YAJL_IS_OBJECT(counts) && i < YAJL_GET_OBJECT(counts)->len; i++)
        (void)printf("%s%s %s", i == 0 ? "" : ", ", YAJL_GET_OBJECT(counts)->keys[i],
                     YAJL_GET_NUMBER(YAJL_GET_OBJECT(counts)->values[i]));
    (void)printf("\n");
}

static void print_doubts(yajl_val here)
{
    yajl_val doubts = json_get(here, "doubts");
    size_t count = json_length(doubts);

    (void)printf("in doubt    %zu%s\n", count, count == 0 ? "" : ": 'oxectl doubts' lists them");
    (void)printf("put aside   %s%s\n", json_text(here, "put_aside"),
                 strcmp(json_text(here, "put_aside"), "0") == 0 ? "" : ": 'oxectl aside' lists them");
}

static void print_report(const struct eod *eod, yajl_val report, size_t differences)
{
    static const struct column columns[] = {{"DIFFERENCE", "difference", false},
                                            {"SUBJECT", "subject", false},
                                            {"THERE", "there", false},
                                            {"HERE", "here", false}};
    static const char *const figures[] = {"executions", "bought", "sold"};
    yajl_val there = json_get(report, "there"), here = json_get(report, "here");

    (void)printf("from %s to %s%s\n\n%-12s%20s%20s\n", eod->begin, eod->end,
                 clock_now().us < eod->day.end.us ? ", which is not over" : "", "", "THERE", "HERE");
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        (void)printf("%-12s%20s%20s\n", figures[i], json_text(there, figures[i]),
                     json_text(here, figures[i]));
    (void)printf("\n");
    print_counts("orders", json_get(here, "orders"));
    print_counts("flagged", json_get(here, "flagged"));
    (void)printf("open        %s orders, %s questions to the exchange\n", json_text(here, "open_orders"),
                 json_text(here, "commands"));
    print_doubts(here);
    (void)printf("compared    the executions and open orders with the exchange's; %s accounts and %s "
                 "positions with the fills\n\n",
                 json_text(here, "accounts"), json_text(here, "positions"));
    if (differences == 0)
        (void)printf("no difference\n");
    else
        table_print(stdout, columns, ARRAY_LEN(columns), json_get(report, "differences"));
}

static int report(struct eod *eod, const struct book *differences)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    char error[256];

    int status = make_report(eod, differences, &text);
    if (status != 0)
        return status;
    if (args_has(eod->args, "--json")) {
        (void)printf("%s\n", text.data);
    } else {
        yajl_val json = yajl_tree_parse(text.data, error, sizeof(error));
        if (json == NULL)
            return trouble("the report is no JSON: %s", error);
        print_report(eod, json, differences->count);
        yajl_tree_free(json);
    }
    return differences->count == 0 ? 0 : EXIT_REFUSED;
}

int eod_run(const struct context *context, const struct args *args)
{
    CLEANUP(book_release) struct book differences = {0};
    CLEANUP(db_destroy) struct db *db = NULL;
    struct eod eod = {.context = context, .args = args};

    int status = day_read(args, args->operand_count > 0 ? args->operands[0] : NULL, &eod.day);
    if (status == 0)
        status = database_open(context, statements, SQL_COUNT, &db);
    if (status != 0)
        return status;
    eod.db = db;
    (void)instant_format(eod.day.begin, eod.begin);
    (void)instant_format(eod.day.end, eod.end);
    status = compare_twice(&eod, &differences);
    return status == 0 ? report(&eod, &differences) : status;
}
