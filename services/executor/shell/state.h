/* SPDX-License-Identifier: Apache-2.0 */
/* The executor's state, born in executor.c and known to every part of the shell: everything between ADMITTED
 * and DONE at the exchange.
 *
 * One thread, one loop. executor.c waits and ticks, lanes.c takes and lets go of lanes, lane_load.c reads
 * their orders, inbox.c brings what is new, turn_run.c makes one transaction of what has arrived, sessions.c
 * says how the lanes stand with the exchange, dispatch.c writes to the exchange what a transaction has
 * allowed. The decisions are in core/. Whatever goes wrong with the database comes back to executor.c as a
 * negative errno: sessions at the exchange are closed, memory is emptied, lanes are taken anew, and the
 * exchange repeats what was not committed. */
#ifndef OXE_EXECUTOR_STATE_H
#define OXE_EXECUTOR_STATE_H

#include "common/cleanup.h"
#include "common/db.h"
#include "common/pipe.h"
#include "common/pipe_config.h"
#include "common/service.h"
#include "proto/lane.h"
#include "proto/trading_day.h"
#include "services/executor/core/due_heap.h"
#include "services/executor/core/id_queue.h"
#include "services/executor/core/lane_set.h"
#include "services/executor/core/order_table.h"
#include "services/executor/core/prices.h"
#include "services/executor/core/rate.h"
#include "services/executor/venue.h"

#include "executor_sql.h"

enum {
    EXECUTOR_DB_TIMEOUT_MS = 5000,
    EXECUTOR_DRAIN_MS = 3000, /* how long an end waits for answers of the exchange */
};

struct executor_config {
    struct service_config common;
    struct pipe_config pipe;
    char database[CONFIG_TEXT_MAX];
    int64_t lanes;
    struct config_list risk_lanes;
    struct config_list audit_writers;
    char fix_host[CONFIG_TEXT_MAX];
    int64_t fix_port;
    char fix_sender_prefix[CONFIG_TEXT_MAX];
    char fix_target[CONFIG_TEXT_MAX];
    int64_t fix_heartbeat_ms;
    char venue[CONFIG_TEXT_MAX];
    bool refuses_known_ids;
    char trading_tz[CONFIG_TEXT_MAX];
    char trading_day_start[CONFIG_TEXT_MAX];
    char market_collar_pct[CONFIG_TEXT_MAX];
    int64_t price_age_max_ms;
    int64_t decision_age_max_ms;
    int64_t rate_limit; /* messages a minute for the suite; 0: none */
    int64_t attempts_max;
    int64_t retry_timeout_ms;
    int64_t retry_delay_ms;
    int64_t status_timeout_ms;
    int64_t open_orders_max;
};

enum executor_check { CHECK_POSTGRESQL, CHECK_EXCHANGE, CHECK_LANES, CHECK_CLOCK, CHECK_COUNT };

#define METRIC(member, ...) METRIC_##member,
enum executor_metric {
#include "services/executor/metrics.def"
    METRIC_CLOCK_OFFSET,
    METRIC_COUNT
};
#undef METRIC

/* How a lane's session at the exchange is. */
enum lane_session {
    SESSION_DOWN,    /* no line, or not logged on yet */
    SESSION_REFUSED, /* the exchange did not take the logon */
    SESSION_READY,
};

enum { SENT_FIRST, SENT_RETRY };
enum { COMMAND_TAKEN, COMMAND_MOOT, COMMAND_PUT_ASIDE };
enum { STAGE_ADMITTED_TO_SENT, STAGE_ADMITTED_TO_CONFIRMED, STAGE_REPORT_TO_COMMIT };
enum { FAILED_IN_DOUBT, FAILED_UNAVAILABLE };

