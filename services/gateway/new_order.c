#include "services/gateway/new_order.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <yajl/yajl_parse.h>

#include "common/cleanup.h"
#include "proto/utf8.h"

/* 10 digits before the point: the first number that has 11. */
#define UNITS_END (INT64_C(10000000000) * DECIMAL_ONE)
/* What is quoted of a client's text in a message. */
#define QUOTE_MAX 64

enum member_kind { MEMBER_SYMBOL, MEMBER_WORD, MEMBER_DECIMAL };

enum member {
    SYMBOL,
    SIDE,
    QUANTITY,
    ORDER_TYPE,
    TIME_IN_FORCE,
    PRICE,
    STOP_LOSS,
    TAKE_PROFIT,
    MEMBER_COUNT
};

static const struct member_def {
    const char *name;
    enum member_kind kind;
    bool required;
    bool nullable;
    const char *words;
} members[MEMBER_COUNT] = {
    [SYMBOL] = {"symbol", MEMBER_SYMBOL, .required = true},
    [SIDE] = {"side", MEMBER_WORD, .words = "BUY or SELL"},
    [QUANTITY] = {"quantity", MEMBER_DECIMAL, .required = true},
    [ORDER_TYPE] = {"order_type", MEMBER_WORD, .required = true, .words = "MARKET, LIMIT or STOP"},
    [TIME_IN_FORCE] = {"time_in_force", MEMBER_WORD, .words = "DAY, GTC, IOC or FOK"},
    [PRICE] = {"price", MEMBER_DECIMAL, .nullable = true},
    [STOP_LOSS] = {"stop_loss", MEMBER_DECIMAL, .nullable = true},
    [TAKE_PROFIT] = {"take_profit", MEMBER_DECIMAL, .nullable = true},
};

enum { MEMBER_UNKNOWN = -1 };

struct parse {
    struct order_request *order;
    struct faults *faults;
    int depth;
    bool too_deep;
    int member;        /* that the next value belongs to */
    bool ignore_value; /* of no member, or of a repeated or unknown one, which has its fault already */
    bool top_not_object;
    bool seen[MEMBER_COUNT];
};

bool new_order_is_symbol(const char *text, size_t length)
{
    if (length == 0 || length >= SYMBOL_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (i == 0 || (c != '.' && c != '-')))
            return false;
    }
    return true;
}

/* A client's text as a fault shows it: without control characters, cut. */
static void quote(char target[static QUOTE_MAX + 1], const char *text, size_t length)
{
    char clean[QUOTE_MAX * 4];
    size_t kept = length < sizeof(clean) ? length : sizeof(clean);

    for (size_t i = 0; i < kept; i++) {
        clean[i] = text[i];
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            clean[i] = '?';
    }
    faults_copy_text(target, QUOTE_MAX + 1, clean, kept);
}

static struct decimal *decimal_slot(struct parse *parse, bool **ret_has)
{
    static bool ignored;
    struct order_request *order = parse->order;

    *ret_has = &ignored;
    switch (parse->member) {
    case PRICE:
        *ret_has = &order->has_price;
        return &order->price;
    case STOP_LOSS:
        *ret_has = &order->has_stop_loss;
        return &order->stop_loss;
    case TAKE_PROFIT:
        *ret_has = &order->has_take_profit;
        return &order->take_profit;
    default:
        return &order->quantity;
    }
}

static void take_decimal(struct parse *parse, const char *text, size_t length)
{
    const char *name = members[parse->member].name;
    char actual[QUOTE_MAX + 1];
    struct decimal value;
    bool *has;

    quote(actual, text, length);
    int r = decimal_parse(text, length, &value);
    if (r == -EDOM) {
        faults_add(parse->faults, name, REJECT_TOO_PRECISE, "8", actual,
                   "%s has more than 8 digits after the point: %s. Round it.", name, actual);
    } else if (r == -ERANGE || (r == 0 && (value.units >= UNITS_END || value.units <= -UNITS_END))) {
        faults_add(parse->faults, name, REJECT_OUT_OF_RANGE, "9999999999.99999999", actual,
                   "%s has more than 10 digits before the point: %s.", name, actual);
    } else if (r < 0) {
        faults_add(parse->faults, name, REJECT_INVALID_VALUE, NULL, actual,
                   "%s is not a decimal number: '%s'.", name, actual);
    } else if (!decimal_is_positive(value)) {
        faults_add(parse->faults, name, REJECT_NOT_POSITIVE, "0", actual,
                   "%s must be greater than 0, it is %s.", name, actual);
    } else {
        *decimal_slot(parse, &has) = value;
        *has = true;
    }
}

