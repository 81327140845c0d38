/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/web.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"
#include "services/gateway/edge/edge.h"
#include "services/gateway/edge/request.h"
#include "services/gateway/edge/web_headers.h"
#include "services/gateway/edge/web_path.h"

enum {
    NAME_MAX_LENGTH = WEB_PATH_MAX + 16, /* a path and what is put behind it */
    ETAG_MAX = 64,
    HASHES_MAX = 8 * 1024, /* of a page's inline scripts, as text */
    POLICY_MAX = HASHES_MAX + 16 * 1024,
    COMPLAINT_US = 60 * 1000 * 1000, /* the log is told once in this time */
};

static const char index_name[] = "index.html";

static const struct {
    const char *name, *ending, *mark; /* in headers, of the file, in its tag */
} codings[WEB_CODING_COUNT] = {[WEB_IDENTITY] = {NULL, "", ""},
                               [WEB_GZIP] = {"gzip", ".gz", "-gzip"},
                               [WEB_BROTLI] = {"br", ".br", "-br"}};

static const struct operation web_operation = {.name = "web", .method = "GET", .access = ROUTE_PUBLIC};

/* A file that has been found. */
struct file {
    char path[NAME_MAX_LENGTH]; /* within the root */
    int fd;
    struct stat stat;
    enum web_coding coding;
};

static void complain(struct edge *edge, const char *event, const char *file)
{
    int64_t now_us = clock_monotonic_us();

    if (now_us < edge->next_web_complaint_us)
        return;
    edge->next_web_complaint_us = now_us + COMPLAINT_US;
    LOG(edge_log(edge), LOG_WARNING, event, LOG_TEXT("file", file));
}

