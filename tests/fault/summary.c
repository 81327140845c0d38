/* SPDX-License-Identifier: Apache-2.0 */
/* See summary.h. */
#include "tests/fault/summary.h"

#include <stdlib.h>

void summary_add(struct summary *summary, const struct outcome *outcome)
{
    if (summary->count < CELLS_MAX)
        summary->outcomes[summary->count++] = *outcome;
}

void summary_write(const struct summary *summary, FILE *out)
{
    for (size_t i = 0; i < summary->count; i++) {
        const struct outcome *one = &summary->outcomes[i];
        (void)fprintf(out, "%d %d %d %lld %lld %lld %lld %ld %ld %ld %ld\n", (int)one->target,
                      (int)one->fault, one->limited, (long long)one->at_us, (long long)one->first_201_us,
                      (long long)one->lanes_fill_us, (long long)one->slowest_us, one->orders, one->refused,
                      one->broken, one->lost);
    }
}

bool summary_read(struct summary *summary, FILE *in)
{
    char line[256];

    while (fgets(line, sizeof(line), in) != NULL) {
        struct outcome one = {0};
        int target, fault, limited;
        long long at_us, first_201_us, lanes_fill_us, slowest_us;
        if (sscanf(line, "%d %d %d %lld %lld %lld %lld %ld %ld %ld %ld", &target, &fault, &limited, &at_us,
                   &first_201_us, &lanes_fill_us, &slowest_us, &one.orders, &one.refused, &one.broken,
                   &one.lost) != 11 ||
            target < 0 || target >= TARGET_COUNT || fault < 0 || fault >= FAULT_COUNT)
            return false;
        one.target = (enum target)target;
        one.fault = (enum fault)fault;
        one.limited = limited != 0;
        one.at_us = at_us;
        one.first_201_us = first_201_us;
        one.lanes_fill_us = lanes_fill_us;
        one.slowest_us = slowest_us;
        summary_add(summary, &one);
    }
    return true;
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* "median (most)" in seconds. */
static void print_times(double *times, size_t count, FILE *out)
{
    qsort(times, count, sizeof(times[0]), compare_times);
    if (count == 0)
        (void)fprintf(out, " - |");
    else
        (void)fprintf(out, " %.1f (%.1f) |", times[count / 2], times[count - 1]);
}

static void print_row(const struct summary *summary, enum target target, enum fault fault, bool limited,
                      FILE *out)
{
    static double firsts[CELLS_MAX], lanes[CELLS_MAX];
    size_t cells = 0, first_count = 0, lane_count = 0;
    long orders = 0, refused = 0, broken = 0, lost = 0;
    int64_t slowest_us = 0;

    for (size_t i = 0; i < summary->count; i++) {
        const struct outcome *one = &summary->outcomes[i];
        if (one->target != target || one->fault != fault || one->limited != limited)
            continue;
        cells++;
        orders += one->orders;
        refused += one->refused;
        broken += one->broken;
        lost += one->lost;
        slowest_us = one->slowest_us > slowest_us ? one->slowest_us : slowest_us;
        if (one->first_201_us != 0)
            firsts[first_count++] = (double)(one->first_201_us - one->at_us) / 1e6;
        if (one->lanes_fill_us != 0)
            lanes[lane_count++] = (double)(one->lanes_fill_us - one->at_us) / 1e6;
    }
    if (cells == 0)
        return;
    (void)fprintf(
        out,
        "| %s%s | %s | %zu | %ld orders: %ld met a 503, %ld a broken connection; slowest answer %.1f s | ",
        target_text(target), limited ? ", with a limit" : "", fault_text(fault), cells, orders, refused,
        broken, (double)slowest_us / 1e6);
    if (lost == 0)
        (void)fprintf(out, "nothing |");
    else
        (void)fprintf(out, "**in %ld checks** |", lost);
    print_times(firsts, first_count, out);
    print_times(lanes, lane_count, out);
    (void)fprintf(out, "\n");
}

void summary_print(const struct summary *summary, FILE *out)
{
    size_t kills = 0;

    for (size_t i = 0; i < summary->count; i++)
        kills += fault_kills(summary->outcomes[i].fault);
    (void)fprintf(out, "%zu cells, %zu of them `kill -9`.\n\n", summary->count, kills);
    (void)fprintf(
        out,
        "| process | fault | times | what users saw | lost or doubled | s to the next 201: median (most) | "
        "s until every lane filled: median (most) |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int target = 0; target < TARGET_COUNT; target++)
        for (int fault = 0; fault < FAULT_COUNT; fault++)
            for (int limited = 0; limited < 2; limited++)
                print_row(summary, (enum target)target, (enum fault)fault, limited != 0, out);
}
