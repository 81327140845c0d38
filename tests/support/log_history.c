/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/log_history.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "proto/audit_leaf.h"

enum { SECOND_US = 1000000 };

void log_history_begin(struct log_history *ret_history, struct world *world, int months_ago)
{
    *ret_history = (struct log_history){.world = world};
    /* As oxe.make_partitions makes them. */
    world_sql(world,
              "SET client_min_messages = warning; DO $$ DECLARE part text; month timestamptz; BEGIN SET "
              "LOCAL timezone = "
              "'UTC'; FOR i IN 1..%d LOOP month := date_trunc('month', now()) - make_interval(months => i); "
              "part := "
              "'execution_logs_' || to_char(month, 'YYYY_MM'); EXECUTE format('CREATE TABLE oxe.%%I (LIKE "
              "oxe.execution_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part); EXECUTE format('ALTER "
              "TABLE oxe.%%I "
              "ENABLE ROW LEVEL SECURITY', part); EXECUTE format('ALTER TABLE oxe.%%I FORCE ROW LEVEL "
              "SECURITY', part); "
              "EXECUTE format('ALTER TABLE oxe.execution_logs ATTACH PARTITION oxe.%%I FOR VALUES FROM (%%L) "
              "TO (%%L)', "
              "part, month, month + interval '1 month'); END LOOP; END $$",
              months_ago);
}

static int64_t month_us(struct world *world, int months_ago)
{
    return strtoll(
        world_value(world,
                    "SELECT oxe.us((date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => "
                    "%d)) AT TIME ZONE 'UTC')",
                    months_ago),
        NULL, 10);
}

void log_history_write(struct log_history *history, int months_ago, int second, int count)
{
    int64_t begin_us = month_us(history->world, months_ago) + (int64_t)second * SECOND_US;
    uint8_t hash[MERKLE_HASH_BYTES];

    world_sql(history->world, "SET session_replication_role = replica");
    for (int i = 0; i < count; i++) {
        CLEANUP(buffer_release) struct buffer hex = BUFFER_INIT(0);
        struct audit_entry entry = {
            .log_seq = history->tree.size + 1,
            .event = {.event_id = uuid_next(&history->world->ids, clock_now()),
                      .action = AUDIT_ACTION_HALTED,
                      .symbol = "AAPL",
                      .actor = "olga",
                      .occurred_at = {begin_us + (int64_t)i * SECOND_US - 1000}},
            .recorded_at = {begin_us + (int64_t)i * SECOND_US},
        };
        char id[UUID_TEXT_MAX];
        (void)snprintf(entry.event.message, sizeof(entry.event.message), "entry %llu",
                       (unsigned long long)entry.log_seq);
        uuid_format(entry.event.event_id, id);
        cr_assert_eq(audit_leaf_hash(&entry, hash), 0);
        cr_assert_eq(merkle_append(&history->tree, hash), 0);
        history->last = entry.recorded_at;
        buffer_append_hex(&hex, hash, sizeof(hash));
        world_sql(history->world,
                  "INSERT INTO oxe.execution_logs (log_seq, event_id, action, symbol, message, actor, "
                  "\"timestamp\", "
                  "recorded_at, leaf_hash) VALUES (%llu, '%s', 'HALTED', 'AAPL', '%s', 'olga', oxe.ts(%lld), "
                  "oxe.ts(%lld), '\\x%s')",
                  (unsigned long long)entry.log_seq, id, entry.event.message,
                  (long long)entry.event.occurred_at.us, (long long)entry.recorded_at.us, hex.data);
    }
    world_sql(history->world, "SET session_replication_role = DEFAULT");
}

void log_history_end(struct log_history *history)
{
    CLEANUP(buffer_release) struct buffer hex = BUFFER_INIT(0);
    uint8_t bytes[MERKLE_SERIALISED_MAX];

    buffer_append_hex(&hex, bytes, merkle_serialise(&history->tree, bytes));
    world_sql(
        history->world,
        "UPDATE oxe.audit_state SET next_log_seq = %llu, frontier = '\\x%s', last_recorded_at = oxe.ts(%lld)",
        (unsigned long long)history->tree.size + 1, hex.data, (long long)history->last.us);
}

const char *log_history_month(struct world *world, int months_ago)
{
    static char text[32];

    (void)snprintf(
        text, sizeof(text), "%s",
        world_value(
            world,
            "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => %d), "
            "'YYYY-MM')",
            months_ago));
    return text;
}
