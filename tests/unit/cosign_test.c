/* SPDX-License-Identifier: Apache-2.0 */
/* How the log gets its quorum: which witness is asked for what, and what each answer means, the lies of
 * witnesses too. */
#include "services/audit-writer/cosign.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "tests/support/paper_log.h"

enum { WITNESSES = 3, SECOND = 1000000 };

struct stand {
    struct note_signer *log, *witnesses[WITNESSES];
    struct policy policy;
    struct cosign cosign;
    int64_t now_us;
};

static void begin(struct stand *stand, const char *rule)
{
    CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
    char name[32], key[NOTE_KEY_TEXT_MAX];
    struct policy_fault fault;

    *stand = (struct stand){.now_us = 100 * SECOND};
    stand->log = paper_signer("oxe.test/log", NOTE_ED25519, 1);
    for (int i = 0; i < WITNESSES; i++) {
        (void)snprintf(name, sizeof(name), "witness.test/w%d", i);
        stand->witnesses[i] = paper_signer(name, NOTE_COSIGNATURE, (uint8_t)(10 + i));
        note_key_format(note_signer_key(stand->witnesses[i]), key);
        buffer_append_format(&text, "witness w%d %s http://w%d\n", i, key, i);
    }
    buffer_append_text(&text, rule);
    cr_assert_eq(policy_parse(text.data, text.length, &stand->policy, &fault), 0, "%s", fault.why);
    stand->cosign.note = BUFFER_INIT(NOTE_TEXT_MAX);
    cosign_reset(&stand->cosign, &stand->policy);
}

static void end(struct stand *stand)
{
    note_signer_destroy(&stand->log);
    for (int i = 0; i < WITNESSES; i++)
        note_signer_destroy(&stand->witnesses[i]);
    buffer_release(&stand->cosign.note);
}

static void target(struct stand *stand, uint64_t size)
{
    CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(0);

    paper_checkpoint(1, size, stand->log, &note);
    cr_assert_eq(cosign_begin(&stand->cosign, note.data, note.length, stand->now_us), 0);
}

/* All that are to be asked now, as bits; they count as asked. */
static unsigned int asked(struct stand *stand)
{
    unsigned int bits = 0;
    int64_t due_us;
    size_t i;

    while (cosign_next(&stand->cosign, stand->now_us, &i, &due_us))
        bits |= 1u << i;
    return bits;
}

static void answer(struct stand *stand, size_t i, long status, const char *body)
{
    cosign_answer(&stand->cosign, i, status, body, strlen(body), stand->now_us);
}

/* Witness i cosigns the target by the key of witness `by`. */
static void cosign_as(struct stand *stand, size_t i, int by)
{
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(0);

    cr_assert_eq(note_sign(stand->witnesses[by], stand->cosign.note.data, stand->cosign.text_length,
                           1700000000, &line),
                 0);
    answer(stand, i, 200, line.data);
}

#define TWO "group g 2 w0 w1 w2\nquorum g\n"

Test(cosign, two_of_three_are_enough_and_stand_in_the_note)
{
    struct stand stand;
    CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(0);
    struct note parsed;

    begin(&stand, TWO);
    cr_expect_eq(asked(&stand), 0, "there is nothing to ask for");
    cr_expect_not(cosign_is_met(&stand.cosign));
    target(&stand, 9);
    cr_expect_eq(asked(&stand), 7, "all at once");
    cr_expect_eq(asked(&stand), 0, "each once");
    cosign_as(&stand, 2, 2);
    cr_expect_not(cosign_is_met(&stand.cosign));
    answer(&stand, 1, 0, "");
    cosign_as(&stand, 0, 0);
    cr_expect(cosign_is_met(&stand.cosign));
    cosign_append_note(&stand.cosign, &note);
    cr_assert_eq(note_parse(note.data, note.length, &parsed), 0);
    cr_expect_eq(policy_cosigned(&stand.policy, &parsed), 5);
    cr_expect_eq(note_verify(&parsed, note_signer_key(stand.log), NULL, NULL), 0);
    cosign_end(&stand.cosign);
    cr_expect_not(cosign_is_met(&stand.cosign));

    /* The next one: who was silent has its pause, the others are asked from where they are. */
    target(&stand, 12);
    cr_expect_eq(asked(&stand), 5);
    cr_expect_eq(stand.cosign.witnesses[0].asked_from, 9);
    cr_expect_not(cosign_is_met(&stand.cosign));
    stand.now_us += SECOND;
    cr_expect_eq(asked(&stand), 2);
    end(&stand);
}

