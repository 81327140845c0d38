/* SPDX-License-Identifier: Apache-2.0 */
/* exportAudit: the log as a stream, in constant memory.
 *
 * While h2o writes a page, PostgreSQL is asked for the next, and for no more: a client that reads slowly or
 * goes away costs two pages, and a connection of the pool is busy for one page at a time. The range is fixed
 * when the export begins, the pages follow each other by number: entries that arrive meanwhile change
 * nothing. Once the answer has begun there is no other way to tell of a failure than to break it off, so that
 * no client takes a part for the whole. A client that reads nothing for long ends by the write timeout of its
 * connection. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/cleanup.h"
#include "services/gateway/operations/audit_reading.h"
#include "services/gateway/operations/export.h"
#include "services/gateway/operations/operations.h"

/* Series of METRIC_EXPORTS_ENDED. */
enum export_end { EXPORT_COMPLETE, EXPORT_CLIENT_GONE, EXPORT_CUT };

enum { PAGE_ENTRIES = 1000, PAGE_BYTES_MAX = 16 * 1024 * 1024, HTTP_1_1 = 0x101, FILE_NAME_MAX = 64 };

struct export
{
    h2o_generator_t generator; /* first: h2o gives it back */
    struct gateway *gateway;
    struct request *request;
    uint64_t handle;
    struct audit_reading reading;
    bool csv;
    bool begun;         /* the answer's headers are out */
    bool ended;         /* how, has been told */
    bool writing;       /* h2o has a page */
    struct buffer page; /* h2o writes it from here */
    struct buffer next; /* the one behind it */
    bool has_next;      /* it is there; else PostgreSQL is asked for it, unless the page was the last */
    int next_entries;
    int64_t entries;
};

static void judge_format(const struct list_query *query, struct faults *faults)
{
    const char *format = query->format;

    if (*format != '\0' && strcmp(format, "csv") != 0 && strcmp(format, "ndjson") != 0)
        faults_add(faults, "format", REJECT_INVALID_VALUE, NULL, format,
                   "The parameter 'format' is not csv or ndjson; correct it.");
}

static const struct http_param params[] = {
    LIST_PARAM("trader_id", HTTP_PARAM_UUID, trader_id, 0, 0),
    LIST_PERIOD,
    LIST_PARAM("format", HTTP_PARAM_TEXT, format, 0, 0),
};
static const struct list list = {
    .name = "export", .params = params, .param_count = ARRAY_LEN(params), .judge = judge_format};

static void on_dispose(void *memory)
{
    struct export *export = memory;

    handles_remove(export->gateway->exports, export->handle);
    buffer_release(&export->page);
    buffer_release(&export->next);
}

/* How much was taken out of the log stands in the gateway's own. */
static void end(struct export *export, enum export_end how)
{
    static const char *const texts[] = {"complete", "client_gone", "cut"};
    const struct request *request = export->request;
    struct gateway *gateway = export->gateway;

    if (export->ended)
        return;
    export->ended = true;
    metrics_add(gateway_metrics(gateway), METRIC_EXPORTS_ENDED, how, 1);
    LOG(gateway_log(gateway), how == EXPORT_CUT ? LOG_WARNING : LOG_INFO, "audit_exported",
        LOG_TEXT("end", texts[how]), LOG_I64("entries", export->entries),
        LOG_I64("took_us", clock_monotonic_us() - request->began_us), LOG_TEXT("request_id", request->id),
        LOG_TRACE(request->trace_id));
}

/* HTTP/1.1 has chunks, and h2o writes a broken one. Before that the end of the connection is the end of the
 * body, and only a reset tells of a failure. */
static void cut(struct export *export)
{
    h2o_req_t *req = export->request->req;
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};

    end(export, EXPORT_CUT);
    if (req->version < HTTP_1_1)
        (void)setsockopt(h2o_socket_get_fd(socket), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    if (export->writing)
        (void)shutdown(h2o_socket_get_fd(socket), SHUT_RDWR);
    else
        h2o_send(req, NULL, 0, H2O_SEND_STATE_ERROR);
}

/* Renders what PostgreSQL has given as the next page. */
static void take_page(struct export *export, const PGresult *entries)
{
    const char *columns[AUDIT_COLUMNS];
    int count = PQntuples(entries);

    for (int row = 0; row < count; row++) {
        audit_reading_row(&export->reading, entries, row, columns);
        if (export->csv) {
            audit_entry_csv(columns, &export->next);
        } else {
            audit_entry_json(columns, &export->next);
            buffer_append_char(&export->next, '\n');
        }
    }
    export->has_next = true;
    export->next_entries = count;
}

static void on_page(void *context, uint64_t token, int error, const PGresult *const *results);

