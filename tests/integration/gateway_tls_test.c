/* SPDX-License-Identifier: Apache-2.0 */
/* The public interface under TLS: 1.3 alone, HTTP/1.1 alone, certificates changed while it runs. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/support/gateway_world.h"

enum { WAIT_MS = 20000, POLL_MS = 20, CONNECTIONS = 16 };

static struct gateway_world gateway;
static char certificate_path[128], key_path[128];

static void write_pem(const char *path, X509 *certificate, EVP_PKEY *key)
{
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file);
    cr_assert_eq(certificate != NULL ? PEM_write_X509(file, certificate)
                                     : PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL),
                 1);
    cr_assert_eq(fclose(file), 0);
}

/* A certificate for 127.0.0.1 that signs itself, with this serial number. */
static void make_certificate(long serial)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();

    cr_assert(key != NULL && certificate != NULL);
    cr_assert_eq(X509_set_version(certificate, X509_VERSION_3), 1);
    cr_assert_eq(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    cr_assert_eq(X509_set_pubkey(certificate, key), 1);
    X509_NAME *name = X509_get_subject_name(certificate);
    cr_assert_eq(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"oxe test", -1, -1, 0),
        1);
    cr_assert_eq(X509_set_issuer_name(certificate, name), 1);
    X509_EXTENSION *address = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    cr_assert_eq(X509_add_ext(certificate, address, -1), 1);
    cr_assert_gt(X509_sign(certificate, key, EVP_sha256()), 0);
    write_pem(certificate_path, certificate, NULL);
    write_pem(key_path, NULL, key);
    X509_EXTENSION_free(address);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void begin(void)
{
    gateway_begin(&gateway);
    cr_assert_eq(gateway_stop(&gateway), 0);
    (void)snprintf(certificate_path, sizeof(certificate_path), "%s/certificate.pem", gateway.world.directory);
    (void)snprintf(key_path, sizeof(key_path), "%s/key.pem", gateway.world.directory);
    make_certificate(1);
    cr_assert_eq(setenv("OXE_TLS_CERTIFICATE", certificate_path, 1), 0);
    cr_assert_eq(setenv("OXE_TLS_KEY", key_path, 1), 0);
    gateway_start(&gateway);
}

static void end(void)
{
    gateway_end(&gateway);
}

TestSuite(gateway_tls, .init = begin, .fini = end, .timeout = 120);

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
    buffer_append(context, bytes, size * count);
    return size * count;
}

static CURL *open_curl(const char *scheme, const char *path, long version, struct buffer *headers,
                       struct buffer *body)
{
    CURL *curl = curl_easy_init();
    char url[128];

    (void)snprintf(url, sizeof(url), "%s://127.0.0.1:%d%s", scheme, gateway.port, path);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CAINFO, certificate_path);
    (void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, version);
    (void)curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, headers);
    return curl;
}

Test(gateway_tls, speaks_1_3_and_refuses_what_is_below)
{
    CLEANUP(buffer_release) struct buffer headers = BUFFER_INIT(0), body = BUFFER_INIT(0);
    long status = 0, version = 0;

    CURL *curl = open_curl("https", "/readyz", CURL_SSLVERSION_TLSv1_3, &headers, &body);
    CURLcode code = curl_easy_perform(curl);
    cr_assert_eq(code, CURLE_OK, "%s", curl_easy_strerror(code));
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &version);
    cr_expect_eq(status, 200, "%s", body.data);
    cr_expect_eq(version, CURL_HTTP_VERSION_1_1, "HTTP/2 was offered and must not be chosen");
    cr_expect_not_null(strstr(headers.data, "strict-transport-security: max-age=31536000\r\n"), "%s",
                       headers.data);
    cr_expect_not_null(strstr(headers.data, "x-content-type-options: nosniff\r\n"), "%s", headers.data);
    curl_easy_cleanup(curl);

    curl =
        open_curl("https", "/readyz", CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2, &headers, &body);
    cr_expect_eq(curl_easy_perform(curl), CURLE_SSL_CONNECT_ERROR, "TLS 1.2");
    curl_easy_cleanup(curl);

    curl = open_curl("http", "/readyz", CURL_SSLVERSION_DEFAULT, &headers, &body);
    cr_expect_neq(curl_easy_perform(curl), CURLE_OK, "without TLS there is no answer");
    curl_easy_cleanup(curl);
}

static long serial_now(CURL *curl)
{
    struct curl_certinfo *info = NULL;

    CURLcode code = curl_easy_perform(curl);
    cr_assert_eq(code, CURLE_OK, "%s", curl_easy_strerror(code));
    (void)curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info);
    cr_assert(info != NULL && info->num_of_certs == 1);
    for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next) {
        if (strncmp(line->data, "Serial Number:", 14) == 0)
            return strtol(line->data + 14, NULL, 16);
    }
    return -1;
}

