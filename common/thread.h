/* SPDX-License-Identifier: Apache-2.0 */
/* A thread beside the service's own. It gets no signals: they are for the service's thread. Nor SIGPIPE, so
 * that it may write to sockets which the other side has closed. */
#ifndef OXE_COMMON_THREAD_H
#define OXE_COMMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* `run` gets `context`; the thread is the caller's to join. -errno. */
int thread_start(pthread_t *ret_thread, void *(*run)(void *), void *context);

/* Waits, with the lock held, until `wake` is signalled or a time of clock_monotonic_us has come. False: it
 * has. Both may be initialised as they are by default. */
bool thread_wait(pthread_cond_t *wake, pthread_mutex_t *lock, int64_t until_us);

#endif
