/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/entry_bundle.h"

int entry_bundle_append(const char *const columns[static AUDIT_COLUMNS], struct buffer *out)
{
    uint8_t encoding[AUDIT_LEAF_ENCODING_MAX];
    struct audit_entry entry;
    enum audit_column bad;
    int r = audit_columns_read(columns, &entry, &bad);

    if (r < 0)
        return r;
    size_t length = audit_leaf_encode(&entry, encoding);
    const uint8_t head[] = {(uint8_t)(length >> 8), (uint8_t)length};
    buffer_append(out, head, sizeof(head));
    buffer_append(out, encoding, length);
    return 0;
}
