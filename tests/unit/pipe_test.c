/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes never block, never grow past their bounds, come back after a peer's restart, and keep strangers out.
 */
#include "common/pipe.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "common/cleanup.h"
#include "common/clock.h"

enum { WAIT_MS = 5000 };

static char directory[] = "/tmp/oxe-pipe-test-XXXXXX";
static char endpoint[64];
static char second_endpoint[64];
static char tcp_endpoint[64];
static struct pipe_context *context;

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(directory));
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/a", directory);
    (void)snprintf(second_endpoint, sizeof(second_endpoint), "ipc://%s/b", directory);
    cr_assert_eq(pipe_context_create(NULL, &context), 0);
}

static void tear_down(void)
{
    pipe_context_destroy(&context);
    (void)unlink(endpoint + 6);
    (void)unlink(second_endpoint + 6);
    (void)rmdir(directory);
}

TestSuite(pipe, .init = set_up, .fini = tear_down, .timeout = 30);

static struct pipe *bind_pull(const char *at, int queue_max)
{
    struct pipe *pipe = NULL;
    int r = pipe_bind(context, PIPE_PULL, at, queue_max, &pipe);

    cr_assert_eq(r, 0, "bind %s: %d", at, r);
    return pipe;
}

static struct pipe *connect_push(const char *at, int queue_max)
{
    struct pipe *pipe = NULL;
    int r = pipe_connect(context, PIPE_PUSH, at, queue_max, &pipe);

    cr_assert_eq(r, 0, "connect %s: %d", at, r);
    return pipe;
}

/* Sends until a peer is there, for at most timeout_ms. */
static int send_within(struct pipe *pipe, const void *bytes, size_t length, int timeout_ms)
{
    int64_t deadline_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    int r;

    while ((r = pipe_send(pipe, bytes, length)) == -EAGAIN && clock_monotonic_us() < deadline_us)
        (void)pipe_poll(NULL, 0, NULL, 0, 1, NULL);
    return r;
}

static int receive_within(struct pipe *pipe, char *text, size_t max, int timeout_ms)
{
    const uint8_t *bytes;
    size_t length;

    int r = pipe_poll(&pipe, 1, NULL, 0, timeout_ms, NULL);
    if (r <= 0)
        return r < 0 ? r : -EAGAIN;
    r = pipe_receive(pipe, &bytes, &length);
    if (r < 0)
        return r;
    cr_assert_lt(length, max);
    memcpy(text, bytes, length);
    text[length] = '\0';
    return 0;
}

static void expect_received(struct pipe *pipe, const char *wanted)
{
    char text[256];
    int r = receive_within(pipe, text, sizeof(text), WAIT_MS);

    cr_assert_eq(r, 0, "waiting for '%s': %d", wanted, r);
    cr_expect_str_eq(text, wanted);
}

Test(pipe, messages_arrive_whole_and_in_order)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);

    cr_assert_eq(send_within(push, "one", 3, WAIT_MS), 0);
    cr_assert_eq(pipe_send(push, "", 0), 0);
    cr_assert_eq(pipe_send(push, "three", 5), 0);
    expect_received(pull, "one");
    expect_received(pull, "");
    expect_received(pull, "three");
}

Test(pipe, a_binding_push_and_a_connecting_pull_work_too)
{
    CLEANUP(pipe_destroy) struct pipe *push = NULL;
    CLEANUP(pipe_destroy) struct pipe *pull = NULL;

    cr_assert_eq(pipe_bind(context, PIPE_PUSH, endpoint, 0, &push), 0);
    cr_expect_eq(pipe_send(push, "x", 1), -EAGAIN, "nobody is there yet");
    cr_assert_eq(pipe_connect(context, PIPE_PULL, endpoint, 0, &pull), 0);
    cr_assert_eq(send_within(push, "lane", 4, WAIT_MS), 0);
    expect_received(pull, "lane");
}