static int take_word(struct parse *parse, const char *text, size_t length)
{
    switch (parse->member) {
    case SIDE:
        return side_parse(text, length, &parse->order->side);
    case ORDER_TYPE:
        return order_type_parse(text, length, &parse->order->order_type);
    default:
        return time_in_force_parse(text, length, &parse->order->time_in_force);
    }
}

static void take_text(struct parse *parse, const char *text, size_t length)
{
    const struct member_def *def = &members[parse->member];
    char actual[QUOTE_MAX + 1];

    quote(actual, text, length);
    switch (def->kind) {
    case MEMBER_DECIMAL:
        take_decimal(parse, text, length);
        return;
    case MEMBER_WORD:
        if (take_word(parse, text, length) < 0)
            faults_add(parse->faults, def->name, REJECT_INVALID_VALUE, NULL, actual,
                       "%s must be %s, it is '%s'. Case matters.", def->name, def->words, actual);
        return;
    case MEMBER_SYMBOL:
        if (new_order_is_symbol(text, length))
            faults_copy_text(parse->order->symbol, sizeof(parse->order->symbol), text, length);
        else
            faults_add(
                parse->faults, def->name, REJECT_INVALID_VALUE, NULL, actual,
                "symbol must be 1 to 16 of A to Z, 0 to 9, point and hyphen, and begin with a letter or "
                "digit; it is '%s'.",
                actual);
        return;
    }
}

/* Whether a value of the body's object begins that is to be judged. */
static bool wanted(struct parse *parse)
{
    if (parse->depth == 0)
        parse->top_not_object = true;
    return parse->depth == 1 && !parse->ignore_value;
}

static void wrong_type(struct parse *parse, const char *type)
{
    const struct member_def *def = &members[parse->member];

    faults_add(parse->faults, def->name, REJECT_INVALID_TYPE, NULL, type, "%s must be %s, it is %s.",
               def->name, def->kind == MEMBER_DECIMAL ? "a number, or a string that holds one" : "a string",
               type);
}

static int on_null(void *context)
{
    struct parse *parse = context;

    if (!wanted(parse))
        return 1;
    const struct member_def *def = &members[parse->member];
    if (def->required)
        faults_add(parse->faults, def->name, REJECT_REQUIRED, NULL, NULL,
                   "%s is required and must not be null.", def->name);
    else if (!def->nullable)
        wrong_type(parse, "null");
    return 1;
}

static int on_boolean(void *context, int value)
{
    struct parse *parse = context;

    (void)value;
    if (wanted(parse))
        wrong_type(parse, "a boolean");
    return 1;
}

static int on_number(void *context, const char *text, size_t length)
{
    struct parse *parse = context;

    if (!wanted(parse))
        return 1;
    if (members[parse->member].kind == MEMBER_DECIMAL)
        take_decimal(parse, text, length);
    else
        wrong_type(parse, "a number");
    return 1;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    struct parse *parse = context;

    if (wanted(parse))
        take_text(parse, (const char *)text, length);
    return 1;
}

static int descend(struct parse *parse, const char *type)
{
    if (parse->depth == 1 && !parse->ignore_value)
        wrong_type(parse, type);
    parse->depth++;
    parse->too_deep = parse->depth > NEW_ORDER_DEPTH_MAX;
    return parse->too_deep ? 0 : 1;
}

static int on_map_begin(void *context)
{
    return descend(context, "an object");
}

static int on_array_begin(void *context)
{
    struct parse *parse = context;

    if (parse->depth == 0)
        parse->top_not_object = true;
    return descend(parse, "an array");
}

static int on_end(void *context)
{
    ((struct parse *)context)->depth--;
    return 1;
}

/* stoploss, stopLoss and Stop-Loss are all stop_loss misspelt. */
static bool alike(const char *key, size_t length, const char *name)
{
    size_t i = 0;

    for (; *name != '\0'; name++) {
        if (*name == '_')
            continue;
        while (i < length && (key[i] == '_' || key[i] == '-' || key[i] == ' '))
            i++;
        if (i == length || tolower((unsigned char)key[i]) != *name)
            return false;
        i++;
    }
    return i == length;
}

