/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request in the gateway: what is known of it, and how it is answered.
 *
 * A request lives in its h2o pool and dies with it, whatever ends it. While it waits for something it is
 * parked: the answer comes with the parked handle and finds nothing when the request is gone. After any
 * request_answer_… the request is dead: touch it no more. */
#ifndef OXE_GATEWAY_REQUEST_H
#define OXE_GATEWAY_REQUEST_H

#include <h2o.h>

#include "common/buffer.h"
#include "common/jwt.h"
#include "common/trace.h"
#include "proto/proto.h"
#include "services/gateway/edge/faults.h"
#include "services/gateway/edge/http_params.h"
#include "services/gateway/edge/routes.h"
#include "services/gateway/io/rate_window.h"

struct edge;
struct gateway;
struct json_body;

enum { REQUEST_ID_MAX = 65 };

struct pg_result;

struct request {
    struct edge *edge;
    struct gateway *gateway; /* what its operation stands on */
    h2o_req_t *req;
    const struct operation *route;     /* the first of its path; NULL: none matched */
    const struct operation *operation; /* NULL: none matched */
    uint64_t parked;                   /* handle; 0: not parked */
    size_t *waiting;                   /* how many wait as it does, until it is answered; or NULL */
    int64_t began_us;
    struct instant received_at; /* unique */
    char id[REQUEST_ID_MAX];    /* X-Request-Id */
    uint8_t trace_id[TRACE_ID_BYTES];
    uint8_t caller_span[TRACE_SPAN_ID_LENGTH]; /* of the client's traceparent; all zero: none */
    struct uuid order_id;                      /* whose spans hang on it; nil: none */
    struct route_subject subject;              /* in the path */
    const char
        *bad_subject; /* what is wrong with it, said only to those who may know the path; NULL: nothing */
    struct jwt_claims claims;
    const char *token; /* within the request's memory */
    size_t token_length;
    struct uuid trader_id;
    char key[IDEMPOTENT_KEY_MAX];           /* the Idempotency-Key in force; "": none yet */
    int64_t orders_per_minute;              /* of the trader; 0: no limit */
    enum rate_kind rate;                    /* what it counts as, once it is asked for */
    void (*rated)(struct request *request); /* what runs then */
    void *state;                            /* of its operation, within the request's memory */
    /* What runs with the rows that a query finds (query.h), and with a risk-manager's answer (forward.h). */
    void (*on_rows)(struct request *request, const struct pg_result *const *results);
    bool (*on_answer)(struct request *request, const struct answer *answer);
    bool counted;
    bool untold; /* its answer makes no line in the log: there are too many of its kind */
};

/* Makes the request of an h2o request. Never fails (h2o aborts without memory). */
struct request *request_create(struct edge *edge, h2o_req_t *req);

/* Of a page: of the host that the request came to, as the screen is, or listed. Others than browsers send
 * none, which is allowed. */
bool request_origin_is_allowed(const struct request *request);

/* Zeroed memory of the request, for what its operation has to remember: its state from now on. */
void *request_make_state(struct request *request, size_t size);

/* Value of a request header, or NULL when it is missing or repeated. */
const char *request_header(const struct request *request, const char *name, size_t *ret_length);
void request_add_header(struct request *request, const char *name, const char *value);

/* Reads the query into *out, whose defaults stand there; what is wrong is in ret_faults. */
void request_read_params(const struct request *request, const struct http_param *params, size_t count,
                         void *out, struct faults *ret_faults);
/* Answers 400 with the faults of the query; they are not empty. */
void request_refuse_params(struct request *request, const struct faults *faults);

/* Reads the body into *ret_message (json_body.h). False: it is wrong, and has been answered: 415, 413, 400 or
 * 422 with the faults, 503. */
bool request_read_json(struct request *request, const struct json_body *body, void *ret_message);
/* Answers 422 with the faults of the body; they are not empty. */
void request_refuse_members(struct request *request, const struct faults *faults);

/* The request that is parked under a handle; NULL: it is gone, or has been answered. */
struct request *request_find(const struct edge *edge, uint64_t parked);
/* Parks it with the gateway's timeout. False: no slot is free, and it has been answered 503. A request that
 * is parked already stays so, with its first deadline. */
bool request_park(struct request *request);

/* Counts it there until it is answered or gone. */
void request_count_waiting(struct request *request, size_t *waiting);

/* What every answer begins with: it is counted, not parked any more, and has its status and the headers that
 * all have. The rest is the caller's. */
void request_begin_answer(struct request *request, int status);

/* For the answer: empty, and the gateway's only one. */
struct buffer *request_body(const struct request *request);
void request_answer_json(struct request *request, int status, const struct buffer *body);
/* Begins an answer whose length nobody knows: status 200 and headers, after which it is not parked any more.
 * What follows is the caller's to send, and the request lives on until that ends. */
void request_open_stream(struct request *request, const char *content_type);
/* The connection is being handed to the WebSocket: counts it, and frees its slot. */
void request_upgraded(struct request *request);

/* Bytes of a type; cache_control says who may keep them, and how long. */
void request_answer_bytes(struct request *request, const char *content_type, const char *cache_control,
                          const void *bytes, size_t length);

void request_answer_empty(struct request *request, int status);

/* A problem document (RFC 9457). faults: NULL or all of them; order_id: NULL or the recorded REJECTED order.
 */
void request_answer_problem(struct request *request, enum reject_code code, const char *detail,
                            const struct fault *faults, size_t fault_count, const struct uuid *order_id);
/* The same without errors. */
void request_refuse(struct request *request, enum reject_code code, const char *detail);
/* 503 with Retry-After. */
void request_unavailable(struct request *request, const char *detail);

/* The problem document alone, for answers that h2o makes itself. */
void request_render_problem(struct buffer *out, enum reject_code code, const char *detail,
                            const char *request_id, const struct fault *faults, size_t fault_count,
                            const struct uuid *order_id);

/* Names the key in force. Where there is none yet it is "trader_id:symbol:…:v1" with "-" for whatever is not
 * known. */
void request_add_key(struct request *request);

const char *request_status_text(int status);

#endif
