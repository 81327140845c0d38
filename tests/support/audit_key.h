/* SPDX-License-Identifier: Apache-2.0 */
/* The key and the name of a test's audit log, for the audit-writers that it starts. */
#ifndef OXE_TESTS_SUPPORT_AUDIT_KEY_H
#define OXE_TESTS_SUPPORT_AUDIT_KEY_H

#include <stdint.h>

#define AUDIT_KEY_ORIGIN "oxe.test/log"

/* Writes DIRECTORY/NAME, the private key of which every byte is `seed`. */
void audit_key_write(const char *directory, const char *name, uint8_t seed);
/* The same as audit.key with seed 1, and says so in OXE_AUDIT_KEY and OXE_AUDIT_ORIGIN. */
void audit_key_set(const char *directory);

#endif
