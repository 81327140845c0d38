/* SPDX-License-Identifier: Apache-2.0 */
#include "services/executor/fix/venue_fix_queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

enum { TAKE_BATCH = 16 }; /* events taken under one lock */

struct node {
    STAILQ_ENTRY(node) next;
    struct venue_event event; /* its message is below */
    char message[];
};

/* How far a lane's incoming sequence has come. */
struct lane_sequence {
    uint64_t pushed;         /* in_seq of the last event in the queue or handed over */
    uint64_t moved;          /* what `sequence` said last */
    struct venue_event told; /* the event that hands `moved` over */
};

struct venue_fix_queue {
    pthread_mutex_t lock;
    STAILQ_HEAD(nodes, node) nodes;
    size_t count, bound;
    size_t visible;           /* of the count, the first ones: what the consumer may take */
    bool held;                /* what is pushed is not visible yet */
    bool full_seen;           /* the producer was told to stop */
    bool signalled;           /* the eventfd is readable */
    uint64_t forgotten_lanes; /* of the batch being handed over: the consumer closed them meanwhile */
    uint64_t moved_lanes;     /* a bit for each lane whose `moved` is to be told */
    struct lane_sequence lanes[VENUE_LANES_MAX];
    int fd;
};

int venue_fix_queue_create(size_t bound, struct venue_fix_queue **ret_queue)
{
    struct venue_fix_queue *queue = calloc(1, sizeof *queue);

    static_assert(VENUE_LANES_MAX <= 64, "moved_lanes has a bit for each lane");
    if (!queue)
        return -ENOMEM;
    (void)pthread_mutex_init(&queue->lock, NULL);
    STAILQ_INIT(&queue->nodes);
    queue->bound = bound;
    queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->fd < 0) {
        int r = -errno;

        venue_fix_queue_destroy(&queue);
        return r;
    }
    *ret_queue = queue;
    return 0;
}

static struct node *pop(struct venue_fix_queue *queue)
{
    struct node *node = STAILQ_FIRST(&queue->nodes);

    STAILQ_REMOVE_HEAD(&queue->nodes, next);
    queue->count--;
    return node;
}

void venue_fix_queue_destroy(struct venue_fix_queue **queue)
{
    if (!*queue)
        return;
    (void)pthread_mutex_destroy(&(*queue)->lock);
    if ((*queue)->fd >= 0)
        (void)close((*queue)->fd);
    while ((*queue)->count > 0)
        free(pop(*queue));
    free(*queue);
    *queue = NULL;
}

int venue_fix_queue_fd(const struct venue_fix_queue *queue)
{
    return queue->fd;
}

static void lock(struct venue_fix_queue *queue)
{
    int r = pthread_mutex_lock(&queue->lock);

    assert(r == 0);
}

static void unlock(struct venue_fix_queue *queue)
{
    int r = pthread_mutex_unlock(&queue->lock);

    assert(r == 0);
}

static void signal_consumer(struct venue_fix_queue *queue)
{
    ssize_t written;

    if (queue->signalled)
        return;
    written = write(queue->fd, &(uint64_t){1}, sizeof(uint64_t));
    assert(written == sizeof(uint64_t));
    queue->signalled = true;
}

static void clear_signal(struct venue_fix_queue *queue)
{
    uint64_t count;
    ssize_t got;

    if (!queue->signalled)
        return;
    got = read(queue->fd, &count, sizeof count);
    assert(got == sizeof count);
    queue->signalled = false;
}

/* Lets the consumer see what is there, unless it is held back. */
static void show(struct venue_fix_queue *queue)
{
    if (queue->held)
        return;
    queue->visible = queue->count;
    if (queue->count > 0 || queue->moved_lanes != 0)
        signal_consumer(queue);
}

void venue_fix_queue_hold(struct venue_fix_queue *queue, bool holds)
{
    lock(queue);
    queue->held = holds;
    show(queue);
    unlock(queue);
}

