/* oxectl: the operator's and the trader's command line over the gateway and the simulator. What its files
 * share.
 *
 * A command is a row in the table of main.c. It prints its result on standard output, faults on standard
 * error, and returns the exit status: 0, EXIT_REFUSED when the server said no, EXIT_TROUBLE when it could not
 * be asked, 64 for wrong usage. */
#ifndef OXE_OXECTL_H
#define OXE_OXECTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <yajl/yajl_tree.h>

#include "common/buffer.h"

enum { EXIT_REFUSED = 1, EXIT_TROUBLE = 2, EXIT_USAGE = 64 };

struct context {
    const char *program;
    const char *url;         /* OXE_URL */
    char *token;             /* OXE_TOKEN, or the contents of OXE_TOKEN_FILE; NULL when neither is set */
    const char *sim_control; /* OXE_SIM_CONTROL */
};

struct command {
    const char *name;
    const char *arguments; /* for the usage */
    const char *summary;
    int (*run)(const struct context *context, int argc, char **argv); /* argv[0] is the command's name */
};

/* "oxectl: …" on standard error. Returns EXIT_USAGE, EXIT_TROUBLE for `return`. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
int trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* http.c: one request to the gateway. */
struct reply {
    long status;
    struct buffer body;
    yajl_val json; /* NULL when the body is no JSON */
};
/* body NULL: none; idempotency_key NULL: none. 0, or EXIT_TROUBLE after saying why. */
int http_request(const struct context *context, const char *method, const char *path, const char *body,
                 const char *idempotency_key, struct reply *ret_reply);
/* GET whose body goes to `out` as it comes, whatever its size. EXIT_REFUSED; EXIT_TROUBLE also when it broke
 * off.
 */
int http_download(const struct context *context, const char *path, FILE *out);
void reply_release(struct reply *reply);
/* Prints a problem document to standard error: title, detail, each fault. Returns EXIT_REFUSED. */
int reply_refused(const struct reply *reply);

/* json.c: reading replies and printing them. Numbers keep the server's text. */
yajl_val json_get(yajl_val object, const char *name);
/* Text of a member: a string, a number as written, true, false; "-" for null or absent. */
const char *json_text(yajl_val object, const char *name);

struct column {
    const char *title;
    const char *member;
    bool right; /* numbers */
};
/* A table with aligned columns; nothing but the titles when the array is empty. */
void table_print(FILE *out, const struct column *columns, size_t column_count, yajl_val array);

int orders_submit(const struct context *context, int argc, char **argv);
int orders_list(const struct context *context, int argc, char **argv);
int orders_show(const struct context *context, int argc, char **argv);
int account_show(const struct context *context, int argc, char **argv);
int audit_command(const struct context *context, int argc, char **argv);
int audit_search_command(const struct context *context, int argc, char **argv);
int audit_export_command(const struct context *context, int argc, char **argv);
int cancel_command(const struct context *context, int argc, char **argv);
int resolve_command(const struct context *context, int argc, char **argv);
int halts_command(const struct context *context, int argc, char **argv);
int halt_command(const struct context *context, int argc, char **argv);
int resume_command(const struct context *context, int argc, char **argv);
int watch_command(const struct context *context, int argc, char **argv);
int issuer_command(const struct context *context, int argc, char **argv);
int token_command(const struct context *context, int argc, char **argv);
int aside_command(const struct context *context, int argc, char **argv);
int doubts_command(const struct context *context, int argc, char **argv);
int flag_command(const struct context *context, int argc, char **argv);
int jwt_command(const struct context *context, int argc, char **argv);
int limits_command(const struct context *context, int argc, char **argv);
int log_command(const struct context *context, int argc, char **argv);
int msg_command(const struct context *context, int argc, char **argv);
int curve_command(const struct context *context, int argc, char **argv);
int lanes_command(const struct context *context, int argc, char **argv);
int trader_command(const struct context *context, int argc, char **argv);
int sim_command(const struct context *context, int argc, char **argv);

/* orders.c: what other files print and ask of an order. order_wait polls until it is DONE.
 * order_append_member adds "name":"value" to a JSON object; a NULL value is left out. */
bool order_is_id(const char *text);
void order_print(yajl_val order);
int order_show(const struct context *context, const char *order_id, bool json);
int order_wait(const struct context *context, const char *order_id);
void order_append_member(struct buffer *body, const char *name, const char *value);
/* orders.c: prints the trail of an order; used by audit and by submit --trail. */
int trail_print(const struct context *context, const char *order_id, bool json);

#endif
