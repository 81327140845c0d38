/* SPDX-License-Identifier: Apache-2.0 */
/* The development issuer's tokens, for commands that need one. */
#ifndef OXE_OXECTL_TOKEN_H
#define OXE_OXECTL_TOKEN_H

/* A token for the subject, valid for a day, by the issuer in the folder; the caller's to free. 0, or an exit
 * status after saying why. */
int token_make(const char *keys, const char *subject, const char *role, char **ret_token);

#endif
