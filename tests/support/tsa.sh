#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tsa.sh DIRECTORY: a time-stamping authority of the tests: ca.pem, and what `openssl ts -reply -config DIRECTORY/tsa.conf` needs to answer.
# A second root that has nothing to do with it is other.pem.
set -eu
cd "$1"
for name in ca other; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.pem" -days 30 -subj "/CN=OXE test root $name"
done 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj '/CN=OXE test time stamps' 2>/dev/null
cat >tsa.conf <<'CONF'
[extensions]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
default_tsa = authority
[authority]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
CONF
openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile tsa.conf -extensions extensions -out tsa.pem 2>/dev/null
echo 01 >serial
