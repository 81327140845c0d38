/* SPDX-License-Identifier: Apache-2.0 */
/* Who may be signed in for development, and as what: pure. */
#ifndef OXE_GATEWAY_PEOPLE_H
#define OXE_GATEWAY_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/config.h"
#include "common/jwt.h"

struct person {
    char subject[JWT_SUBJECT_MAX];
    enum jwt_role role;
};

/* "alice:trader". -EINVAL: it is nobody. */
int people_parse(const char *text, struct person *ret_person);

/* The person of this subject in a list of such texts. -ENOENT. */
int people_find(const struct config_list *people, const char *subject, struct person *ret_person);

#endif