static void unknown_member(struct parse *parse, const char *key, size_t length)
{
    char name[QUOTE_MAX + 1];
    const char *meant = NULL;

    quote(name, key, length);
    for (size_t i = 0; i < MEMBER_COUNT && meant == NULL; i++) {
        if (alike(key, length, members[i].name))
            meant = members[i].name;
    }
    if (meant != NULL)
        faults_add(parse->faults, name, REJECT_UNKNOWN_FIELD, NULL, NULL,
                   "'%s' is unknown; '%s' is perhaps what you mean.", name, meant);
    else
        faults_add(parse->faults, name, REJECT_UNKNOWN_FIELD, NULL, NULL, "'%s' is unknown.", name);
}

static int on_map_key(void *context, const unsigned char *key, size_t length)
{
    struct parse *parse = context;

    if (parse->depth != 1)
        return 1;
    parse->member = MEMBER_UNKNOWN;
    parse->ignore_value = true;
    for (int i = 0; i < MEMBER_COUNT; i++) {
        if (strlen(members[i].name) != length || memcmp(members[i].name, key, length) != 0)
            continue;
        if (parse->seen[i])
            faults_add(parse->faults, members[i].name, REJECT_INVALID_VALUE, NULL, NULL,
                       "%s is there more than once.", members[i].name);
        else
            parse->ignore_value = false;
        parse->seen[i] = true;
        parse->member = i;
        return 1;
    }
    unknown_member(parse, (const char *)key, length);
    return 1;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map_begin,
    .yajl_map_key = on_map_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_array_begin,
    .yajl_end_array = on_end,
};

static void cleanup_yajl(yajl_handle *handle)
{
    if (*handle != NULL)
        yajl_free(*handle);
}

static int malformed(char ret_detail[static NEW_ORDER_DETAIL_MAX], const char *why)
{
    (void)snprintf(ret_detail, NEW_ORDER_DETAIL_MAX, "The body is not JSON: %s.", why);
    return -EBADMSG;
}

static int read_json(struct parse *parse, const char *body, size_t length,
                     char ret_detail[static NEW_ORDER_DETAIL_MAX])
{
    CLEANUP(cleanup_yajl) yajl_handle handle = NULL;
    char why[64];

    if (length == 0)
        return malformed(ret_detail, "it is empty");
    if (!utf8_is_text(body, length))
        return malformed(ret_detail, "it is not UTF-8 text");
    handle = yajl_alloc(&callbacks, NULL, parse);
    if (handle == NULL)
        return -ENOMEM;
    yajl_status status = yajl_parse(handle, (const unsigned char *)body, length);
    size_t at = yajl_get_bytes_consumed(handle);
    if (parse->too_deep)
        return malformed(ret_detail, "it is nested too deeply");
    if (status != yajl_status_ok) {
        (void)snprintf(why, sizeof(why), "byte %zu is not allowed there", at);
        return malformed(ret_detail, why);
    }
    if (yajl_complete_parse(handle) != yajl_status_ok)
        return malformed(ret_detail, "it ends too early");
    return 0;
}

int new_order_parse(const char *body, size_t length, struct order_request *order, struct faults *ret_faults,
                    char ret_detail[static NEW_ORDER_DETAIL_MAX])
{
    struct parse parse = {
        .order = order, .faults = ret_faults, .member = MEMBER_UNKNOWN, .ignore_value = true};

    ret_faults->count = 0;
    order->symbol[0] = '\0';
    order->side = SIDE_BUY;
    order->time_in_force = TIME_IN_FORCE_DAY;
    order->has_price = order->has_stop_loss = order->has_take_profit = false;
    int r = read_json(&parse, body, length, ret_detail);
    if (r < 0)
        return r;
    if (parse.top_not_object) {
        ret_faults->count = 0;
        faults_add(ret_faults, NULL, REJECT_INVALID_TYPE, NULL, NULL, "The body must be an object.");
        return -EINVAL;
    }
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (members[i].required && !parse.seen[i])
            faults_add(ret_faults, members[i].name, REJECT_REQUIRED, NULL, NULL, "%s is required.",
                       members[i].name);
    }
    return ret_faults->count == 0 ? 0 : -EINVAL;
}
