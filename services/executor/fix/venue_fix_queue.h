/* SPDX-License-Identifier: Apache-2.0 */
/* Events on their way from the engine's thread to the executor's.
 *
 * One producer thread, one consumer thread. `push` never waits: a queue that holds `bound` events says so
 * through `is_full`, and the producer stops reading from the exchange until the consumer has made room; a
 * message already begun may go a little over. An administrative message is only a number: it takes no place
 * in the queue, and a later one replaces an earlier one. */
#ifndef OXE_EXECUTOR_VENUE_FIX_QUEUE_H
#define OXE_EXECUTOR_VENUE_FIX_QUEUE_H

#include "services/executor/venue.h"

struct venue_fix_queue;

/* -ENOMEM, -EMFILE and the like. */
int venue_fix_queue_create(size_t bound, struct venue_fix_queue **ret_queue);
void venue_fix_queue_destroy(struct venue_fix_queue **queue);

/* Readable while there is something to take. Owned by the queue. */
int venue_fix_queue_fd(const struct venue_fix_queue *queue);

/* Copies the event and its message. 0 or -ENOMEM, when nothing was queued. */
int venue_fix_queue_push(struct venue_fix_queue *queue, const struct venue_event *event);

/* While true, what is pushed waits; with false the consumer sees all of it at once. So what the exchange
 * said in one breath, an acknowledgement and its fill, comes into one turn of the executor. */
void venue_fix_queue_hold(struct venue_fix_queue *queue, bool holds);

/* All messages of the lane up to in_seq have been pushed or had nothing to tell. */
void venue_fix_queue_sequence(struct venue_fix_queue *queue, int lane, uint64_t in_seq);

/* Whether the producer should stop reading. */
bool venue_fix_queue_is_full(struct venue_fix_queue *queue);

/* Drops what waits of one lane. */
void venue_fix_queue_forget(struct venue_fix_queue *queue, int lane);

/* Hands over at most `max` events; returns how many. *ret_resume says whether a producer that found the
 * queue full may go on. */
int venue_fix_queue_take(struct venue_fix_queue *queue, int max, venue_event_handler *handler, void *context,
                         bool *ret_resume);

#endif
