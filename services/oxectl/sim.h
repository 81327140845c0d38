/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange's control port, for commands that read its answers. */
#ifndef OXE_OXECTL_SIM_H
#define OXE_OXECTL_SIM_H

#include "services/oxectl/oxectl.h"

/* Sends the line to host:port; *ret_file has the answer's lines, and is the caller's to close. Its error flag
 * is set when nothing comes for half a minute. 0, or an exit status after saying why. */
int sim_open(const char *address, const char *line, FILE **ret_file);

#endif
