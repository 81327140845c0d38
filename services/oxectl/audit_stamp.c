/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl audit stamp: the time that an authority outside has put on a checkpoint (RFC 3161). */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/file.h"
#include "proto/base64.h"
#include "proto/timestamp.h"
#include "services/oxectl/tlog.h"

static int save(const char *path, const void *bytes, size_t length)
{
    int r = path == NULL ? 0 : file_replace(path, bytes, length);

    return r < 0 ? trouble("cannot write %s: %s", path, strerror(-r)) : 0;
}

/* What the authority has answered, checked: nothing of the gateway's word is believed. */
static int check(const struct args *args, yajl_val stamp)
{
    const char *text = json_text(stamp, "checkpoint"), *encoded = json_text(stamp, "answer");
    uint8_t answer[TIMESTAMP_MAX];
    struct checkpoint checkpoint;
    struct instant at;
    struct note note;
    char time[INSTANT_TEXT_MAX];
    size_t length;

    int status = tlog_verify_kept(args, text, strlen(text), &checkpoint);
    if (status != 0)
        return status;
    if (note_parse(text, strlen(text), &note) < 0 ||
        base64_decode(encoded, strlen(encoded), answer, sizeof(answer), &length) < 0)
        return trouble("that is no time stamp");
    int r =
        timestamp_verify(answer, length, note.text, note.text_length, NULL, args_text(args, "--roots"), &at);
    if (r == -ENOENT)
        return trouble("there are no certificates in %s", args_text(args, "--roots"));
    if (r < 0)
        return refuse("the stamp is not one of this checkpoint by an authority below %s",
                      args_text(args, "--roots"));
    (void)instant_format(at, time);
    tlog_print_checkpoint(&checkpoint);
    (void)printf("stamped at %s\n", time);
    status = save(args_text(args, "--token"), answer, length);
    return status == 0 ? save(args_text(args, "--text"), note.text, note.text_length) : status;
}

int audit_stamp_run(const struct context *context, const struct args *args)
{
    CLEANUP(reply_release) struct reply reply = {0};

    int status = http_request(context, "GET", "/audit-stamp", NULL, NULL, &reply);
    if (status == 0)
        status = reply.status == 200 ? check(args, reply.json) : reply_refused(&reply);
    return status;
}