static int open_root(const struct edge *edge)
{
    int fd = open(edge->config->web_root, O_PATH | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

void web_check_root(struct edge *edge)
{
    CLEANUP_CLOSE int fd = -1;

    if (edge->config->web_root[0] != '\0' && (fd = open_root(edge)) < 0)
        complain(edge, "web_root_missing", edge->config->web_root);
}

/* Opens a regular file within the root; -EISDIR for a folder, -ENOENT for whatever else is no file to be
 * served. */
static int open_file(int root, const char *path, int *ret_fd, struct stat *ret_stat)
{
    const struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    struct stat found;

    CLEANUP_CLOSE int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (fd < 0)
        return errno == EMFILE || errno == ENFILE ? -errno : -ENOENT;
    if (fstat(fd, &found) < 0 || !S_ISREG(found.st_mode))
        return S_ISDIR(found.st_mode) ? -EISDIR : -ENOENT;
    *ret_fd = fd;
    *ret_stat = found;
    fd = -1;
    return 0;
}

static int find_index(int root, const char *folder, struct file *file)
{
    (void)snprintf(file->path, sizeof(file->path), "%s%s", folder, index_name);
    return open_file(root, file->path, &file->fd, &file->stat);
}

/* The file that a path names. -EISDIR: a page's folder, without the slash that belongs to it. */
static int find(int root, const char *path, struct file *file)
{
    char folder[WEB_PATH_MAX + 1];
    size_t length = strlen(path);

    if (length == 0 || path[length - 1] == '/')
        return find_index(root, path, file);
    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    int r = open_file(root, path, &file->fd, &file->stat);
    if (r == 0 && web_path_type(path) == NULL) {
        cleanup_close(&file->fd);
        return -ENOENT;
    }
    if (r != -EISDIR)
        return r;
    (void)snprintf(folder, sizeof(folder), "%s/", path);
    r = find_index(root, folder, file);
    if (r == 0)
        cleanup_close(&file->fd);
    return r == 0 ? -EISDIR : r;
}

/* The page in whose folder the path would be: it shows what its own script makes of the address. */
static int find_page_around(int root, char *path, struct file *file)
{
    int r = -ENOENT;

    if (!web_path_is_page(path))
        return r;
    for (web_path_leave(path); r == -ENOENT && path[0] != '\0'; web_path_leave(path))
        r = find_index(root, path, file);
    return r;
}

/* Takes the sibling in the coding that the client likes best, when the build has made one. */
static void choose_coding(int root, const struct request *request, struct file *file)
{
    enum web_coding wanted[WEB_CODING_COUNT];
    char name[NAME_MAX_LENGTH + 4];
    struct stat stat;
    size_t length = 0;
    int fd;

    const char *accepted = request_header(request, "accept-encoding", &length);
    web_headers_codings(accepted, length, wanted);
    for (size_t i = 0; wanted[i] != WEB_IDENTITY; i++) {
        (void)snprintf(name, sizeof(name), "%s%s", file->path, codings[wanted[i]].ending);
        if (open_file(root, name, &fd, &stat) < 0)
            continue;
        cleanup_close(&file->fd);
        file->fd = fd;
        file->stat = stat;
        file->coding = wanted[i];
        return;
    }
}

/* The change of the file's inode has nanoseconds and cannot be set, as its modification can: a build that
 * dates all files alike still gets new tags. */
static void make_etag(const struct file *file, char etag[static ETAG_MAX])
{
    (void)snprintf(etag, ETAG_MAX, "\"%llx.%lx-%llx%s\"", (unsigned long long)file->stat.st_ctim.tv_sec,
                   (unsigned long)file->stat.st_ctim.tv_nsec, (unsigned long long)file->stat.st_size,
                   codings[file->coding].mark);
}

/* h2o says that it takes ranges, which h2o_file_send does not. */
static void on_answer(h2o_filter_t *filter, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)filter;
    ssize_t found = h2o_find_header(&req->res.headers, H2O_TOKEN_ACCEPT_RANGES, -1);
    if (found >= 0)
        (void)h2o_delete_header(&req->res.headers, found);
    h2o_setup_next_ostream(req, slot);
}

void web_register(h2o_pathconf_t *path)
{
    h2o_create_filter(path, sizeof(h2o_filter_t))->on_setup_ostream = on_answer;
}

/* What the build wrote beside a page: the hashes of its inline scripts. Without them none of these runs. */
static int read_hashes(int root, const struct file *file, char hashes[static HASHES_MAX], size_t *ret_length)
{
    char name[NAME_MAX_LENGTH + 4];
    struct stat stat;
    CLEANUP_CLOSE int fd = -1;

    (void)snprintf(name, sizeof(name), "%s.csp", file->path);
    int r = open_file(root, name, &fd, &stat);
    if (r < 0)
        return r;
    if (stat.st_size > HASHES_MAX)
        return -EFBIG;
    ssize_t got = pread(fd, hashes, HASHES_MAX, 0);
    if (got < 0)
        return -errno;
    *ret_length = (size_t)got;
    return 0;
}

static void add_policy(int root, struct request *request, const struct file *file, bool is_page)
{
    CLEANUP(buffer_release) struct buffer policy = BUFFER_INIT(POLICY_MAX);
    const struct config_list *identity = &request->edge->config->web_identity_origins;
    char hashes[HASHES_MAX];
    size_t length = 0;

    int r = is_page ? read_hashes(root, file, hashes, &length) : 0;
    if (web_headers_append_policy(&policy, hashes, length, identity) < 0 || r < 0)
        complain(request->edge, "web_page_without_hashes", file->path);
    request_add_header(request, "content-security-policy",
                       buffer_failed(&policy) ? "default-src 'none'" : policy.data);
}

static void add_headers(int root, struct request *request, const struct file *file, const char *etag)
{
    bool is_page = strncmp(web_path_type(file->path), "text/html", 9) == 0;

    request_add_header(request, "cache-control",
                       web_path_is_immutable(file->path) ? "public, max-age=31536000, immutable"
                                                         : "no-cache");
    request_add_header(request, "etag", etag);
    request_add_header(request, "vary", "accept-encoding");
    add_policy(root, request, file, is_page);
    if (!is_page)
        return;
    request_add_header(request, "referrer-policy", "no-referrer");
    request_add_header(request, "cross-origin-opener-policy", "same-origin");
    request_add_header(
        request, "permissions-policy",
        "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()");
}

static bool has_method(const struct request *request, const char *method)
{
    return h2o_memis(request->req->method.base, request->req->method.len, method, strlen(method));
}

/* h2o opens the descriptor's file once more, so that it is the one which was found and no other. */
static void send_file(struct request *request, int status, const struct file *file)
{
    h2o_req_t *req = request->req;
    const char *type = web_path_type(file->path);
    char name[32];

    if (file->coding != WEB_IDENTITY)
        request_add_header(request, "content-encoding", codings[file->coding].name);
    if (has_method(request, "HEAD")) {
        request_add_header(request, "content-type", type);
        req->res.content_length = (size_t)file->stat.st_size;
        h2o_send_inline(req, "", 0);
        return;
    }
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", file->fd);
    if (h2o_file_send(req, status, req->res.reason, name, h2o_iovec_init(type, strlen(type)),
                      H2O_FILE_FLAG_NO_ETAG) == 0)
        return;
    memset(&req->res.headers, 0, sizeof(req->res.headers));
    request_unavailable(request, "The file cannot be opened now; try again shortly.");
}

static void answer_file(int root, struct request *request, int status, struct file *file)
{
    char etag[ETAG_MAX];
    size_t length = 0;

    choose_coding(root, request, file);
    make_etag(file, etag);
    const char *known = request_header(request, "if-none-match", &length);
    bool unchanged = status == 200 && web_headers_etag_matches(known, length, etag);
    request->operation = &web_operation;
    request_begin_answer(request, unchanged ? 304 : status);
    add_headers(root, request, file, etag);
    if (unchanged)
        h2o_send_inline(request->req, "", 0);
    else
        send_file(request, status, file);
    cleanup_close(&file->fd);
}

/* "/orders?a=b" to "/orders/?a=b". The path was judged: it cannot lead to another host. */
static void redirect(struct request *request)
{
    h2o_req_t *req = request->req;
    h2o_iovec_t target = req->input.path;
    size_t path = req->query_at == SIZE_MAX ? target.len : req->query_at;
    h2o_iovec_t location = h2o_concat(&req->pool, h2o_iovec_init(target.base, path), h2o_iovec_init("/", 1),
                                      h2o_iovec_init(target.base + path, target.len - path));

    request->operation = &web_operation;
    request_begin_answer(request, 308);
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_LOCATION, NULL, location.base, location.len);
    request_add_header(request, "cache-control", "no-cache");
    req->res.content_length = 0;
    h2o_send_inline(req, "", 0);
}

