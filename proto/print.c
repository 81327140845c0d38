/* oxe-proto: prints what the declarations of proto/ say, for documents, tests and the database's copy.
 *
 *     oxe-proto transitions     the steps of an order's life, one a line: FROM_STATE FROM_STATUS TO_STATE
 * TO_STATUS oxe-proto rejects         the Markdown table of docs/errors.md
 */
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "proto/order_state.h"
#include "proto/reject.h"

static const struct {
    const char *name;
    void (*render)(struct buffer *out);
} commands[] = {
    {"transitions", order_state_render_transitions},
    {"rejects", reject_render_table},
};

int main(int argc, char **argv)
{
    CLEANUP(buffer_release) struct buffer out = BUFFER_INIT(0);

    for (size_t i = 0; argc == 2 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        commands[i].render(&out);
        if (buffer_failed(&out) || fwrite(out.data, 1, out.length, stdout) != out.length ||
            fflush(stdout) != 0) {
            (void)fputs("oxe-proto: cannot write\n", stderr);
            return 1;
        }
        return 0;
    }
    (void)fputs("usage: oxe-proto transitions|rejects\n", stderr);
    return 2;
}
