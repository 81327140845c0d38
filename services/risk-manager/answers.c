/* SPDX-License-Identifier: Apache-2.0 */
#include "services/risk-manager/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

enum { ADDRESS_MAX = 129 }; /* with NUL; reply_to of ORDER_REQUEST */

struct peer {
    char address[ADDRESS_MAX];
    struct pipe *pipe; /* NULL: free */
    uint64_t used;     /* the higher, the later */
    bool is_full;      /* refused an answer in this round */
};

struct waiting {
    struct pipe *pipe;
    void *bytes;
    size_t length;
    struct instant expires;
};

struct answers {
    struct pipe_context *context;
    uint64_t uses;
    size_t given_up; /* since the last answers_retry */
    size_t waiting_count;
    struct peer peers[ANSWERS_PEERS_MAX];
    struct waiting waiting[ANSWERS_WAITING_MAX]; /* oldest first */
};

int answers_create(struct pipe_context *context, struct answers **ret_answers)
{
    struct answers *answers = calloc(1, sizeof(*answers));

    if (answers == NULL)
        return -ENOMEM;
    answers->context = context;
    *ret_answers = answers;
    return 0;
}

/* Forgets what waits for a pipe. */
static void drop_waiting(struct answers *answers, const struct pipe *pipe)
{
    size_t kept = 0;

    for (size_t i = 0; i < answers->waiting_count; i++) {
        if (answers->waiting[i].pipe == pipe) {
            free(answers->waiting[i].bytes);
            answers->given_up++;
        } else {
            answers->waiting[kept++] = answers->waiting[i];
        }
    }
    answers->waiting_count = kept;
}

static void close_peer(struct answers *answers, struct peer *peer)
{
    drop_waiting(answers, peer->pipe);
    pipe_destroy(&peer->pipe);
}

void answers_destroy(struct answers **answers)
{
    if (*answers == NULL)
        return;
    for (size_t i = 0; i < ANSWERS_PEERS_MAX; i++) {
        if ((*answers)->peers[i].pipe != NULL)
            close_peer(*answers, &(*answers)->peers[i]);
    }
    free(*answers);
    *answers = NULL;
}

static int find_peer(struct answers *answers, const char *address, struct peer **ret_peer)
{
    struct peer *place = &answers->peers[0];

    for (size_t i = 0; i < ANSWERS_PEERS_MAX; i++) {
        struct peer *peer = &answers->peers[i];
        if (peer->pipe != NULL && strcmp(peer->address, address) == 0) {
            peer->used = ++answers->uses;
            *ret_peer = peer;
            return 0;
        }
        if (place->pipe != NULL && (peer->pipe == NULL || peer->used < place->used))
            place = peer;
    }
    struct pipe *pipe = NULL;
    int r = pipe_connect(answers->context, PIPE_PUSH, address, 0, &pipe);
    if (r < 0)
        return r;
    if (place->pipe != NULL)
        close_peer(answers, place);
    *place = (struct peer){.pipe = pipe, .used = ++answers->uses};
    (void)snprintf(place->address, sizeof(place->address), "%s", address);
    *ret_peer = place;
    return 0;
}

int answers_expect(struct answers *answers, const char *address)
{
    struct peer *peer;

    return find_peer(answers, address, &peer);
}

int answers_send(struct answers *answers, const char *address, const void *bytes, size_t length,
                 struct instant expires)
{
    struct peer *peer;

    int r = find_peer(answers, address, &peer);
    if (r == 0)
        r = pipe_send(peer->pipe, bytes, length);
    if (r != -EAGAIN)
        return r;
    if (answers->waiting_count == ANSWERS_WAITING_MAX)
        return -ENOBUFS;
    void *copy = malloc(length);
    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, bytes, length);
    answers->waiting[answers->waiting_count++] =
        (struct waiting){.pipe = peer->pipe, .bytes = copy, .length = length, .expires = expires};
    return 0;
}

static struct peer *peer_of(struct answers *answers, const struct pipe *pipe)
{
    for (size_t i = 0; i < ANSWERS_PEERS_MAX; i++) {
        if (answers->peers[i].pipe == pipe)
            return &answers->peers[i];
    }
    return NULL;
}

/* Whether the answer is dealt with: sent, or given up. */
static bool try_again(struct answers *answers, const struct waiting *waiting, struct instant now)
{
    struct peer *peer = peer_of(answers, waiting->pipe);

    if (!peer->is_full) {
        int r = pipe_send(peer->pipe, waiting->bytes, waiting->length);
        if (r == 0)
            return true;
        peer->is_full = true;
    }
    if (waiting->expires.us > now.us)
        return false;
    answers->given_up++;
    return true;
}

size_t answers_retry(struct answers *answers, struct instant now)
{
    size_t kept = 0;

    for (size_t i = 0; i < ANSWERS_PEERS_MAX; i++)
        answers->peers[i].is_full = false;
    for (size_t i = 0; i < answers->waiting_count; i++) {
        if (try_again(answers, &answers->waiting[i], now))
            free(answers->waiting[i].bytes);
        else
            answers->waiting[kept++] = answers->waiting[i];
    }
    answers->waiting_count = kept;
    size_t given_up = answers->given_up;
    answers->given_up = 0;
    return given_up;
}

size_t answers_waiting(const struct answers *answers)
{
    return answers->waiting_count;
}