Test(cosign, only_its_own_key_makes_a_witness)
{
    struct stand stand;

    begin(&stand, "quorum w0\n");
    target(&stand, 9);
    cr_assert_eq(asked(&stand), 7);
    cosign_as(&stand, 0, 1);
    cr_expect_not(cosign_is_met(&stand.cosign), "another witness' line");
    cr_expect_eq(stand.cosign.witnesses[0].trouble, COSIGN_UNSIGNED);
    stand.now_us += SECOND;
    cr_assert_eq(asked(&stand) & 1, 1);
    answer(&stand, 0, 200, "");
    cr_expect_eq(stand.cosign.witnesses[0].trouble, COSIGN_UNSIGNED, "nothing");
    stand.now_us += SECOND;
    cr_assert_eq(asked(&stand) & 1, 1);
    CLEANUP(buffer_release) struct buffer line = BUFFER_INIT(0);
    cr_assert_eq(note_sign(stand.witnesses[0], "oxe.test/log\n9\nanother root\n", 29, 1, &line), 0);
    answer(&stand, 0, 200, line.data);
    cr_expect_not(cosign_is_met(&stand.cosign), "a line over another checkpoint");
    stand.now_us += SECOND;
    cr_assert_eq(asked(&stand) & 1, 1);
    cosign_as(&stand, 0, 0);
    cr_expect(cosign_is_met(&stand.cosign));
    end(&stand);
}

Test(cosign, a_witness_names_its_size_and_is_asked_from_there)
{
    struct stand stand;

    begin(&stand, "quorum w0\n");
    target(&stand, 9);
    cr_assert_eq(asked(&stand) & 1, 1);
    cr_expect_eq(stand.cosign.witnesses[0].asked_from, 0);
    answer(&stand, 0, 409, "4\n");
    cr_expect_eq(asked(&stand) & 1, 1, "at once");
    cr_expect_eq(stand.cosign.witnesses[0].asked_from, 4);
    /* One that names ever other sizes is not asked for ever. */
    answer(&stand, 0, 409, "5\n");
    cr_expect_eq(asked(&stand) & 1, 1);
    answer(&stand, 0, 409, "6\n");
    cr_expect_eq(asked(&stand) & 1, 1);
    answer(&stand, 0, 409, "7\n");
    cr_expect_eq(stand.cosign.witnesses[0].trouble, COSIGN_BROKEN);
    cr_expect_eq(asked(&stand) & 1, 0, "after a pause");
    static const char *const none[] = {"",       "\n",    "5",  "05\n", "-1\n", "9223372036854775808\n",
                                       "5\n5\n", "5\r\n", "x\n"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        stand.now_us += SECOND;
        cr_assert_eq(asked(&stand) & 1, 1);
        answer(&stand, 0, 409, none[i]);
        cr_expect_eq(stand.cosign.witnesses[0].trouble, COSIGN_BROKEN, "%zu", i);
        cr_expect_eq(asked(&stand) & 1, 0);
    }
    stand.now_us += SECOND;
    cr_assert_eq(asked(&stand) & 1, 1);
    answer(&stand, 0, 409, "7\n");
    cr_expect_eq(stand.cosign.witnesses[0].trouble, COSIGN_BROKEN, "the size that it was asked from");
    end(&stand);
}

