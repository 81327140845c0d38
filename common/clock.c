/* SPDX-License-Identifier: Apache-2.0 */
/* Time: see clock.h. */
#include "common/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#define US_PER_SECOND   INT64_C(1000000)
#define SECONDS_PER_DAY INT64_C(86400)

/* 9999-12-31T23:59:59.999999Z */
#define INSTANT_MAX_US INT64_C(253402300799999999)

struct instant clock_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (struct instant){(int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar; years are counted from March so that the leap
 * day ends one. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    *ret_day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *ret_month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

static char *put_digits(char *cursor, int64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        cursor[i] = (char)('0' + value % 10);
    return cursor + count;
}

size_t instant_format(struct instant instant, char buffer[static INSTANT_TEXT_MAX])
{
    int64_t us = instant.us < 0 ? 0 : instant.us > INSTANT_MAX_US ? INSTANT_MAX_US : instant.us;
    int64_t seconds = us / US_PER_SECOND;
    int64_t second_of_day = seconds % SECONDS_PER_DAY;
    int year, month, day;
    char *cursor = buffer;

    date_from_days(seconds / SECONDS_PER_DAY, &year, &month, &day);
    cursor = put_digits(cursor, year, 4);
    *cursor++ = '-';
    cursor = put_digits(cursor, month, 2);
    *cursor++ = '-';
    cursor = put_digits(cursor, day, 2);
    *cursor++ = 'T';
    cursor = put_digits(cursor, second_of_day / 3600, 2);
    *cursor++ = ':';
    cursor = put_digits(cursor, second_of_day / 60 % 60, 2);
    *cursor++ = ':';
    cursor = put_digits(cursor, second_of_day % 60, 2);
    *cursor++ = '.';
    cursor = put_digits(cursor, us % US_PER_SECOND, 6);
    *cursor++ = 'Z';
    *cursor = '\0';
    return (size_t)(cursor - buffer);
}

struct reader {
    const char *cursor;
    const char *end;
    bool failed;
};

static int read_digits(struct reader *reader, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (reader->cursor == reader->end || *reader->cursor < '0' || *reader->cursor > '9') {
            reader->failed = true;
            return 0;
        }
        value = value * 10 + (*reader->cursor++ - '0');
    }
    return value;
}

/* Takes one character of `set`; 0 when there is another or none. */
static char read_one_of(struct reader *reader, const char *set)
{
    if (reader->cursor < reader->end) {
        for (; *set != '\0'; set++) {
            if (*reader->cursor == *set)
                return *reader->cursor++;
        }
    }
    return '\0';
}

static void expect(struct reader *reader, const char *set)
{
    if (read_one_of(reader, set) == '\0')
        reader->failed = true;
}

static int64_t read_fraction_us(struct reader *reader)
{
    int64_t us = 0;
    int count = 0;

    if (read_one_of(reader, ".") == '\0')
        return 0;
    while (reader->cursor < reader->end && *reader->cursor >= '0' && *reader->cursor <= '9') {
        if (count < 6)
            us = us * 10 + (*reader->cursor - '0');
        reader->cursor++;
        count++;
    }
    if (count == 0 || count > 9)
        reader->failed = true;
    for (; count < 6; count++)
        us *= 10;
    return us;
}

static int64_t read_offset_seconds(struct reader *reader)
{
    char sign = read_one_of(reader, "Zz+-");

    if (sign == '\0')
        reader->failed = true;
    if (sign != '+' && sign != '-')
        return 0;
    int hours = read_digits(reader, 2);
    expect(reader, ":");
    int minutes = read_digits(reader, 2);
    if (hours > 23 || minutes > 59)
        reader->failed = true;
    int64_t seconds = hours * INT64_C(3600) + minutes * INT64_C(60);
    return sign == '-' ? -seconds : seconds;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

int instant_parse(const char *text, size_t length, struct instant *ret_instant)
{
    struct reader reader = {text, text + length, false};

    int year = read_digits(&reader, 4);
    expect(&reader, "-");
    int month = read_digits(&reader, 2);
    expect(&reader, "-");
    int day = read_digits(&reader, 2);
    expect(&reader, "Tt");
    int hour = read_digits(&reader, 2);
    expect(&reader, ":");
    int minute = read_digits(&reader, 2);
    expect(&reader, ":");
    int second = read_digits(&reader, 2);
    int64_t fraction_us = read_fraction_us(&reader);
    int64_t offset = read_offset_seconds(&reader);

    if (reader.failed || reader.cursor != reader.end || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60)
        return -EINVAL;
    if (year < 1970 - 1)
        return -ERANGE;
    int64_t seconds = days_from_date(year, month, day) * SECONDS_PER_DAY + hour * INT64_C(3600) +
                      minute * INT64_C(60) + second - offset;
    /* A leap second ends a UTC day; it is read as the second after it, as POSIX time does. */
    if (second == 60 && seconds % SECONDS_PER_DAY != 0)
        return -EINVAL;
    int64_t us = seconds * US_PER_SECOND + fraction_us;
    if (us < 0 || us > INSTANT_MAX_US)
        return -ERANGE;
    ret_instant->us = us;
    return 0;
}