Test(pipe, without_a_peer_a_send_says_eagain)
{
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);

    int64_t before_us = clock_monotonic_us();
    for (int i = 0; i < 100; i++)
        cr_assert_eq(pipe_send(push, "x", 1), -EAGAIN);
    cr_expect_lt(clock_monotonic_us() - before_us, 1000000, "and at once");
}

Test(pipe, a_full_queue_says_eagain_and_what_was_taken_arrives)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 10);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 10);
    static char block[64 * 1024];
    const uint8_t *bytes;
    size_t length;
    int taken = 1;

    cr_assert_eq(send_within(push, block, sizeof(block), WAIT_MS), 0);
    while (send_within(push, block, sizeof(block), 100) == 0)
        cr_assert_lt(++taken, 200, "the queue has no end");
    cr_expect_geq(taken, 10);
    for (int i = 0; i < taken; i++) {
        cr_assert_eq(pipe_poll(&pull, 1, NULL, 0, WAIT_MS, NULL), 1, "message %d of %d", i, taken);
        cr_assert_eq(pipe_receive(pull, &bytes, &length), 0);
        cr_expect_eq(length, sizeof(block));
    }
    cr_expect_eq(pipe_receive(pull, &bytes, &length), -EAGAIN);
    cr_expect_eq(send_within(push, "on", 2, WAIT_MS), 0, "and it goes on");
}

Test(pipe, a_restarted_peer_is_found_again)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(send_within(push, "hello", 5, WAIT_MS), 0);
        expect_received(pull, "hello");
        pipe_destroy(&pull);
        /* Once the loss is seen nothing is taken any more. */
        while (pipe_send(push, "lost", 4) == 0)
            (void)pipe_poll(NULL, 0, NULL, 0, 1, NULL);
        pull = bind_pull(endpoint, 0);
    }
}

Test(pipe, a_message_over_the_bound_is_refused_by_the_sender)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);
    CLEANUP_FREE char *large = calloc(1, PIPE_MESSAGE_MAX + 1);
    const uint8_t *bytes;
    size_t length;

    cr_assert_eq(send_within(push, large, PIPE_MESSAGE_MAX, WAIT_MS), 0, "the bound itself passes");
    cr_expect_eq(pipe_send(push, large, PIPE_MESSAGE_MAX + 1), -EMSGSIZE);
    cr_assert_eq(pipe_poll(&pull, 1, NULL, 0, WAIT_MS, NULL), 1);
    cr_assert_eq(pipe_receive(pull, &bytes, &length), 0);
    cr_expect_eq(length, PIPE_MESSAGE_MAX);
}

Test(pipe, a_message_over_the_bound_is_refused_by_the_receiver)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 0);
    CLEANUP_FREE char *large = calloc(1, PIPE_MESSAGE_MAX + 1);
    void *zmq = zmq_ctx_new();
    void *stranger = zmq_socket(zmq, ZMQ_PUSH);

    cr_assert_eq(zmq_connect(stranger, endpoint), 0);
    cr_assert_eq(zmq_send(stranger, large, PIPE_MESSAGE_MAX + 1, 0), PIPE_MESSAGE_MAX + 1);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);
    cr_assert_eq(send_within(push, "fine", 4, WAIT_MS), 0);
    expect_received(pull, "fine");
    (void)zmq_close(stranger);
    (void)zmq_ctx_term(zmq);
}

Test(pipe, a_message_in_parts_is_dropped_whole)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 0);
    void *zmq = zmq_ctx_new();
    void *stranger = zmq_socket(zmq, ZMQ_PUSH);

    cr_assert_eq(zmq_connect(stranger, endpoint), 0);
    cr_assert_eq(zmq_send(stranger, "a", 1, ZMQ_SNDMORE), 1);
    cr_assert_eq(zmq_send(stranger, "b", 1, ZMQ_SNDMORE), 1);
    cr_assert_eq(zmq_send(stranger, "c", 1, 0), 1);
    cr_assert_eq(zmq_send(stranger, "whole", 5, 0), 5);
    cr_assert_eq(pipe_poll(&pull, 1, NULL, 0, WAIT_MS, NULL), 1);
    expect_received(pull, "whole");
    (void)zmq_close(stranger);
    (void)zmq_ctx_term(zmq);
}

