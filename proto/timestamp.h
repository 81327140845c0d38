/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps over a checkpoint's text (RFC 3161): when an outsider has seen it. The
 * text is the three lines that the log and its witnesses sign, so that the stamp stays right whatever
 * signatures are added.
 *
 * `openssl ts` makes and checks the same. */
#ifndef OXE_PROTO_TIMESTAMP_H
#define OXE_PROTO_TIMESTAMP_H

#include "common/buffer.h"
#include "common/clock.h"

enum {
    TIMESTAMP_NONCE_BYTES = 8,
    TIMESTAMP_MAX = 32 * 1024, /* of an answer, with the authority's certificates */
};

/* Appends the request (DER): SHA-256 of the text, and the authority's certificate is asked for. -ENOMEM,
 * -ENOBUFS. */
int timestamp_request(const char *text, size_t length, const uint8_t nonce[static TIMESTAMP_NONCE_BYTES],
                      struct buffer *out);

/* Whether an answer (DER) is a stamp of this text, and to this nonce (NULL: to any), by an authority below
 * one of the certificates in the file, each valid at the time of the stamp. -EACCES: the authority has
 * refused; -EBADMSG: it is no such stamp; -ENOENT: there are no certificates in the file; -ENOMEM. */
int timestamp_verify(const uint8_t *answer, size_t answer_length, const char *text, size_t length,
                     const uint8_t *nonce, const char *authorities, struct instant *ret_time);

#endif
