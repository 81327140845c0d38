/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/routes.h"

#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "services/gateway/edge/faults.h"

/* Whether path has the pattern's form; *ret_segment is then what stands for {id}, {symbol} or {tile}. */
static bool matches(const char *pattern, const char *path, size_t length, const char **ret_segment,
                    size_t *ret_segment_length)
{
    const char *end = path + length;

    *ret_segment = NULL;
    *ret_segment_length = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            bool is_rest = strcmp(pattern, "{tile}") == 0;
            const char *slash = is_rest ? NULL : memchr(path, '/', (size_t)(end - path));
            *ret_segment = path;
            *ret_segment_length = (size_t)((slash == NULL ? end : slash) - path);
            if (*ret_segment_length == 0)
                return false;
            path += *ret_segment_length;
            pattern = strchr(pattern, '}') + 1;
        } else if (path == end || *path++ != *pattern++) {
            return false;
        }
    }
    return path == end;
}

/* The name of a tile behind "/tile/"; a route has bundles of entries, or tiles of hashes. */
static bool takes_tile(const char *pattern, const char *path, const char *end, struct tile *ret_tile)
{
    static const char prefix[] = "/tile/";
    const char *name = path + strlen(prefix);

    return tile_parse(name, (size_t)(end - name), ret_tile) == 0 &&
           ret_tile->entries == (strstr(pattern, "/entries/") != NULL);
}

enum route_match routes_find(const struct routes *routes, const char *path, size_t length,
                             const struct operation **ret_route, struct route_subject *ret_subject)
{
    const char *segment;
    size_t segment_length;
    struct uuid id;

    for (size_t i = 0; i < routes->count; i++) {
        const char *pattern = routes->operations[i].path;
        if (!matches(pattern, path, length, &segment, &segment_length))
            continue;
        *ret_route = &routes->operations[i];
        if (segment == NULL)
            return ROUTE_FOUND;
        if (strstr(pattern, "{tile}") != NULL) {
            if (takes_tile(pattern, path, path + length, &ret_subject->tile))
                return ROUTE_FOUND;
            continue;
        }
        if (strstr(pattern, "{symbol}") != NULL) {
            if (!order_is_symbol(segment, segment_length))
                return ROUTE_BAD_SYMBOL;
            utf8_copy(ret_subject->symbol, sizeof(ret_subject->symbol), segment, segment_length);
            return ROUTE_FOUND;
        }
        if (uuid_parse(segment, segment_length, &id) < 0)
            return ROUTE_BAD_ID;
        ret_subject->id = id;
        return ROUTE_FOUND;
    }
    return ROUTE_UNKNOWN;
}

/* The next operation of the route; NULL: that was its last. */
static const struct operation *next_of(const struct routes *routes, const struct operation *operation)
{
    const struct operation *next = operation + 1;

    return next < routes->operations + routes->count && strcmp(next->path, operation->path) == 0 ? next
                                                                                                 : NULL;
}

const struct operation *routes_operation(const struct routes *routes, const struct operation *route,
                                         const char *method, size_t length)
{
    if (length == 4 && memcmp(method, "HEAD", 4) == 0) {
        method = "GET";
        length = 3;
    }
    for (; route != NULL; route = next_of(routes, route)) {
        if (strlen(route->method) == length && memcmp(route->method, method, length) == 0)
            return route;
    }
    return NULL;
}

void routes_allow(const struct routes *routes, const struct operation *route, char *text, size_t max)
{
    size_t length = 0;

    text[0] = '\0';
    for (; route != NULL && length < max; route = next_of(routes, route)) {
        bool get = strcmp(route->method, "GET") == 0;
        int written = snprintf(text + length, max - length, "%s%s, ", route->method, get ? ", HEAD" : "");
        length += written > 0 ? (size_t)written : 0;
    }
    if (length < max)
        (void)snprintf(text + length, max - length, "OPTIONS");
}

size_t routes_label(const struct routes *routes, const struct operation *operation)
{
    bool listed = operation >= routes->operations && operation < routes->operations + routes->count;

    return listed ? (size_t)(operation - routes->operations) : routes->count + (operation == NULL);
}
