/* SPDX-License-Identifier: Apache-2.0 */
#include "services/oxectl/day.h"

#include <stdlib.h>
#include <string.h>

#include "common/suite_config.h"

static const char day_form[] = "2026-11-27";
static const int64_t day_us = INT64_C(24) * 60 * 60 * 1000 * 1000;

int day_read(const struct args *args, const char *date, struct trading_day *ret_day)
{
    const char *zone = setting("OXE_TRADING_TZ", "America/New_York");
    const char *start = setting("OXE_TRADING_DAY_START", "00:00");
    struct instant midnight = {0};
    char text[32];

    (void)snprintf(text, sizeof(text), "%.10sT00:00:00Z", date == NULL ? day_form : date);
    if ((date != NULL && strlen(date) != sizeof(day_form) - 1) ||
        instant_parse(text, strlen(text), &midnight) < 0)
        return usage_error(args->command, "DATE is as %s, not '%s'", day_form, date);
    if (suite_config_check_zone(zone) != NULL)
        return usage_error(args->command, "OXE_TRADING_TZ is no time zone: %s", zone);
    if (suite_config_day_start_minutes(start) < 0)
        return usage_error(args->command, "OXE_TRADING_DAY_START is as 17:00, not '%s'", start);
    if (trading_day_set_zone(zone) < 0)
        return trouble("out of memory");
    int minutes = suite_config_day_start_minutes(start);
    *ret_day =
        date == NULL ? trading_day_of(clock_now(), minutes) : trading_day_on(midnight.us / day_us, minutes);
    return 0;
}