Test(cosign, every_refusal_has_its_name_and_its_pause)
{
    static const struct {
        long status;
        enum cosign_trouble trouble;
        bool contradicts;
    } cases[] = {
        {0, COSIGN_SILENT, false},   {403, COSIGN_UNKNOWN_KEY, false}, {404, COSIGN_UNKNOWN_LOG, false},
        {422, COSIGN_FORKED, true},  {400, COSIGN_BROKEN, false},      {500, COSIGN_BROKEN, false},
        {503, COSIGN_BROKEN, false}, {301, COSIGN_BROKEN, false},      {204, COSIGN_BROKEN, false},
    };
    struct stand stand;

    begin(&stand, "quorum w1\n");
    target(&stand, 9);
    cr_assert_eq(asked(&stand), 7);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buffer_release) struct buffer text = BUFFER_INIT(0);
        answer(&stand, 1, cases[i].status, "5\n");
        cr_expect_eq(stand.cosign.witnesses[1].trouble, cases[i].trouble, "%ld", cases[i].status);
        cr_expect_eq(cosign_is_contradicted(&stand.cosign, 9), cases[i].contradicts, "%ld", cases[i].status);
        cosign_append_complaint(&stand.cosign, &text);
        cr_expect_not_null(strstr(text.data, cosign_trouble_text(cases[i].trouble)), "%s", text.data);
        cr_expect_eq(asked(&stand) & 2, 0);
        stand.now_us += SECOND;
        cr_assert_eq(asked(&stand) & 2, 2);
    }
    cosign_as(&stand, 1, 1);
    cr_expect(cosign_is_met(&stand.cosign));
    cr_expect_not(cosign_is_contradicted(&stand.cosign, 9));
    end(&stand);
}

Test(cosign, a_target_stays_until_it_has_its_quorum)
{
    struct stand stand;

    begin(&stand, TWO);
    target(&stand, 9);
    cr_assert_eq(asked(&stand), 7);
    cosign_as(&stand, 0, 0);
    cr_expect_not(cosign_is_overtaken(&stand.cosign));
    /* Two have seen a later one, as another audit-writer had it signed: one is left, so the newest is next.
     */
    answer(&stand, 1, 409, "20\n");
    cr_expect_not(cosign_is_overtaken(&stand.cosign), "w0 and w2 are enough");
    answer(&stand, 2, 409, "20\n");
    cr_expect(cosign_is_overtaken(&stand.cosign));
    cr_expect(cosign_is_contradicted(&stand.cosign, 9), "the database has no 20");
    cr_expect_not(cosign_is_contradicted(&stand.cosign, 20));
    int64_t since_us = stand.cosign.since_us;
    stand.now_us += SECOND;
    target(&stand, 20);
    cr_expect_eq(stand.cosign.since_us, since_us, "what waits still waits");
    cr_expect_not(cosign_is_contradicted(&stand.cosign, 20));
    cr_assert_eq(asked(&stand), 7);
    cr_expect_eq(stand.cosign.witnesses[1].asked_from, 20);
    cr_expect_eq(stand.cosign.witnesses[0].asked_from, 9);
    cosign_as(&stand, 1, 1);
    cosign_as(&stand, 2, 2);
    cr_expect(cosign_is_met(&stand.cosign));
    end(&stand);
}

