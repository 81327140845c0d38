/* SPDX-License-Identifier: Apache-2.0 */
/* With CURVE keys the pipes carry orders for those on the list, and nothing for anybody else. A real
 * validator, risk-manager and PostgreSQL; the test is the gateway, and the stranger. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "common/cleanup.h"
#include "tests/support/admission_world.h"
#include "tests/support/process.h"

enum { WAIT_MS = 20000, REFUSED_MS = 500, POLL_MS = 5 };

static struct world world;
static struct pipe_keys suite, gateway, next;

static void set(const char *name, const char *value)
{
    cr_assert_eq(setenv(name, value, 1), 0);
}

/* One pair for the services, another for the gateway that the test plays, and one that comes later. */
static void begin_with(size_t risk_managers)
{
    char allowed[160];

    cr_assert_eq(zmq_curve_keypair(suite.public_key, suite.secret_key), 0);
    cr_assert_eq(zmq_curve_keypair(gateway.public_key, gateway.secret_key), 0);
    cr_assert_eq(zmq_curve_keypair(next.public_key, next.secret_key), 0);
    (void)snprintf(allowed, sizeof(allowed), "%s, %s, %s", suite.public_key, gateway.public_key,
                   next.public_key);
    set("OXE_CURVE_PUBLIC_KEY", suite.public_key);
    set("OXE_CURVE_SECRET_KEY", suite.secret_key);
    set("OXE_CURVE_SERVER_KEY", suite.public_key);
    set("OXE_CURVE_CLIENT_KEYS", allowed);
    memcpy(gateway.server_key, suite.public_key, sizeof(gateway.server_key));
    gateway.allowed_count = 1;
    memcpy(gateway.allowed[0], suite.public_key, sizeof(gateway.allowed[0]));
    world_begin(&world, risk_managers);
}

static void begin(void)
{
    begin_with(1);
}

static void begin_with_two(void)
{
    begin_with(2);
}

static void end(void)
{
    world_end(&world);
}

static int send_within(struct pipe *pipe, const struct buffer *bytes, int wait_ms)
{
    int r = -EAGAIN;

    for (int i = 0; i < wait_ms / POLL_MS && r == -EAGAIN; i++) {
        r = pipe_send(pipe, bytes->data, bytes->length);
        if (r == -EAGAIN)
            (void)poll(NULL, 0, POLL_MS);
    }
    return r;
}

static struct pipe *open_to_validator(struct pipe_context *context)
{
    struct pipe *pipe = NULL;
    char endpoint[128];

    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/validator", world.directory);
    cr_assert_eq(pipe_connect(context, PIPE_PUSH, endpoint, 0, &pipe), 0);
    return pipe;
}

/* The answers' address names the key of who binds it. */
static void encode_order(struct buffer *out)
{
    struct order_request request = world_order(&world, 0);
    struct envelope envelope = {.id = request.order_id, .sent_at = clock_now()};

    (void)snprintf(request.reply_to, sizeof(request.reply_to), "ipc://%s/secret#%s", world.directory,
                   gateway.public_key);
    buffer_clear(out);
    cr_assert_eq(order_request_encode(&envelope, &request, out), 0);
}

static void expect_created(struct pipe *answers)
{
    static struct answer answer;
    struct envelope envelope;
    const uint8_t *bytes;
    size_t length;
    int r = -EAGAIN;

    for (int i = 0; i < WAIT_MS / POLL_MS && (r = pipe_receive(answers, &bytes, &length)) == -EAGAIN; i++)
        (void)poll(NULL, 0, POLL_MS);
    cr_assert_eq(r, 0, "no answer");
    cr_assert_eq(answer_decode(bytes, length, &envelope, &answer), 0);
    cr_expect_eq(answer.outcome, ANSWER_CREATED);
}

/* Bytes that are no ZeroMQ at all. */
static void write_garbage(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char garbage[4096];
    CLEANUP_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/validator", world.directory);
    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    for (size_t i = 0; i < sizeof(garbage); i++)
        garbage[i] = (char)(i * 31);
    (void)send(fd, garbage, sizeof(garbage), MSG_NOSIGNAL);
}

Test(curve, orders_pass_for_those_on_the_list_and_for_nobody_else, .init = begin, .fini = end, .timeout = 120)
{
    CLEANUP(buffer_release) struct buffer order = BUFFER_INIT(65536);
    struct pipe_context *own = NULL, *other = NULL;
    struct pipe *answers = NULL;
    char endpoint[128];

    cr_assert_eq(pipe_context_create(&gateway, &own), 0);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/secret", world.directory);
    cr_assert_eq(pipe_bind(own, PIPE_PULL, endpoint, 0, &answers), 0);
    struct pipe *orders = open_to_validator(own);
    encode_order(&order);
    cr_assert_eq(send_within(orders, &order, WAIT_MS), 0);
    expect_created(answers);

    encode_order(&order);
    cr_expect_eq(send_within(world.to_validator, &order, REFUSED_MS), -EAGAIN, "without a key");
    struct pipe_keys stranger = gateway;
    cr_assert_eq(zmq_curve_keypair(stranger.public_key, stranger.secret_key), 0);
    cr_assert_eq(pipe_context_create(&stranger, &other), 0);
    struct pipe *strange = open_to_validator(other);
    cr_expect_eq(send_within(strange, &order, REFUSED_MS), -EAGAIN, "with a key that is not on the list");
    write_garbage();

    cr_assert_eq(send_within(orders, &order, WAIT_MS), 0);
    expect_created(answers);
    cr_expect_str_eq(world_value(&world, "SELECT count(*) FROM oxe.orders"), "2");
    cr_expect_eq(world_metric(world.validator_port, "oxe_validator_bad_messages_total", NULL), 0);
    pipe_destroy(&strange);
    pipe_destroy(&orders);
    pipe_destroy(&answers);
    pipe_context_destroy(&other);
    pipe_context_destroy(&own);
}

/* The order in docs/operation.md: its key stands on the lists first, then another validator has it, and who
 * connects names both, each with its key; then the old one goes. */
Test(curve, a_validators_pair_is_changed_beside_the_old_one, .init = begin_with_two, .fini = end,
     .timeout = 120)
{
    CLEANUP(buffer_release) struct buffer order = BUFFER_INIT(65536);
    struct pipe_context *own = NULL;
    struct pipe *answers = NULL;
    char endpoint[128];

    set("OXE_CURVE_PUBLIC_KEY", next.public_key);
    set("OXE_CURVE_SECRET_KEY", next.secret_key);
    world_add_validator(&world);
    cr_assert_eq(pipe_context_create(&gateway, &own), 0);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/secret", world.directory);
    cr_assert_eq(pipe_bind(own, PIPE_PULL, endpoint, 0, &answers), 0);
    struct pipe *orders = open_to_validator(own);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/validator1#%s", world.directory, next.public_key);
    cr_assert_eq(pipe_also_connect(orders, endpoint), 0);
    for (int i = 0; i < 6; i++) {
        if (i == 4) {
            (void)kill(world.validator, SIGTERM);
            cr_assert_eq(process_wait(world.validator), 0);
            world.validator = 0;
        }
        encode_order(&order);
        cr_assert_eq(send_within(orders, &order, WAIT_MS), 0);
        expect_created(answers);
    }
    cr_expect_str_eq(world_value(&world, "SELECT count(*) FROM oxe.orders"), "6");
    pipe_destroy(&orders);
    pipe_destroy(&answers);
    pipe_context_destroy(&own);
}