int venue_fix_queue_push(struct venue_fix_queue *queue, const struct venue_event *event)
{
    struct node *node = malloc(sizeof *node + (event->message ? event->message_length : 0));
    struct lane_sequence *lane = &queue->lanes[event->lane];

    assert(event->lane >= 0 && event->lane < VENUE_LANES_MAX);
    if (!node)
        return -ENOMEM;
    node->event = *event;
    if (event->message)
        node->event.message = memcpy(node->message, event->message, event->message_length);
    lock(queue);
    STAILQ_INSERT_TAIL(&queue->nodes, node, next);
    queue->count++;
    if (event->in_seq > 0 || event->type == VENUE_SEQUENCE_RESET || event->type == VENUE_BEGAN_ANEW) {
        lane->pushed = event->in_seq;
        queue->moved_lanes &= ~(UINT64_C(1) << event->lane); /* this event carries the higher number */
    }
    show(queue);
    unlock(queue);
    return 0;
}

void venue_fix_queue_sequence(struct venue_fix_queue *queue, int lane, uint64_t in_seq)
{
    assert(lane >= 0 && lane < VENUE_LANES_MAX);
    lock(queue);
    if (in_seq > queue->lanes[lane].pushed) {
        queue->lanes[lane].moved = in_seq;
        queue->moved_lanes |= UINT64_C(1) << lane;
        show(queue);
    }
    unlock(queue);
}

bool venue_fix_queue_is_full(struct venue_fix_queue *queue)
{
    bool full;

    lock(queue);
    full = queue->count >= queue->bound;
    queue->full_seen |= full;
    unlock(queue);
    return full;
}

void venue_fix_queue_forget(struct venue_fix_queue *queue, int lane)
{
    lock(queue);
    for (size_t left = queue->count, visible = queue->visible; left > 0; left--, visible -= visible > 0) {
        struct node *node = pop(queue);

        if (node->event.lane == lane) {
            queue->visible -= visible > 0;
            free(node);
        } else {
            STAILQ_INSERT_TAIL(&queue->nodes, node, next);
            queue->count++;
        }
    }
    queue->lanes[lane].pushed = queue->lanes[lane].moved = 0;
    queue->moved_lanes &= ~(UINT64_C(1) << lane);
    queue->forgotten_lanes |= UINT64_C(1) << lane;
    unlock(queue);
}

/* Only an empty queue tells the numbers: all events before them are then on their way. */
static int take_sequences(struct venue_fix_queue *queue, struct venue_event **batch, int room)
{
    int taken = 0;

    while (queue->moved_lanes && taken < room) {
        int number = __builtin_ctzll(queue->moved_lanes);
        struct lane_sequence *lane = &queue->lanes[number];

        lane->pushed = lane->moved;
        lane->told = (struct venue_event){.type = VENUE_SEQUENCE, .lane = number, .in_seq = lane->moved};
        batch[taken++] = &lane->told;
        queue->moved_lanes &= queue->moved_lanes - 1;
    }
    return taken;
}

/* Of the events taken, the first *ret_nodes are of nodes. */
static int take_batch(struct venue_fix_queue *queue, struct venue_event **batch, int room, int *ret_nodes,
                      bool *resume)
{
    int taken = 0;

    lock(queue);
    queue->forgotten_lanes = 0;
    for (; queue->visible > 0 && taken < room; queue->visible--)
        batch[taken++] = &pop(queue)->event;
    *ret_nodes = taken;
    if (queue->count == 0 && !queue->held)
        taken += take_sequences(queue, batch + taken, room - taken);
    if (queue->full_seen && queue->count <= queue->bound / 2) {
        queue->full_seen = false;
        *resume = true;
    }
    if (queue->visible == 0 && (queue->held || queue->moved_lanes == 0))
        clear_signal(queue);
    unlock(queue);
    return taken;
}

int venue_fix_queue_take(struct venue_fix_queue *queue, int max, venue_event_handler *handler, void *context,
                         bool *ret_resume)
{
    struct venue_event *batch[TAKE_BATCH];
    int total = 0;

    *ret_resume = false;
    while (total < max) {
        int room = max - total < TAKE_BATCH ? max - total : TAKE_BATCH, nodes;
        int taken = take_batch(queue, batch, room, &nodes, ret_resume);

        for (int i = 0; i < taken; i++) {
            if (!(queue->forgotten_lanes & UINT64_C(1) << batch[i]->lane))
                handler(context, batch[i]);
            if (i < nodes)
                free((char *)batch[i] - offsetof(struct node, event));
        }
        total += taken;
        if (taken < room)
            break;
    }
    return total;
}