Test(pipe, poll_tells_which_pipe_or_descriptor_is_ready)
{
    CLEANUP(pipe_destroy) struct pipe *first = bind_pull(endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *second = bind_pull(second_endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(second_endpoint, 0);
    struct pipe *pipes[] = {first, NULL, second};
    int ends[2];
    bool ready[5];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    const int fds[] = {-1, ends[0]};
    cr_expect_eq(pipe_poll(pipes, 3, fds, 2, 0, ready), 0);
    cr_assert_eq(send_within(push, "x", 1, WAIT_MS), 0);
    cr_assert_eq(pipe_poll(pipes, 3, NULL, 0, WAIT_MS, ready), 1);
    cr_assert_eq(write(ends[1], "x", 1), 1);
    cr_expect_eq(pipe_poll(pipes, 3, fds, 2, WAIT_MS, ready), 2);
    static const bool wanted[5] = {false, false, true, false, true};
    cr_expect_arr_eq(ready, wanted, sizeof(wanted));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

Test(pipe, the_descriptor_for_foreign_loops_fires)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_pull(endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);
    const uint8_t *bytes;
    size_t length;

    cr_expect_eq(pipe_receive(pull, &bytes, &length), -EAGAIN);
    cr_assert_eq(send_within(push, "x", 1, WAIT_MS), 0);
    const int fd = pipe_fd(pull);
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000;
    int r;
    while ((r = pipe_receive(pull, &bytes, &length)) == -EAGAIN && clock_monotonic_us() < deadline_us)
        cr_assert_eq(pipe_poll(NULL, 0, &fd, 1, WAIT_MS, NULL), 1);
    cr_expect_eq(r, 0);
}

Test(pipe, one_push_spreads_over_two_pulls)
{
    CLEANUP(pipe_destroy) struct pipe *first = bind_pull(endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *second = bind_pull(second_endpoint, 0);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);

    cr_assert_eq(pipe_also_connect(push, second_endpoint), 0);
    cr_expect_eq(pipe_also_connect(push, "tcp://192.0.2.1:5555"), -EPERM);
    bool seen[2] = {false, false};
    int64_t deadline_us = clock_monotonic_us() + WAIT_MS * 1000;
    while (!(seen[0] && seen[1]) && clock_monotonic_us() < deadline_us) {
        struct pipe *pulls[] = {first, second};
        bool ready[2];
        (void)pipe_send(push, "x", 1);
        (void)pipe_poll(pulls, 2, NULL, 0, 1, ready);
        seen[0] |= ready[0];
        seen[1] |= ready[1];
    }
    cr_expect(seen[0] && seen[1]);
}

Test(pipe, endpoints_outside_the_rules_are_refused)
{
    static const struct {
        const char *endpoint;
        int error;
    } cases[] = {
        {"", -EINVAL},
        {"ipc://", -EINVAL},
        {"inproc://x", -EINVAL},
        {"udp://127.0.0.1:5555", -EINVAL},
        {"tcp://192.0.2.1:5555", -EPERM},
        {"tcp://*:5555", -EPERM},
        {"tcp://0.0.0.0:5555", -EPERM},
        {"tcp://127.0.0.1.example.com:5555", -EPERM},
        {"tcp://localhost.example.com:5555", -EPERM},
        {"ipc:///tmp/a23456789b123456789c123456789d123456789e123456789f123456789g123456789h123456789"
         "i123456789j123456789k123456789l123456789",
         -ENAMETOOLONG},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pipe *pipe = NULL;
        int r = pipe_connect(context, PIPE_PUSH, cases[i].endpoint, 0, &pipe);
        cr_expect_eq(r, cases[i].error, "'%s' gives %d", cases[i].endpoint, r);
        r = pipe_bind(context, PIPE_PULL, cases[i].endpoint, 0, &pipe);
        cr_expect_eq(r, cases[i].error, "'%s' gives %d", cases[i].endpoint, r);
        cr_expect_null(pipe);
        pipe_destroy(&pipe);
    }
}

Test(pipe, a_stale_socket_file_is_replaced_and_a_live_one_is_not)
{
    struct pipe *pipe = NULL;
    struct pipe_context *other = NULL;

    cr_assert_eq(mknod(endpoint + 6, S_IFSOCK | 0600, 0), 0);
    CLEANUP(pipe_destroy) struct pipe *live = bind_pull(endpoint, 0);
    cr_assert_eq(pipe_context_create(NULL, &other), 0);
    cr_expect_eq(pipe_bind(other, PIPE_PULL, endpoint, 0, &pipe), -EADDRINUSE);
    int fd = open(second_endpoint + 6, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    (void)close(fd);
    cr_expect_eq(pipe_bind(other, PIPE_PULL, second_endpoint, 0, &pipe), -EEXIST);
    pipe_context_destroy(&other);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(endpoint, 0);
    cr_assert_eq(send_within(push, "alive", 5, WAIT_MS), 0);
    expect_received(live, "alive");
}

struct curve {
    struct pipe_keys server, client;
    struct pipe_context *server_context, *client_context;
};

static void make_curve(struct curve *curve)
{
    memset(curve, 0, sizeof(*curve));
    cr_assert_eq(zmq_curve_keypair(curve->server.public_key, curve->server.secret_key), 0);
    cr_assert_eq(zmq_curve_keypair(curve->client.public_key, curve->client.secret_key), 0);
    memcpy(curve->client.server_key, curve->server.public_key, sizeof(curve->client.server_key));
    curve->server.allowed_count = 1;
    memcpy(curve->server.allowed[0], curve->client.public_key, sizeof(curve->server.allowed[0]));
    cr_assert_eq(pipe_context_create(&curve->server, &curve->server_context), 0);
    cr_assert_eq(pipe_context_create(&curve->client, &curve->client_context), 0);
}

/* Binds a PULL on a free port of loopback and notes where in tcp_endpoint. */
static struct pipe *bind_tcp(struct pipe_context *server)
{
    struct pipe *pipe = NULL;
    int r = -EADDRINUSE;

    for (int port = 20000 + getpid() % 20000; r == -EADDRINUSE && port < 65535; port++) {
        (void)snprintf(tcp_endpoint, sizeof(tcp_endpoint), "tcp://127.0.0.1:%d", port);
        r = pipe_bind(server, PIPE_PULL, tcp_endpoint, 0, &pipe);
    }
    cr_assert_eq(r, 0);
    return pipe;
}

Test(pipe, with_keys_messages_arrive_and_strangers_do_not_get_in)
{
    struct curve curve;
    struct pipe *push = NULL, *plain = NULL, *impostor = NULL;
    struct pipe_context *impostor_context = NULL;
    char text[16];

    make_curve(&curve);
    struct pipe *pull = bind_tcp(curve.server_context);

    cr_assert_eq(pipe_connect(curve.client_context, PIPE_PUSH, tcp_endpoint, 0, &push), 0);
    cr_assert_eq(send_within(push, "secret", 6, WAIT_MS), 0);
    expect_received(pull, "secret");

    cr_assert_eq(pipe_connect(context, PIPE_PUSH, tcp_endpoint, 0, &plain), 0);
    cr_expect_eq(send_within(plain, "plain", 5, 300), -EAGAIN, "no keys");
    struct pipe_keys wrong = curve.client;
    memcpy(wrong.server_key, curve.client.public_key, sizeof(wrong.server_key));
    cr_assert_eq(pipe_context_create(&wrong, &impostor_context), 0);
    cr_assert_eq(pipe_connect(impostor_context, PIPE_PUSH, tcp_endpoint, 0, &impostor), 0);
    cr_expect_eq(send_within(impostor, "wrong", 5, 300), -EAGAIN, "another server's key");
    struct pipe_context *stranger_context = NULL;
    struct pipe *stranger = NULL;
    struct pipe_keys own = curve.client;
    cr_assert_eq(zmq_curve_keypair(own.public_key, own.secret_key), 0);
    cr_assert_eq(pipe_context_create(&own, &stranger_context), 0);
    cr_assert_eq(pipe_connect(stranger_context, PIPE_PUSH, tcp_endpoint, 0, &stranger), 0);
    cr_expect_eq(send_within(stranger, "strange", 7, 500), -EAGAIN, "a key that is not on the list");
    cr_expect_eq(receive_within(pull, text, sizeof(text), 0), -EAGAIN);
    cr_assert_eq(send_within(push, "again", 5, WAIT_MS), 0);
    expect_received(pull, "again");

    pipe_destroy(&stranger);
    pipe_context_destroy(&stranger_context);
    pipe_destroy(&impostor);
    pipe_destroy(&plain);
    pipe_destroy(&push);
    pipe_destroy(&pull);
    pipe_context_destroy(&impostor_context);
    pipe_context_destroy(&curve.client_context);
    pipe_context_destroy(&curve.server_context);
}

Test(pipe, an_endpoint_names_the_key_of_who_binds_it)
{
    struct curve curve;
    struct pipe *push = NULL;
    struct pipe_context *client = NULL;
    char named[128];

    make_curve(&curve);
    struct pipe *pull = bind_tcp(curve.server_context);
    struct pipe_keys keys = curve.client;
    keys.server_key[0] = '\0';
    cr_assert_eq(pipe_context_create(&keys, &client), 0);
    (void)snprintf(named, sizeof(named), "%s#%s", tcp_endpoint, curve.server.public_key);
    cr_assert_eq(pipe_connect(client, PIPE_PUSH, named, 0, &push), 0);
    cr_assert_eq(send_within(push, "named", 5, WAIT_MS), 0);
    expect_received(pull, "named");
    named[strlen(named) - 1] = '\0';
    cr_expect_eq(pipe_also_connect(push, named), -EINVAL, "a key that is none");
    pipe_destroy(&push);
    pipe_destroy(&pull);
    pipe_context_destroy(&client);
    pipe_context_destroy(&curve.client_context);
    pipe_context_destroy(&curve.server_context);
}

Test(pipe, loopback_needs_no_keys)
{
    CLEANUP(pipe_destroy) struct pipe *pull = bind_tcp(context);
    CLEANUP(pipe_destroy) struct pipe *push = connect_push(tcp_endpoint, 0);

    cr_assert_eq(send_within(push, "near", 4, WAIT_MS), 0);
    expect_received(pull, "near");
}

Test(pipe, ill_formed_keys_are_refused)
{
    struct pipe_keys good = {0};
    struct pipe_context *bad_context = NULL;
    struct pipe *pipe = NULL;

    cr_assert_eq(zmq_curve_keypair(good.public_key, good.secret_key), 0);
    struct pipe_keys cases[] = {good, good, good, good};
    cases[0].public_key[39] = '\0';
    cases[1].secret_key[5] = '"';
    cases[2].secret_key[0] = '\0';
    memcpy(cases[3].server_key, "short", 6);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        cr_expect_eq(pipe_context_create(&cases[i], &bad_context), -EINVAL, "case %zu", i);
    cr_assert_eq(pipe_context_create(&good, &bad_context), 0);
    cr_expect_eq(pipe_connect(bad_context, PIPE_PUSH, "tcp://127.0.0.1:9", 0, &pipe), -EINVAL,
                 "no server key");
    cr_expect_eq(pipe_bind(bad_context, PIPE_PULL, "tcp://127.0.0.1:9", 0, &pipe), -EINVAL, "for nobody");
    pipe_context_destroy(&bad_context);
    good.allowed_count = 1;
    (void)snprintf(good.allowed[0], sizeof(good.allowed[0]), "no key");
    cr_expect_eq(pipe_context_create(&good, &bad_context), -EINVAL, "a list with a key that is none");
}