static void refuse_unknown(struct request *request)
{
    request_refuse(request, REJECT_NOT_FOUND, "There is nothing at this path; check it.");
}

static void answer_path(int root, struct request *request, char *path, int judged)
{
    struct file file = {.fd = -1};
    size_t length = 0;
    const char *accepted = request_header(request, "accept", &length);
    bool wants_page = web_headers_accept_html(accepted, length);
    int status = 200;

    int r = judged == 0 ? find(root, path, &file) : judged;
    if (r == -ENOENT && wants_page) {
        r = judged == 0 ? find_page_around(root, path, &file) : judged;
        status = r == 0 ? 200 : 404;
        if (r == -ENOENT)
            r = find(root, "404.html", &file);
    }
    if (r == 0)
        answer_file(root, request, status, &file);
    else if (r == -EISDIR)
        redirect(request);
    else if (r == -ENOENT)
        refuse_unknown(request);
    else
        request_unavailable(request, "Too many files are open; try again shortly.");
}

void web_answer(struct request *request)
{
    struct edge *edge = request->edge;
    const h2o_req_t *req = request->req;
    char path[WEB_PATH_MAX];

    if (edge->config->web_root[0] == '\0' || !(has_method(request, "GET") || has_method(request, "HEAD")) ||
        web_path_is_reserved(req->path_normalized.base, req->path_normalized.len)) {
        refuse_unknown(request);
        return;
    }
    int judged = web_path_parse(req->input.path.base, req->input.path.len, path);
    if (judged == -EINVAL) {
        request_refuse(
            request, REJECT_MALFORMED_REQUEST,
            "The path has an escape, a segment or a character that no file here can have; correct it.");
        return;
    }
    CLEANUP_CLOSE int root = open_root(edge);
    if (root < 0) {
        complain(edge, "web_root_missing", edge->config->web_root);
        request_refuse(
            request, REJECT_NOT_FOUND,
            "There is no screen here yet: the folder that OXE_WEB_ROOT names is missing; build it.");
        return;
    }
    answer_path(root, request, path, judged);
}
