/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/operations/people.h"

#include <errno.h>
#include <string.h>

int people_parse(const char *text, struct person *ret_person)
{
    const char *colon = strchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);

    if (length == 0 || length >= sizeof(ret_person->subject))
        return -EINVAL;
    for (enum jwt_role role = 0; role < JWT_ROLE_COUNT; role++) {
        if (strcmp(colon + 1, jwt_role_text(role)) != 0)
            continue;
        memcpy(ret_person->subject, text, length);
        ret_person->subject[length] = '\0';
        ret_person->role = role;
        return 0;
    }
    return -EINVAL;
}

int people_find(const struct config_list *people, const char *subject, struct person *ret_person)
{
    struct person person;

    for (size_t i = 0; i < people->count; i++) {
        if (people_parse(people->items[i], &person) < 0 || strcmp(person.subject, subject) != 0)
            continue;
        *ret_person = person;
        return 0;
    }
    return -ENOENT;
}
