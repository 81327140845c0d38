/* SPDX-License-Identifier: Apache-2.0 */
#include "services/exchange-sim/crc32c.h"

#include <string.h>

void crc32c_init(struct crc32c_tables *tables)
{
    const uint32_t polynomial = 0x82f63b78U; /* reflected */
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        tables->table[0][i] = crc;
    }
    for (size_t slice = 1; slice < 8; slice++)
        for (size_t i = 0; i < 256; i++) {
            uint32_t crc = tables->table[slice - 1][i];
            tables->table[slice][i] = (crc >> 8) ^ tables->table[0][crc & 0xff];
        }
}

/* Eight bytes a turn ('slicing by 8'); little-endian. */
uint32_t crc32c(const struct crc32c_tables *tables, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint32_t crc = UINT32_MAX;
    for (; length >= 8; at += 8, length -= 8) {
        uint32_t low, high;
        memcpy(&low, at, 4);
        memcpy(&high, at + 4, 4);
        low ^= crc;
        crc = tables->table[7][low & 0xff] ^ tables->table[6][low >> 8 & 0xff] ^
              tables->table[5][low >> 16 & 0xff] ^ tables->table[4][low >> 24] ^
              tables->table[3][high & 0xff] ^ tables->table[2][high >> 8 & 0xff] ^
              tables->table[1][high >> 16 & 0xff] ^ tables->table[0][high >> 24];
    }
    for (; length > 0; at++, length--)
        crc = (crc >> 8) ^ tables->table[0][(crc ^ *at) & 0xff];
    return ~crc;
}
