/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl: the operator's and the trader's command line over the gateway and the simulator. What its files
 * share.
 *
 * A command is a row of commands.def, and a function. That prints its result on standard output, faults on
 * standard error, and returns the exit status: 0, EXIT_REFUSED when the server said no, EXIT_TROUBLE when it
 * could not be asked, EXIT_USAGE for wrong usage. */
#ifndef OXE_OXECTL_H
#define OXE_OXECTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "services/oxectl/args.h"
#include "services/oxectl/json.h"

enum { EXIT_REFUSED = 1, EXIT_TROUBLE = 2 };

struct context {
    const char *url;         /* OXE_URL */
    char *token;             /* for commands that need one: OXE_TOKEN, or what OXE_TOKEN_FILE or the issuer of
                                OXE_DEVELOPMENT_KEYS gives */
    const char *database;    /* OXE_DATABASE, for commands that need it, or OXE_DATABASE_COMPLIANCE */
    const char *sim_control; /* OXE_SIM_CONTROL */
    void *curl;              /* libcurl's handle, which requests share, and with it their connection */
};

/* What runs each command. */
#define COMMAND(function, ...) int function(const struct context *context, const struct args *args);
#include "services/oxectl/commands.def"
#undef COMMAND

/* main.c: all of them, ended by one without a name. */
extern const struct command all_commands[];

/* "oxectl: …" on standard error. Returns the status, for `return`. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define trouble(...) complain(EXIT_TROUBLE, __VA_ARGS__)
#define refuse(...)  complain(EXIT_REFUSED, __VA_ARGS__)

/* The environment variable's value; `otherwise` also when it is empty. */
const char *setting(const char *name, const char *otherwise);

/* http.c: one request to the gateway. */
struct reply {
    long status;
    struct buffer body;
    yajl_val json; /* NULL when the body is no JSON */
};
/* body NULL: none; idempotency_key NULL: none. 0, or EXIT_TROUBLE after saying why, and then *ret_reply is as
 * it was. */
int http_request(const struct context *context, const char *method, const char *path, const char *body,
                 const char *idempotency_key, struct reply *ret_reply);
/* The same of a path that a format makes, where nothing will do but 2xx with JSON, or 204: EXIT_REFUSED after
 * saying what was answered instead. */
int http_ask(const struct context *context, const char *method, const char *body, const char *idempotency_key,
             struct reply *ret_reply, const char *format, ...) __attribute__((format(printf, 6, 7)));
#define http_get(context, ret_reply, ...) http_ask(context, "GET", NULL, NULL, ret_reply, __VA_ARGS__)
/* A JSON object that is begun, with what was given of the arguments that have a `member`; an option without
 * value is true. The caller may add members. */
struct buffer http_body(const struct args *args);
/* The same as http_ask with such a body, which it ends. */
int http_post(const struct context *context, const struct args *args, struct buffer *body,
              const char *idempotency_key, struct reply *ret_reply, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* GET of any URL, its body to *out. NULL, or what is wrong. */
const char *http_fetch(const struct context *context, const char *url, struct buffer *out);
/* GET whose body goes to `take` as it comes, whatever its size; false from it ends the transfer, and is no
 * trouble. EXIT_REFUSED; EXIT_TROUBLE also when it broke off. */
typedef bool (*http_taker)(void *context, const char *bytes, size_t length);
int http_stream(const struct context *context, const char *path, http_taker take, void *taker);
/* Adds name=value to the path's query; NULL: nothing. The path has its text already. */
void query_append(struct buffer *path, const char *name, const char *value);
/* The same of all arguments that have a `member`. EXIT_USAGE after saying that the path has no room. */
int http_append_args(struct buffer *path, const struct args *args);
void reply_release(struct reply *reply);
/* With --json prints the reply as it came; else false. */
bool reply_print_json(const struct reply *reply, const struct args *args);
/* GET of a list, with the query of the arguments: prints `member` of the reply as a table, or with --json the
 * reply, and on standard error how to ask for the next page. 0, or an exit status after saying why. */
int http_list(const struct context *context, const struct args *args, const char *path, const char *member,
              const struct column *columns, size_t column_count);
/* Prints a problem document to standard error: its detail and each fault. Returns EXIT_REFUSED. */
int reply_refused(const struct reply *reply);

/* sim.c, the simulator's control port at host:port. sim_open sends the line; *ret_file has the answer's
 * lines, and is the caller's to close. Its error flag is set when nothing comes for half a minute. 0, or an
 * exit status after saying why. */
int sim_open(const char *address, const char *line, FILE **ret_file);
/* How many faults are armed; each step takes timeout_ms at most. -EIO: it does not say. */
int sim_count_faults(const char *address, int timeout_ms, size_t *ret_count);

/* token.c: a token for the subject, valid for a day, by the issuer in the folder; the caller's to free. 0, or
 * an exit status after saying why. */
int token_make(const char *keys, const char *subject, const char *role, char **ret_token);

/* help.c: what `help` prints about the command that the words name, about those that a word begins, or about
 * all. 0, or EXIT_USAGE after saying that there is none. */
int help_print(int count, char **words);

/* orders.c: what other files print and ask of an order. order_wait polls until it is DONE. */
void order_print(yajl_val order);
int order_show(const struct context *context, const struct args *args, const char *order_id);
int order_wait(const struct context *context, const char *order_id);

#endif
