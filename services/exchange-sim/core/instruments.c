/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/core/instruments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/file.h"
#include "services/exchange-sim/fix/fix.h"

enum { COLUMNS = 6 };

static const char header[] = "symbol,name,tick_size,lot_size,tradable,price";

/* Splits a line into exactly COLUMNS fields. */
static bool split(struct fix_text line, struct fix_text fields[static COLUMNS])
{
    const char *at = line.text, *end = line.text + line.length;
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        if ((comma == NULL) != (i == COLUMNS - 1))
            return false;
        const char *field_end = comma != NULL ? comma : end;
        fields[i] = (struct fix_text){at, (size_t)(field_end - at)};
        at = field_end + 1;
    }
    return true;
}

static bool copy_text(struct fix_text text, char *out, size_t max)
{
    if (text.length == 0 || text.length >= max)
        return false;
    memcpy(out, text.text, text.length);
    out[text.length] = '\0';
    return true;
}

static bool positive(struct fix_text text, struct decimal *ret_value)
{
    return fix_value_decimal(text.text, text.length, ret_value) == 0 && decimal_is_positive(*ret_value);
}

/* What is wrong with a line, or NULL. */
static const char *parse_line(struct fix_text line, struct instrument *ret_instrument)
{
    struct fix_text fields[COLUMNS];
    struct instrument instrument = {0};
    if (!split(line, fields))
        return "does not have 6 fields";
    if (!copy_text(fields[0], instrument.symbol, sizeof(instrument.symbol)))
        return "symbol is empty or too long";
    if (!copy_text(fields[1], instrument.name, sizeof(instrument.name)))
        return "name is empty or too long";
    if (!positive(fields[2], &instrument.tick_size))
        return "tick_size is not a positive decimal";
    if (!positive(fields[3], &instrument.lot_size))
        return "lot_size is not a positive decimal";
    instrument.tradable = fix_text_equals(fields[4], "true");
    if (!instrument.tradable && !fix_text_equals(fields[4], "false"))
        return "tradable is neither true nor false";
    if (!positive(fields[5], &instrument.price))
        return "price is not a positive decimal";
    if (!decimal_is_multiple(instrument.price, instrument.tick_size))
        return "price is not a multiple of tick_size";
    *ret_instrument = instrument;
    return NULL;
}

static bool known(const struct instrument *instruments, size_t count, const char *symbol)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(instruments[i].symbol, symbol) == 0)
            return true;
    return false;
}

int instruments_parse(const char *text, size_t length, struct instrument **ret_instruments, size_t *ret_count,
                      char ret_fault[static INSTRUMENT_FAULT_MAX])
{
    CLEANUP_FREE struct instrument *instruments = calloc(INSTRUMENTS_MAX, sizeof(*instruments));
    if (instruments == NULL)
        return -ENOMEM;
    size_t count = 0, line_number = 0;
    const char *fault = NULL;
    for (size_t at = 0; at < length && fault == NULL;) {
        const char *newline = memchr(text + at, '\n', length - at);
        struct fix_text line = {text + at, newline != NULL ? (size_t)(newline - text) - at : length - at};
        at += line.length + 1;
        line_number++;
        if (line.length > 0 && line.text[line.length - 1] == '\r')
            line.length--;
        if (line_number == 1) {
            fault = fix_text_equals(line, header)
                        ? NULL
                        : "is not the header symbol,name,tick_size,lot_size,tradable,price";
            continue;
        }
        if (line.length == 0 || line.text[0] == '#')
            continue;
        if (count == INSTRUMENTS_MAX)
            fault = "is one instrument too many";
        else
            fault = parse_line(line, &instruments[count]);
        if (fault == NULL && known(instruments, count, instruments[count].symbol))
            fault = "repeats a symbol";
        count += fault == NULL;
    }
    if (fault == NULL && count == 0)
        fault = "is the end, and there is no instrument";
    if (fault != NULL) {
        (void)snprintf(ret_fault, INSTRUMENT_FAULT_MAX, "line %zu %s", line_number, fault);
        return -EINVAL;
    }
    *ret_instruments = instruments;
    *ret_count = count;
    instruments = NULL;
    return 0;
}

int instruments_load(const char *path, struct instrument **ret_instruments, size_t *ret_count,
                     char ret_fault[static INSTRUMENT_FAULT_MAX])
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(INSTRUMENT_FILE_MAX);
    int error = file_read(path, &text);
    if (error == 0)
        return instruments_parse(text.data, text.length, ret_instruments, ret_count, ret_fault);
    (void)snprintf(ret_fault, INSTRUMENT_FAULT_MAX, error == -EFBIG ? "is too large" : "cannot be read");
    return error;
}
