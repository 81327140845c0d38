/* SPDX-License-Identifier: Apache-2.0 */
/* What preflight checks that is neither in the database nor at the gateway: files and programs of this
 * machine. */
#ifndef OXE_OXECTL_PREFLIGHT_H
#define OXE_OXECTL_PREFLIGHT_H

#include "services/oxectl/checks.h"
#include "services/oxectl/oxectl.h"

/* The policy against the published checkpoint, and the log's own key against the policy. */
void preflight_log_keys(const struct context *context, const struct args *args, struct checks *checks);
/* The keys that tokens are verified by: a file, or a URL. */
void preflight_token_keys(const struct context *context, struct checks *checks);
/* The gateway's certificate and those that it was issued by. */
void preflight_certificate(struct checks *checks);
/* Each of the folders, which commas part. */
void preflight_disks(const char *folders, struct checks *checks);
/* Calls the program with --check. */
void preflight_program(const char *program, struct checks *checks);

#endif
