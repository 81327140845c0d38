/* SPDX-License-Identifier: Apache-2.0 */
/* The administrative messages of FIX 4.4, field by field: what each may hold, must hold, and of which type it
 * is.
 *
 * Pure. Other messages are no business of it. Fields that users agree on (5000 and above) are passed over.
 * What a Logon asks for is judged in session.c, which answers it by a Logout. */
#ifndef OXE_EXCHANGE_SIM_ADMIN_MESSAGE_H
#define OXE_EXCHANGE_SIM_ADMIN_MESSAGE_H

#include "services/exchange-sim/fix/fix.h"

/* `message` is sound as far as fix_parse can tell. VALID also for every message that is not administrative.
 */
struct fix_fault admin_message_check(const struct fix_message *message);

#endif
