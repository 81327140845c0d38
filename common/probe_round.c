/* SPDX-License-Identifier: Apache-2.0 */
#include "common/probe_round.h"

#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX_BYTES = 8192 };

/* "NAME=HOST:PORT". */
static bool split(const char *entry, char name[static PROBE_NAME_MAX], char host[static PROBE_ADDRESS_MAX],
                  char port[static 6])
{
    return sscanf(entry, "%63[a-z0-9-]=%127[^: ]:%5[0-9]", name, host, port) == 3;
}

static bool is_file(const struct config_list *list)
{
    return list->count == 1 && list->items[0][0] == '/';
}

const char *probe_round_check(const struct config_list *list)
{
    char name[PROBE_NAME_MAX], host[PROBE_ADDRESS_MAX], port[6];

    for (size_t i = 0; i < list->count && !is_file(list); i++) {
        if (!split(list->items[i], name, host, port))
            return "OXE_PROBES is a list of name=host:port, or the path of a file with one a line";
    }
    return NULL;
}

static void add_process(struct probe_round *round, const char *name, const struct addrinfo *address)
{
    struct probe_answer *item = &round->items[round->count];
    char host[64], port[8], url[160];
    bool v6 = address->ai_family == AF_INET6;

    if (round->count == PROBE_ROUND_MAX ||
        getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    *item = (struct probe_answer){
        .body = BUFFER_INIT(BODY_MAX_BYTES), .curl = curl_easy_init(), .asked_at = clock_now()};
    if (item->curl == NULL)
        return;
    (void)snprintf(item->name, sizeof(item->name), "%s", name);
    (void)snprintf(item->address, sizeof(item->address), v6 ? "[%s]:%s" : "%s:%s", host, port);
    (void)snprintf(url, sizeof(url), "http://%s/readyz", item->address);
    (void)curl_easy_setopt(item->curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(item->curl, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(item->curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(item->curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(item->curl, CURLOPT_TIMEOUT_MS, (long)PROBE_ROUND_TIMEOUT_MS);
    (void)curl_easy_setopt(item->curl, CURLOPT_WRITEFUNCTION, buffer_receive);
    (void)curl_easy_setopt(item->curl, CURLOPT_WRITEDATA, &item->body);
    round->count++;
}

/* Known by its name alone, and never asked. */
static void add_unasked(struct probe_round *round, const char *name, const char *address, const char *fault)
{
    if (round->count == PROBE_ROUND_MAX)
        return;
    struct probe_answer *item = &round->items[round->count++];
    *item = (struct probe_answer){.body = BUFFER_INIT(BODY_MAX_BYTES), .asked_at = clock_now()};
    (void)snprintf(item->name, sizeof(item->name), "%s", name);
    (void)snprintf(item->address, sizeof(item->address), "%s", address);
    (void)snprintf(item->fault, sizeof(item->fault), "%s", fault);
}

static void add_entry(struct probe_round *round, const char *entry)
{
    char name[PROBE_NAME_MAX], host[PROBE_ADDRESS_MAX], port[6];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;

    if (!split(entry, name, host, port))
        return;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code == 0) {
        for (const struct addrinfo *address = found; address != NULL; address = address->ai_next)
            add_process(round, name, address);
        freeaddrinfo(found);
    } else {
        char address[PROBE_ADDRESS_MAX];
        (void)snprintf(address, sizeof(address), "%.100s:%s", host, port);
        add_unasked(round, name, address, gai_strerror(code));
    }
}

static void add_file(struct probe_round *round, const char *path)
{
    char line[PROBE_NAME_MAX + PROBE_ADDRESS_MAX + 16];
    FILE *file = fopen(path, "re");

    if (file == NULL)
        add_unasked(round, "probes", path, strerrordesc_np(errno));
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        add_entry(round, line);
    if (file != NULL)
        (void)fclose(file);
}

/* Why the transfers that ended brought nothing. */
static void take_faults(struct probe_round *round, CURLM *multi)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        for (size_t i = 0; i < round->count; i++) {
            if (round->items[i].curl == message->easy_handle && message->data.result != CURLE_OK)
                (void)snprintf(round->items[i].fault, sizeof(round->items[i].fault), "%s",
                               curl_easy_strerror(message->data.result));
        }
    }
}

struct probe_round *probe_round_ask(const struct config_list *list)
{
    struct probe_round *round = calloc(1, sizeof(*round));
    CURLM *multi = curl_multi_init();
    int running = 0;

    if (round == NULL || multi == NULL) {
        free(round);
        (void)curl_multi_cleanup(multi);
        return NULL;
    }
    if (is_file(list))
        add_file(round, list->items[0]);
    for (size_t i = 0; i < list->count && !is_file(list); i++)
        add_entry(round, list->items[i]);
    for (size_t i = 0; i < round->count; i++) {
        if (round->items[i].curl != NULL)
            (void)curl_multi_add_handle(multi, round->items[i].curl);
    }
    do {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            break;
        if (running > 0)
            (void)curl_multi_poll(multi, NULL, 0, PROBE_ROUND_TIMEOUT_MS, NULL);
    } while (running > 0);
    take_faults(round, multi);
    for (size_t i = 0; i < round->count; i++) {
        if (round->items[i].curl == NULL)
            continue;
        (void)curl_multi_remove_handle(multi, round->items[i].curl);
        curl_easy_cleanup(round->items[i].curl);
        round->items[i].curl = NULL;
    }
    (void)curl_multi_cleanup(multi);
    return round;
}

void probe_round_destroy(struct probe_round **round)
{
    for (size_t i = 0; *round != NULL && i < (*round)->count; i++)
        buffer_release(&(*round)->items[i].body);
    free(*round);
    *round = NULL;
}
