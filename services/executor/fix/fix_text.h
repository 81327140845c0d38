/* SPDX-License-Identifier: Apache-2.0 */
/* The values of FIX 4.4 fields that OXE reads and writes. Pure.
 *
 * Errors: -EINVAL not a value of that kind, -EDOM and -ERANGE as decimal.h. ret_ parameters are untouched on
 * failure. */
#ifndef OXE_EXECUTOR_FIX_TEXT_H
#define OXE_EXECUTOR_FIX_TEXT_H

#include "common/clock.h"
#include "common/decimal.h"
#include "services/executor/fix/fix_frame.h"

enum { FIX_TEXT_TIME_MAX = 22 }; /* with NUL; 20251017-12:01:05.000 */

/* FIX's float: sign, digits, point; leading zeros and '5.' and '.5' are allowed, an exponent is not. */
int fix_text_decimal(struct fix_frame_span span, struct decimal *ret_value);

/* UTCTimestamp: YYYYMMDD-HH:MM:SS with 0 to 9 digits of a fraction. */
int fix_text_time(struct fix_frame_span span, struct instant *ret_instant);

/* In milliseconds, as FIX 4.4 knows them. */
void fix_text_format_time(struct instant instant, char buffer[FIX_TEXT_TIME_MAX]);

/* Copies at most size - 1 bytes for people to read; what is not printable ASCII becomes a question mark, so
 * that it can be stored. */
void fix_text_copy(struct fix_frame_span span, char *buffer, size_t size);

#endif
