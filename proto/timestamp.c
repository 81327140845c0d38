/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/timestamp.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ts.h>
#include <time.h>

#include "common/cleanup.h"

static void request_free(TS_REQ **request)
{
    TS_REQ_free(*request);
}

static void answer_free(TS_RESP **answer)
{
    TS_RESP_free(*answer);
}

static void check_free(TS_VERIFY_CTX **check)
{
    TS_VERIFY_CTX_free(*check);
}

static void store_free(X509_STORE **store)
{
    X509_STORE_free(*store);
}

static bool set_digest(TS_REQ *request, const char *text, size_t length)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int digest_length;
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();

    bool set = imprint != NULL && algorithm != NULL &&
               EVP_Digest(text, length, digest, &digest_length, EVP_sha256(), NULL) == 1;
    if (set) {
        X509_ALGOR_set_md(algorithm, EVP_sha256());
        set = TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
              TS_MSG_IMPRINT_set_msg(imprint, digest, (int)digest_length) == 1 &&
              TS_REQ_set_msg_imprint(request, imprint) == 1;
    }
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return set;
}

static bool set_nonce(TS_REQ *request, const uint8_t *nonce)
{
    BIGNUM *number = BN_bin2bn(nonce, TIMESTAMP_NONCE_BYTES, NULL);
    ASN1_INTEGER *value = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);

    bool set = value != NULL && TS_REQ_set_nonce(request, value) == 1;
    ASN1_INTEGER_free(value);
    BN_free(number);
    return set;
}

/* NULL: no memory. */
static TS_REQ *make_request(const char *text, size_t length, const uint8_t *nonce)
{
    TS_REQ *request = TS_REQ_new();

    if (request != NULL && TS_REQ_set_version(request, 1) == 1 && set_digest(request, text, length) &&
        (nonce == NULL || set_nonce(request, nonce)) && TS_REQ_set_cert_req(request, 1) == 1)
        return request;
    TS_REQ_free(request);
    return NULL;
}

int timestamp_request(const char *text, size_t length, const uint8_t nonce[static TIMESTAMP_NONCE_BYTES],
                      struct buffer *out)
{
    CLEANUP(request_free) TS_REQ *request = make_request(text, length, nonce);
    uint8_t *bytes = NULL;

    int count = request == NULL ? -1 : i2d_TS_REQ(request, &bytes);
    if (count < 0)
        return -ENOMEM;
    buffer_append(out, bytes, (size_t)count);
    OPENSSL_free(bytes);
    return buffer_failed(out) ? -ENOBUFS : 0;
}

/* The time of the stamp, to the second. */
static bool get_time(TS_RESP *answer, time_t *ret_time)
{
    TS_TST_INFO *info = TS_RESP_get_tst_info(answer);
    struct tm time;

    if (info == NULL || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &time) != 1)
        return false;
    *ret_time = timegm(&time);
    return true;
}

/* Takes the certificates over into the check. */
static int set_authorities(TS_VERIFY_CTX *check, const char *authorities, time_t at)
{
    CLEANUP(store_free) X509_STORE *store = X509_STORE_new();

    if (store == NULL)
        return -ENOMEM;
    if (X509_STORE_load_file(store, authorities) != 1)
        return -ENOENT;
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), at);
    (void)TS_VERIFY_CTX_set_store(check, store);
    store = NULL;
    (void)TS_VERIFY_CTX_add_flags(check, TS_VFY_SIGNATURE);
    return 0;
}

int timestamp_verify(const uint8_t *answer, size_t answer_length, const char *text, size_t length,
                     const uint8_t *nonce, const char *authorities, struct instant *ret_time)
{
    const uint8_t *at = answer;
    CLEANUP(answer_free) TS_RESP *response = d2i_TS_RESP(NULL, &at, (long)answer_length);
    CLEANUP(request_free) TS_REQ *request = make_request(text, length, nonce);
    CLEANUP(check_free) TS_VERIFY_CTX *check = NULL;
    time_t time;
    int r;

    if (request == NULL)
        return -ENOMEM;
    if (response == NULL || at != answer + answer_length) {
        r = -EBADMSG;
    } else if (TS_RESP_get_token(response) == NULL) {
        r = -EACCES;
    } else if (!get_time(response, &time)) {
        r = -EBADMSG;
    } else if ((check = TS_REQ_to_TS_VERIFY_CTX(request, NULL)) == NULL) {
        r = -ENOMEM;
    } else {
        r = set_authorities(check, authorities, time);
        if (r == 0 && TS_RESP_verify_response(check, response) != 1)
            r = -EBADMSG;
    }
    ERR_clear_error();
    if (r == 0)
        *ret_time = (struct instant){(int64_t)time * 1000000};
    return r;
}
