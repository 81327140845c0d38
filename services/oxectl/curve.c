/* SPDX-License-Identifier: Apache-2.0 */
/* oxectl curve: key pairs for the pipes between services. */
#include <zmq.h>

#include "services/oxectl/oxectl.h"

int curve_run(const struct context *context, const struct args *args)
{
    char public_key[41], secret_key[41];

    if (zmq_curve_keypair(public_key, secret_key) < 0)
        return trouble("this libzmq has no CURVE");
    /* Z85 has characters that a shell reads, but no quote. */
    (void)printf("OXE_CURVE_PUBLIC_KEY='%s'\nOXE_CURVE_SECRET_KEY='%s'\n", public_key, secret_key);
    return 0;
}
