/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that find little, or wait: they cost no more than others, and hold up nobody else. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

#define ORDERS "/api/v1/orders"

enum { LOOKED_AT_MAX = 10000, WAIT_MS = 10000, POLL_MS = 5 };

/* Orders of trader 0, oldest first, of AAPL but each `each`th, which is of MSFT. */
static void add_orders(struct gateway_world *gateway, int count, int each)
{
    char id[UUID_TEXT_MAX];

    uuid_format(world_trader(0), id);
    world_sql(
        &gateway->world,
        "INSERT INTO oxe.orders (id, trader_id, symbol, side, quantity, order_type, time_in_force, status, "
        "execution_state, lane, idempotent_key, fingerprint, actor, created_at, updated_at) "
        "SELECT ('0199f0a5-7d0c-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '%s', "
        "CASE WHEN n %% %d = 1 THEN 'MSFT' ELSE 'AAPL' END, 'BUY', 1, 'MARKET', 'DAY', 'PENDING', "
        "'ADMITTED', "
        "0, 'key-' || n, sha256('x'), 'somebody', now(), now() FROM generate_series(1, %d) n",
        id, each, count);
}

Test(gateway_lists, a_filter_that_finds_little_looks_at_so_many_orders_a_page, .timeout = 120)
{
    enum { COUNT = 25000, EACH = 4000 };
    static const size_t found_at[] = {3, 2, 2}; /* of the newest, the next and the oldest orders */
    struct gateway_world gateway;
    char cursor[256] = "", path[384], wanted[UUID_TEXT_MAX];
    size_t pages = 0;
    int next = COUNT - COUNT % EACH + 1;

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    add_orders(&gateway, COUNT, EACH);
    do {
        (void)snprintf(path, sizeof(path), ORDERS "?symbol=MSFT%s%s",
                       cursor[0] == '\0' ? "" : "&cursor=", cursor);
        AUTO_REPLY reply = gateway_get(token, path);
        cr_assert_eq(reply.status, 200, "%s", reply.body.data);
        cr_assert_lt(pages, ARRAY_LEN(found_at));
        size_t count = json_count(reply.json, "orders");
        cr_expect_eq(count, found_at[pages], "%zu on page %zu", count, pages);
        for (size_t i = 0; i < count; i++, next -= EACH) {
            char member[32];
            (void)snprintf(member, sizeof(member), "orders/%zu/id", i);
            (void)snprintf(wanted, sizeof(wanted), "0199f0a5-7d0c-7000-8000-%012x", (unsigned int)next);
            cr_expect_str_eq(json_text(reply.json, member), wanted);
        }
        (void)snprintf(cursor, sizeof(cursor), "%s", json_text(reply.json, "next_cursor"));
        pages++;
    } while (strcmp(cursor, "null") != 0);
    cr_expect_eq(pages, ARRAY_LEN(found_at));
    AUTO_REPLY none = gateway_get(token, ORDERS "?status=EXPIRED");
    cr_expect_eq(json_count(none.json, "orders"), 0u);
    cr_expect_str_neq(json_text(none.json, "next_cursor"), "null", "there are more to look at");
    AUTO_REPLY plain = gateway_get(token, ORDERS "?limit=500");
    cr_expect_eq(json_count(plain.json, "orders"), 500u, "without a filter nothing is passed over");
    gateway_end(&gateway);
}

static int ask(const struct gateway_world *gateway, const char *token, const char *path)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)gateway->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = WAIT_MS / 1000};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_gt(dprintf(fd, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path, token),
                 0);
    return fd;
}

/* More than all connections could take, of a table that is locked. */
Test(gateway_lists, lists_that_wait_leave_connections_to_others, .timeout = 60)
{
    enum { LISTS = 40, OTHERS = 20 };
    struct gateway_world gateway;
    int fds[LISTS];

    gateway_begin(&gateway);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    AUTO_TEXT other = gateway_token(&gateway, "trader-1");
    AUTO_REPLY known = gateway_get(other, "/api/v1/positions");
    cr_assert_eq(known.status, 200, "%s", known.body.data);
    world_sql(&gateway.world, "BEGIN; LOCK TABLE oxe.orders");
    for (size_t i = 0; i < LISTS; i++)
        fds[i] = ask(&gateway, token, ORDERS "?status=EXPIRED");
    for (int i = 0; i < WAIT_MS / POLL_MS; i++) {
        if (world_metric(gateway.probe_port, "oxe_database_pending", "") >= LISTS)
            break;
        (void)poll(NULL, 0, POLL_MS);
    }
    for (int i = 0; i < OTHERS; i++) {
        AUTO_REPLY reply = gateway_get(other, "/api/v1/positions");
        cr_expect_eq(reply.status, 200, "%s", reply.body.data);
    }
    cr_expect_geq(world_metric(gateway.probe_port, "oxe_database_pending", ""), LISTS, "they wait still");
    world_sql(&gateway.world, "COMMIT");
    for (size_t i = 0; i < LISTS; i++) {
        char answer[64] = "";
        ssize_t got = read(fds[i], answer, sizeof(answer) - 1);
        cr_expect(got > 0 && strncmp(answer, "HTTP/1.1 200", 12) == 0, "%zu: %s", i, answer);
        (void)close(fds[i]);
    }
    gateway_end(&gateway);
}
