/* SPDX-License-Identifier: Apache-2.0 */
/* TLS at the public interface: 1.3 and nothing below, HTTP/1.1 and nothing else. */
#ifndef OXE_GATEWAY_TLS_H
#define OXE_GATEWAY_TLS_H

#include <openssl/ssl.h>

#include "common/log.h"

/* Reads certificate chain and key (PEM files), which must belong together. -EINVAL, and the log says why. The
 * context is the caller's; connections that use it hold it too. */
int tls_create(const char *certificate, const char *key, const struct log *log, SSL_CTX **ret_context);
void tls_destroy(SSL_CTX **context);

#endif