/* False: the export is to be cut. */
static bool ask_page(struct export *export)
{
    struct gateway *gateway = export->gateway;
    int64_t deadline_us = clock_monotonic_us() + gateway->config->request_timeout_ms * 1000;
    /* An export may take hours: it ends with the key that opened it. */
    bool revoked = !jwks_has(jwks_source_current(gateway->jwks), export->request->claims.key_print);
    struct db_job *job = revoked ? NULL : audit_reading_page(&export->reading, PAGE_ENTRIES);

    return job != NULL &&
           db_pool_submit(gateway->compliance, &job, deadline_us, on_page, gateway, export->handle) == 0;
}

/* Hands the next page to h2o, and asks for the one behind it. */
static void send_next(struct export *export)
{
    struct buffer page = export->page;
    bool last = export->next_entries < PAGE_ENTRIES;

    if (buffer_failed(&export->next) || (!last && !ask_page(export))) {
        cut(export);
        return;
    }
    export->page = export->next;
    export->next = page;
    buffer_clear(&export->next);
    export->has_next = false;
    export->entries += export->next_entries;
    h2o_iovec_t bytes = h2o_iovec_init(export->page.data, export->page.length);
    export->writing = true;
    if (last)
        end(export, EXPORT_COMPLETE);
    h2o_send(export->request->req, &bytes, bytes.len > 0 ? 1 : 0,
             last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

static void on_page(void *context, uint64_t token, int error, const PGresult *const *results)
{
    struct gateway *gateway = context;
    struct export *export = handles_find(gateway->exports, token);

    if (export == NULL || export->ended)
        return;
    if (error != 0) {
        cut(export);
        return;
    }
    take_page(export, results[0]);
    if (!export->writing)
        send_next(export);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    struct export *export = (struct export *)generator;

    (void)req;
    export->writing = false;
    if (export->has_next)
        send_next(export);
}

static void on_stop(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    end((struct export *)generator, EXPORT_CLIENT_GONE);
}

/* attachment; filename="oxe-audit-20251017T120105Z.csv" */
static void name_file(struct request *request, const char *suffix)
{
    char instant[INSTANT_TEXT_MAX], name[FILE_NAME_MAX] = "attachment; filename=\"oxe-audit-";
    size_t length = strlen(name);

    (void)instant_format(clock_now(), instant);
    for (const char *at = instant; *at != '.'; at++) {
        if (*at != '-' && *at != ':')
            name[length++] = *at;
    }
    (void)snprintf(name + length, sizeof(name) - length, "Z.%s\"", suffix);
    request_add_header(request, "content-disposition", name);
}

static void begin(struct export *export, const PGresult *entries)
{
    struct request *request = export->request;
    h2o_req_t *req = request->req;

    name_file(request, export->csv ? "csv" : "ndjson");
    request_open_stream(request, export->csv ? "text/csv; charset=utf-8" : "application/x-ndjson");
    if (req->version < HTTP_1_1)
        req->http1_is_persistent = 0;
    export->begun = true;
    h2o_start_response(req, &export->generator);
    if (h2o_memis(req->method.base, req->method.len, H2O_STRLIT("HEAD"))) {
        export->ended = export->writing = true;
        h2o_send(req, NULL, 0, H2O_SEND_STATE_FINAL);
        return;
    }
    if (export->csv)
        audit_entry_csv_header(&export->next);
    take_page(export, entries);
    send_next(export);
}

/* The first page comes before the answer begins: until then a failure is a 503. */
static void on_first_page(struct request *request, const PGresult *const *results)
{
    begin(request->state, results[0]);
}

static void on_range(struct request *request, const PGresult *const *results)
{
    struct export *export = request->state;

    audit_reading_take_range(&export->reading, results);
    struct db_job *job = audit_reading_page(&export->reading, PAGE_ENTRIES);
    query_send_job(request, request->gateway->compliance, &job, on_first_page);
}

static struct export *make_export(struct request *request)
{
    struct export *export = h2o_mem_alloc_shared(&request->req->pool, sizeof(*export), on_dispose);

    *export = (struct export){.generator = {.proceed = on_proceed, .stop = on_stop},
                              .gateway = request->gateway,
                              .request = request,
                              .page = BUFFER_INIT(PAGE_BYTES_MAX),
                              .next = BUFFER_INIT(PAGE_BYTES_MAX)};
    request->state = export;
    return export;
}

void export_run(struct request *request)
{
    struct export *export = make_export(request);

    if (!list_read(request, &list, &export->reading.query))
        return;
    export->csv = strcmp(export->reading.query.format, "csv") == 0;
    if (handles_add(request->gateway->exports, export, INT64_MAX, &export->handle) < 0)
        request_unavailable(request,
                            "As many exports as there may be are under way; try again when one has ended.");
    else
        audit_reading_find_range(request, &export->reading, on_range);
}

static void cut_begun(void *owner, void *context)
{
    struct export *export = owner;

    (void)context;
    if (export->begun)
        cut(export);
}

void export_cut_all(struct gateway *gateway)
{
    handles_each(gateway->exports, cut_begun, NULL);
}
