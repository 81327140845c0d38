/* SPDX-License-Identifier: Apache-2.0 */
/* The trading day that a command is about, by the settings that the services have too (OXE_TRADING_TZ,
 * OXE_TRADING_DAY_START). */
#ifndef OXE_OXECTL_DAY_H
#define OXE_OXECTL_DAY_H

#include "common/trading_day.h"
#include "services/oxectl/oxectl.h"

/* date: as 2026-11-27; NULL: the one that it is now. 0, or an exit status after saying why. */
int day_read(const struct args *args, const char *date, struct trading_day *ret_day);

#endif
