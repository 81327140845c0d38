/* SPDX-License-Identifier: Apache-2.0 */
#include "services/gateway/edge/tls.h"

#include <errno.h>
#include <h2o.h>
#include <openssl/err.h>

static int fail(const struct log *log, const char *what, const char *file)
{
    char reason[256];

    ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
    ERR_clear_error();
    LOG_ALARM(log, LOG_ERROR, "tls_not_loaded", "process_down", reason, "oxectl doctor",
              LOG_TEXT("what", what), LOG_TEXT("file", file));
    return -EINVAL;
}

int tls_create(const char *certificate, const char *key, const struct log *log, SSL_CTX **ret_context)
{
    /* h2o would speak HTTP/2 to whoever chose it. */
    static const h2o_iovec_t protocols[] = {{H2O_STRLIT("http/1.1")}, {NULL, 0}};
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int r = 0;

    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1)
        r = fail(log, "context", "");
    else if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        r = fail(log, "certificate", certificate);
    else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        r = fail(log, "key", key);
    else if (SSL_CTX_check_private_key(context) != 1)
        r = fail(log, "key that is not the certificate's", key);
    if (r < 0) {
        tls_destroy(&context);
        return r;
    }
    h2o_ssl_register_alpn_protocols(context, protocols);
    *ret_context = context;
    return 0;
}

void tls_destroy(SSL_CTX **context)
{
    SSL_CTX_free(*context);
    *context = NULL;
}
