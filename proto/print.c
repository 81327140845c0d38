/* SPDX-License-Identifier: Apache-2.0 */
/* oxe-proto: prints what the declarations of proto/ say, for documents, tests and the database's copy; its
 * --help lists it. */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/dump.h"
#include "proto/order_state.h"
#include "proto/reject.h"

static const struct {
    const char *name;
    void (*render)(struct buffer *out);
} commands[] = {
    {"transitions", order_state_render_transitions},
    {"rejects", reject_render_table},
    {"readme", dump_render_readme},
};

static int print(void (*render)(struct buffer *out))
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    render(&out);
    if (buffer_failed(&out) || fwrite(out.data, 1, out.length, stdout) != out.length || fflush(stdout) != 0) {
        (void)fputs("oxe-proto: cannot write\n", stderr);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return print(commands[i].render);
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs("Usage: oxe-proto transitions | rejects | readme\n\n"
                    "  transitions  the steps of an order's life: FROM_STATE FROM_STATUS TO_STATE TO_STATUS\n"
                    "  rejects      the table of docs/errors.md\n"
                    "  readme       the tables of proto/README.md\n",
                    stdout);
        return 0;
    }
    (void)fputs("oxe-proto: wrong arguments ('oxe-proto --help' tells more)\n", stderr);
    return 64;
}
