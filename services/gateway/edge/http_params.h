/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of a query string, read by a const table: pure.
 *
 * Names and values are percent-decoded; '+' stays '+', because it stands in time offsets and never for a
 * blank here. An unknown or repeated name is a fault too: a misspelt filter must not answer with everything.
 */
#ifndef OXE_GATEWAY_HTTP_PARAMS_H
#define OXE_GATEWAY_HTTP_PARAMS_H

#include "services/gateway/edge/faults.h"

enum { HTTP_PARAM_TEXT_MAX = 128, HTTP_PARAMS_MAX = 16 };

enum http_param_kind {
    HTTP_PARAM_TEXT,            /* char[HTTP_PARAM_TEXT_MAX] */
    HTTP_PARAM_IGNORED,         /* read elsewhere; any length */
    HTTP_PARAM_SYMBOL,          /* char[SYMBOL_MAX] */
    HTTP_PARAM_ORDER_STATUS,    /* enum order_status */
    HTTP_PARAM_EXECUTION_STATE, /* enum execution_state */
    HTTP_PARAM_AUDIT_ACTION,    /* enum audit_action */
    HTTP_PARAM_UUID,            /* struct uuid */
    HTTP_PARAM_INSTANT,         /* struct instant; RFC 3339 */
    HTTP_PARAM_INTEGER,         /* int64_t within min and max */
};

struct http_param {
    const char *name;
    enum http_param_kind kind;
    size_t offset;     /* of the value */
    size_t has_offset; /* of a bool that tells whether it came */
    int64_t min;
    int64_t max;
};

/* Percent-decodes into target[max], with a NUL behind. -EINVAL: a bad escape, or bytes that are no text;
 * -ENOBUFS. */
int http_params_decode(const char *text, size_t length, char *target, size_t max);

/* Writes what came into *out (defaults stand there already). query may be NULL, with length 0. 0, or -EINVAL:
 * ret_faults says what is wrong (400 MALFORMED_REQUEST). */
int http_params_parse(const char *query, size_t length, const struct http_param *params, size_t count,
                      void *out, struct faults *ret_faults);

/* Finds one parameter's decoded value, for those that must not be read by a table (the token). -ENOENT;
 * -EINVAL for one that is ill-formed, repeated or does not fit ret_value[max]. */
int http_params_find(const char *query, size_t length, const char *name, char *ret_value, size_t max);

#endif
