/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli, RFC 3720 appendix B.4): crc32c of "123456789" is 0xe3069283. */
#ifndef OXE_EXCHANGE_SIM_CRC32C_H
#define OXE_EXCHANGE_SIM_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct crc32c_tables {
    uint32_t table[8][256];
};

void crc32c_init(struct crc32c_tables *tables);
uint32_t crc32c(const struct crc32c_tables *tables, const void *bytes, size_t length);

#endif