static long serial_of_new_connection(void)
{
    CLEANUP(buffer_release) struct buffer headers = BUFFER_INIT(0), body = BUFFER_INIT(0);
    CURL *curl = open_curl("https", "/healthz", CURL_SSLVERSION_TLSv1_3, &headers, &body);

    (void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    long serial = serial_now(curl);
    curl_easy_cleanup(curl);
    return serial;
}

/* How often the gateway has logged an event. */
static int times_in_log(const char *event)
{
    CLEANUP(buffer_release) struct buffer log = BUFFER_INIT(0);
    char path[128], wanted[64], bytes[4096];
    int times = 0;

    (void)snprintf(path, sizeof(path), "%s/gateway.log", gateway.world.directory);
    (void)snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    for (size_t got; (got = fread(bytes, 1, sizeof(bytes), file)) > 0;)
        buffer_append(&log, bytes, got);
    (void)fclose(file);
    for (const char *at = log.data; at != NULL && (at = strstr(at, wanted)) != NULL; at++)
        times++;
    return times;
}

Test(gateway_tls, takes_a_new_certificate_on_sighup_and_keeps_a_good_one)
{
    CLEANUP(buffer_release) struct buffer headers = BUFFER_INIT(0), body = BUFFER_INIT(0);
    CURL *kept = open_curl("https", "/healthz", CURL_SSLVERSION_TLSv1_3, &headers, &body);

    cr_expect_eq(serial_now(kept), 1);
    make_certificate(2);
    cr_expect_eq(serial_of_new_connection(), 1, "nobody has said that there is another");
    (void)kill(gateway.gateway, SIGHUP);
    for (int i = 0; i < WAIT_MS / POLL_MS && serial_of_new_connection() != 2; i++)
        (void)poll(NULL, 0, POLL_MS);
    cr_expect_eq(serial_of_new_connection(), 2);
    CURLcode code = curl_easy_perform(kept);
    cr_expect_eq(code, CURLE_OK, "the old connection goes on: %s", curl_easy_strerror(code));
    long connects = -1;
    (void)curl_easy_getinfo(kept, CURLINFO_NUM_CONNECTS, &connects);
    cr_expect_eq(connects, 0);
    curl_easy_cleanup(kept);

    FILE *file = fopen(certificate_path, "we");
    cr_assert(file != NULL && fputs("no certificate\n", file) >= 0 && fclose(file) == 0);
    cr_assert_eq(times_in_log("tls_not_loaded"), 0);
    (void)kill(gateway.gateway, SIGHUP);
    for (int i = 0; i < WAIT_MS / POLL_MS && times_in_log("tls_not_loaded") == 0; i++)
        (void)poll(NULL, 0, POLL_MS);
    cr_assert_eq(times_in_log("tls_not_loaded"), 1, "it has tried");
    cr_expect_eq(serial_of_new_connection(), 2, "what cannot be read changes nothing");
    make_certificate(3);
    (void)kill(gateway.gateway, SIGHUP);
    for (int i = 0; i < WAIT_MS / POLL_MS && serial_of_new_connection() != 3; i++)
        (void)poll(NULL, 0, POLL_MS);
    cr_expect_eq(serial_of_new_connection(), 3, "and the next good one is taken");
}

/* The serial number of the certificate that a connected socket is shown; -1 when the handshake fails. */
static long serial_of_socket(int fd)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    long serial = -1;

    cr_assert_eq(SSL_set_fd(ssl, fd), 1);
    if (SSL_connect(ssl) == 1) {
        X509 *certificate = SSL_get1_peer_certificate(ssl);
        serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
        X509_free(certificate);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    return serial;
}

Test(gateway_tls, a_client_that_speaks_first_after_a_new_certificate_gets_the_one_it_came_for)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)gateway.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fds[CONNECTIONS];

    (void)signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        cr_assert_eq(connect(fds[i], (const struct sockaddr *)&address, sizeof(address)), 0);
    }
    cr_assert_eq(serial_of_new_connection(), 1, "who came before this one is connected");
    make_certificate(2);
    (void)kill(gateway.gateway, SIGHUP);
    for (int i = 0; i < WAIT_MS / POLL_MS && serial_of_new_connection() != 2; i++)
        (void)poll(NULL, 0, POLL_MS);
    cr_assert_eq(serial_of_new_connection(), 2);
    for (int i = 0; i < CONNECTIONS; i++) {
        cr_expect_eq(serial_of_socket(fds[i]), 1, "connection %d", i);
        (void)close(fds[i]);
    }
}

Test(gateway_tls, a_websocket_comes_through_it)
{
    CLEANUP(buffer_release) struct buffer headers = BUFFER_INIT(0), body = BUFFER_INIT(0);
    AUTO_TEXT token = gateway_token(&gateway, "trader-0");
    char authorization[2048];
    char frame[512];
    size_t got = 0;

    CURL *curl = open_curl("https", "/ws/orders/events", CURL_SSLVERSION_TLSv1_3, &headers, &body);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    CURLcode code = curl_easy_perform(curl);
    cr_assert_eq(code, CURLE_OK, "%s", curl_easy_strerror(code));
    int length = snprintf(authorization, sizeof(authorization),
                          "GET /ws/orders/events HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
                          "Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                          "dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n",
                          token);
    cr_assert_eq(curl_easy_send(curl, authorization, (size_t)length, &got), CURLE_OK);
    memset(frame, 0, sizeof(frame));
    size_t held = 0;
    for (int i = 0; i < WAIT_MS / POLL_MS && memmem(frame, held, "session.ready", 13) == NULL; i++) {
        if (curl_easy_recv(curl, frame + held, sizeof(frame) - 1 - held, &got) == CURLE_OK)
            held += got;
        else
            (void)poll(NULL, 0, POLL_MS);
    }
    cr_expect_eq(strncmp(frame, "HTTP/1.1 101 ", 13), 0, "%s", frame);
    cr_expect_not_null(memmem(frame, held, "\"event\":\"session.ready\"", 23), "%zu bytes", held);
    curl_easy_cleanup(curl);
}