/* After a database was put back a new log begins in it; the last checkpoint of the old one waits in vain. */
Test(cosign, a_log_by_another_name_begins_anew)
{
    struct stand stand;
    CLEANUP(buffer_release) struct buffer note = BUFFER_INIT(0);
    CLEANUP(note_signer_destroy) struct note_signer *other = paper_signer("oxe.test/log.2", NOTE_ED25519, 2);

    begin(&stand, "quorum w0\n");
    target(&stand, 9);
    paper_checkpoint(1, 10, stand.log, &note);
    cr_expect_not(cosign_is_renamed(&stand.cosign, note.data, note.length));
    cr_assert_eq(asked(&stand) & 1, 1);
    answer(&stand, 0, 409, "20\n");
    cr_expect(cosign_is_contradicted(&stand.cosign, 10));
    buffer_clear(&note);
    paper_checkpoint(1, 12, other, &note);
    cr_expect(cosign_is_renamed(&stand.cosign, note.data, note.length));
    cr_assert_eq(cosign_begin(&stand.cosign, note.data, note.length, stand.now_us), 0);
    cr_expect_not(cosign_is_contradicted(&stand.cosign, 12), "that was the other log");
    cr_assert_eq(asked(&stand) & 1, 1);
    cr_expect_eq(stand.cosign.witnesses[0].asked_from, 0);
    cosign_as(&stand, 0, 0);
    cr_expect(cosign_is_met(&stand.cosign));
    end(&stand);
}

/* A database that was put back: the witness stays ahead, whatever the log signs below it. */
Test(cosign, a_witness_that_has_seen_more_than_there_is_stays_a_contradiction)
{
    struct stand stand;

    begin(&stand, "quorum w0\n");
    target(&stand, 9);
    cr_assert_eq(asked(&stand) & 1, 1);
    answer(&stand, 0, 409, "20\n");
    target(&stand, 12);
    cr_expect(cosign_is_contradicted(&stand.cosign, 12));
    stand.now_us += SECOND;
    cr_assert_eq(asked(&stand) & 1, 1, "it may have forgotten");
    cr_expect_eq(stand.cosign.witnesses[0].asked_from, 0);
    answer(&stand, 0, 409, "20\n");
    cr_expect(cosign_is_contradicted(&stand.cosign, 12));
    cr_expect_not(cosign_is_met(&stand.cosign));
    end(&stand);
}

Test(cosign, an_answer_to_an_older_question_is_no_cosignature)
{
    struct stand stand;

    begin(&stand, "group g any w0 w1 w2\nquorum g\n");
    target(&stand, 9);
    cr_assert_eq(asked(&stand), 7);
    CLEANUP(buffer_release) struct buffer late = BUFFER_INIT(0);
    cr_assert_eq(note_sign(stand.witnesses[1], stand.cosign.note.data, stand.cosign.text_length, 1, &late),
                 0);
    cosign_as(&stand, 0, 0);
    cr_assert(cosign_is_met(&stand.cosign));
    cosign_end(&stand.cosign);
    answer(&stand, 2, 409, "4\n");
    target(&stand, 12);
    answer(&stand, 1, 200, late.data);
    cr_expect_not(cosign_is_met(&stand.cosign));
    cr_expect_eq(asked(&stand), 7);
    cr_expect_eq(stand.cosign.witnesses[1].asked_from, 9);
    cr_expect_eq(stand.cosign.witnesses[2].asked_from, 4);
    end(&stand);
}

Test(cosign, it_is_late_after_ten_seconds)
{
    struct stand stand;

    begin(&stand, TWO);
    cr_expect_not(cosign_is_late(&stand.cosign, INT64_MAX), "nothing waits");
    target(&stand, 9);
    cr_expect_not(cosign_is_late(&stand.cosign, stand.now_us + 10 * SECOND));
    cr_expect(cosign_is_late(&stand.cosign, stand.now_us + 10 * SECOND + 1));
    cosign_end(&stand.cosign);
    cr_expect_not(cosign_is_late(&stand.cosign, INT64_MAX));
    stand.now_us += 60 * SECOND;
    target(&stand, 12);
    cr_expect_not(cosign_is_late(&stand.cosign, stand.now_us + 10 * SECOND), "it counts anew");
    end(&stand);
}

Test(cosign, without_a_quorum_to_ask_for_it_is_met_at_once)
{
    struct stand stand;

    begin(&stand, "quorum none\n");
    target(&stand, 9);
    cr_expect(cosign_is_met(&stand.cosign));
    cr_expect_eq(cosign_begin(&stand.cosign, "x", 1, 0), -EBADMSG);
    end(&stand);
}