struct lane {
    bool owned;
    int number;        /* while it is owned */
    bool ready;        /* the session stands and the gap is closed: orders may go out */
    bool handing_over; /* claims stopped; let go when nothing is in flight, or at hand_over_at_us */
    int64_t hand_over_at_us;
    int64_t epoch;
    uint64_t in_committed; /* lanes.in_seq */
    uint64_t in_seen;      /* what the drained events reach to */
    uint64_t out_reserved; /* lanes.out_seq */
    uint64_t out_more;     /* reserved by the statement under way */
    bool renumbered;       /* the exchange has begun its numbers anew, and the row does not say it yet */
    bool touched;          /* the turn claims orders of it */
    bool crowded;          /* memory has no room for all of its open orders (lane_load.h) */
    bool left_out;         /* and some of them are at the exchange */
    enum lane_session session;
    char why[VENUE_TEXT_MAX];     /* it does not stand; empty: it does, or nobody knows */
    char logout[VENUE_TEXT_MAX];  /* the exchange's words in its Logout; empty: there was none */
    struct venue_numbers numbers; /* when it was lost or refused; zeros: it stands, or nobody knows */
    bool session_moved;           /* the row does not say it yet */
    int64_t refused_told_us;      /* when the log heard of it last */
    struct rate rate;
    int64_t ready_us;        /* monotonic: since when the session stands */
    struct id_queue waiting; /* ADMITTED orders */
    struct id_queue anew;    /* ADMITTED orders that are to be decided anew before they go out */
    struct id_queue held;    /* ADMITTED orders that may not go out now (holds.h) */
    struct id_queue asks;    /* orders to ask the exchange about */
    struct id_queue cancels; /* orders to cancel or replace there */
};

/* What lane 0 has subscribed: of everything that can be traded, by symbol. */
struct feed {
    char symbols[PRICES_MAX][SYMBOL_MAX];
    size_t count;
    int64_t epoch;      /* of lane 0 then; 0: never, or it failed */
    int64_t look_at_us; /* monotonic: when the instruments are looked at again */
};

struct turn;

struct executor {
    struct service *service;
    const struct executor_config *config;
    char process[CONFIG_TEXT_MAX + 16]; /* as oxe.heartbeats names it */
    struct db *db;
    struct db_args args; /* for whatever statement is sent next */
    struct pipe_context *pipe_context;
    struct pipe *lane_pipes[LANES_MAX]; /* NULL where not owned */
    struct pipe *wakes[CONFIG_LIST_MAX];
    const struct venue_ops *ops;
    struct venue *venue;
    struct execute_policy policy;
    struct decimal market_collar_pct;
    struct uuid_source ids;
    struct lane lanes[LANES_MAX];
    struct order_table *open;
    struct prices prices;
    int64_t bars_prune_us; /* monotonic */
    struct feed feed;
    int64_t prices_confirm_us; /* monotonic: when those that stand are written again */
    bool prices_confirmed;     /* by the statement under way */
    struct turn *turn;
    struct trading_day today; /* of this connection's database */
    struct due_heap due;      /* when open orders are to be looked at again */
    struct admitted admitted; /* decoded last, as the next; large */
    struct commanded commanded;
    struct buffer message; /* the message encoded last */
    bool commands_due;     /* there may be rows in oxe.commands */
    bool connected;        /* the lanes table has been looked at on this connection */
    bool planned;          /* lanes were shared out at least once on this connection */
    bool stopping;         /* the process ends: no lane is taken any more */
    int live;              /* executors with a fresh heartbeat */
    int64_t beat_us;       /* when our own last sign of life was written */
    int64_t steady_us;     /* since when they came in time */
    int64_t next_beat_us;  /* monotonic, as the next */
    int64_t next_tick_us;
    size_t tick_part;      /* which part of the tick is next */
    int refused;           /* times in a row that PostgreSQL refused a statement of ours */
    int64_t not_before_us; /* until then it is left alone */
    int64_t holds_at_us;   /* when held orders are looked at next */
    int64_t anew_at_us;    /* not before it are orders decided anew: some wait for a price */
    bool anew_alone;       /* the next turn takes no reports, so that they do not move what some need */
    int sweep_lane;        /* the paged sweep goes on behind this place */
    struct uuid sweep_id;
    int last_batch; /* facts of the last turn: many of them make the next one linger */
};

static inline const struct log *executor_log(const struct executor *executor)
{
    return &executor->service->log;
}

/* Lanes, as lane_bit: ours; of these, those whose session stands. */
static inline uint64_t executor_owned(const struct executor *executor)
{
    uint64_t owned = 0;
    for (int lane = 0; lane < LANES_MAX; lane++)
        owned |= executor->lanes[lane].owned ? lane_bit(lane) : 0;
    return owned;
}
static inline uint64_t executor_ready(const struct executor *executor)
{
    uint64_t ready = 0;
    for (int lane = 0; lane < LANES_MAX; lane++)
        ready |= executor->lanes[lane].ready ? lane_bit(lane) : 0;
    return ready;
}

#endif
