/* oxectl curve: key pairs for the pipes between services. */
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "services/oxectl/oxectl.h"

int curve_command(const struct context *context, int argc, char **argv)
{
    char public_key[41], secret_key[41];

    (void)context;
    if (argc != 2 || strcmp(argv[1], "keygen") != 0)
        return usage_error("curve takes keygen");
    if (zmq_curve_keypair(public_key, secret_key) < 0)
        return trouble("this libzmq has no CURVE");
    /* Z85 has characters that a shell reads, but no quote. */
    (void)printf("OXE_CURVE_PUBLIC_KEY='%s'\nOXE_CURVE_SECRET_KEY='%s'\n", public_key, secret_key);
    return 0;
}
