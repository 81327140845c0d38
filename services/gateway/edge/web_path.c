/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/web_path.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "services/gateway/edge/http_params.h"

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* One segment, decoded and judged, onto *written bytes of path. */
static int add_segment(const char *text, size_t length, char *path, size_t *written)
{
    char *segment = path + *written;
    size_t max = WEB_PATH_MAX - *written, decoded;

    int r = http_params_decode(text, length, segment, max);
    if (r < 0)
        return r == -ENOBUFS ? -ENOENT : -EINVAL;
    decoded = strlen(segment);
    if (strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
        return -EINVAL;
    for (size_t i = 0; i < decoded; i++) {
        if (is_control(segment[i]) || segment[i] == '/' || segment[i] == '\\')
            return -EINVAL;
    }
    *written += decoded;
    return segment[0] == '.' ? -ENOENT : 0;
}

int web_path_parse(const char *target, size_t length, char ret_path[static WEB_PATH_MAX])
{
    const char *query = memchr(target, '?', length);
    const char *end = query == NULL ? target + length : query;
    char path[WEB_PATH_MAX] = "";
    size_t written = 0;
    int verdict = 0;

    if (target == end || *target != '/' || memchr(target, '#', (size_t)(end - target)) != NULL)
        return -EINVAL;
    for (const char *at = target + 1; at < end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t segment = (size_t)((slash == NULL ? end : slash) - at);
        if (segment == 0)
            return -EINVAL;
        int r = add_segment(at, segment, path, &written);
        if (r == -EINVAL)
            return r;
        if (r < 0)
            verdict = r; /* what follows may still be ill-formed, which is worse */
        at += segment;
        if (slash == NULL)
            continue;
        if (written + 1 >= WEB_PATH_MAX)
            return -ENOENT;
        path[written++] = '/';
        path[written] = '\0';
        at++;
    }
    if (verdict == 0)
        memcpy(ret_path, path, written + 1);
    return verdict;
}

bool web_path_is_reserved(const char *path, size_t length)
{
    static const char *const names[] = {"/api",     "/ws",     "/checkpoint", "/tile",
                                        "/healthz", "/readyz", "/metrics",    "/dev"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t name = strlen(names[i]);
        if (length >= name && memcmp(path, names[i], name) == 0 && (length == name || path[name] == '/'))
            return true;
    }
    return false;
}

/* Where the last segment begins; a folder's slash at the end is no part of it. */
static size_t last_segment(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

bool web_path_is_page(const char *path)
{
    size_t length = strlen(path);

    if (length > 0 && path[length - 1] == '/')
        length--;
    size_t begin = last_segment(path, length);
    return memchr(path + begin, '.', length - begin) == NULL;
}

void web_path_leave(char *path)
{
    size_t length = strlen(path);

    if (length > 0 && path[length - 1] == '/')
        length--;
    path[last_segment(path, length)] = '\0';
}

bool web_path_is_immutable(const char *path)
{
    static const char *const folders[] = {"_next/static/chunks/", "_next/static/media/"};

    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    }
    return false;
}

const char *web_path_type(const char *path)
{
    static const struct {
        const char *extension, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".webmanifest", "application/manifest+json"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && i < ARRAY_LEN(types); i++) {
        if (strcmp(dot, types[i].extension) == 0)
            return types[i].type;
    }
    return NULL;
}
