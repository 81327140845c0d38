/* SPDX-License-Identifier: Apache-2.0 */
#include "common/suite_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cache.h"
#include "common/decimal.h"

const char *suite_config_check_redis_url(const char *text)
{
    struct cache_address address;

    return cache_address_parse(text, &address) == 0 ? NULL
                                                    : "must be redis://[:password@]host:port or unix:///path";
}

const char *suite_config_check_zone(const char *text)
{
    char path[CONFIG_TEXT_MAX + 32], magic[4] = "";
    bool plain = *text != '/' && *text != ':' && strstr(text, "..") == NULL;

    (void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", text);
    FILE *file = plain ? fopen(path, "re") : NULL;
    if (file != NULL) {
        (void)fread(magic, 1, sizeof(magic), file);
        (void)fclose(file);
    }
    return memcmp(magic, "TZif", 4) == 0 ? NULL : "is no time zone that this system knows";
}

const char *suite_config_check_day_start(const char *text)
{
    return suite_config_day_start_minutes(text) >= 0 ? NULL : "must be a time of day, HH:MM";
}

int suite_config_day_start_minutes(const char *text)
{
    static const char digits[] = "0123456789";

    if (strlen(text) != 5 || strspn(text, digits) != 2 || text[2] != ':' || strspn(text + 3, digits) != 2)
        return -1;
    int hours = atoi(text), minutes = atoi(text + 3);
    return hours < 24 && minutes < 60 ? hours * 60 + minutes : -1;
}

const char *suite_config_check_percent(const char *text)
{
    struct decimal value;

    if (decimal_parse(text, strlen(text), &value) < 0 || decimal_is_negative(value) ||
        value.units > 1000 * DECIMAL_ONE)
        return "is not a percentage from 0 to 1000";
    return NULL;
}

const char *suite_config_check_price_age(int64_t ms)
{
    /* Lane 0's owner confirms a price that stands still every 5 s. */
    return ms == 0 || ms >= 10 * 1000 ? NULL : "OXE_PRICE_MAX_AGE is neither 0s nor from 10s on";
}
