#!/bin/sh
# What oxectl does without any server (TAP): jwt verify, msg decode. OXE_CTL_BINARY names the program.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
oxectl=${OXE_CTL_BINARY:?}
directory=$(mktemp -d /tmp/oxe-offline-XXXXXX)
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' INT TERM

number=0
is() { # FACT FOUND EXPECTED
    number=$((number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf 'found:    %s\nexpected: %s\n' "$2" "$3" | head -n 40 | sed 's/^/# /'
    fi
}
told() { # COMMAND…: its output, errors too, and its exit status
    "$@" 2>&1
    echo "status $?"
}

# --- jwt verify ---
"$oxectl" issuer "$directory/ours" >/dev/null
"$oxectl" issuer "$directory/other" >/dev/null
keys=$directory/ours/jwks.json
good=$("$oxectl" token --keys "$directory/ours" alice)
foreign=$("$oxectl" token --keys "$directory/other" alice)
head=${good%%.*} rest=${good#*.}
encode() { base64 -w0 | tr '/+' '_-' | tr -d '='; }
unsigned=$(printf '{"alg":"none"}' | encode).${rest%.*}.
unsigned_padded=$(printf '{"alg":"none","kid":"x"}' | encode).$rest
verdicts() { # ARGUMENT …: the verdict on each of the lines above; the sentence up to its semicolon
    printf '%s\n' "$good" "$foreign" "$head.$(printf foo | encode).${rest#*.}" "$unsigned_padded" "$unsigned" 'a.b' '' "$good " \
        "$(head -c 9000 /dev/zero | tr '\0' a)" "$good" | told "$oxectl" jwt verify "$@" | sed 's/;.*//'
}
refusals="The token names no key that is accepted here
The token's signature does not verify
The token's algorithm is not accepted
The token is not a signed JWT in compact form
The token is not a signed JWT in compact form
The token is not a signed JWT in compact form
The token is not a signed JWT in compact form
The token is not a signed JWT in compact form"
is 'each line has its verdict' "$(verdicts "$keys")" "ok
$refusals
ok
status 0"
is 'so it is for the right issuer and audience' "$(verdicts --issuer oxe-development --audience oxe "$keys")" "ok
$refusals
ok
status 0"
is 'the last line needs no newline' "$(printf %s "$good" | told "$oxectl" jwt verify "$keys")" 'ok
status 0'
is 'no line, no verdict' "$(told "$oxectl" jwt verify "$keys" </dev/null)" 'status 0'
is 'another issuer is refused' "$(printf '%s\n' "$good" | told "$oxectl" jwt verify "$keys" --issuer somebody)" \
    'The token comes from another issuer; get one from the issuer that is accepted here.
status 0'
is 'another audience is refused' "$(printf '%s\n' "$good" | told "$oxectl" jwt verify --audience somebody "$keys")" \
    'The token is meant for another audience; get one for this service.
status 0'
for options in '--authorized-party oxe' '--audience oxe --authorized-party oxe'; do
    is "a token that no party was given is refused by $options" \
        "$(printf '%s\n' "$good" | told "$oxectl" jwt verify $options "$keys" | sed 's/;.*//')" \
        "$(case $options in --audience*) echo 'The token was issued to a party that is not accepted here' ;; *) echo 'The token is meant for another audience' ;; esac)
status 0"
done
printf '{"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]}' >"$directory/secret.json"
is 'a set without a key that may be used verifies nothing' "$(printf '%s\n' "$good" | told "$oxectl" jwt verify "$directory/secret.json")" \
    "oxectl: $directory/secret.json holds no key that the gateway would use
The token names no key that is accepted here; get a fresh one.
status 0"
printf 'no keys' >"$directory/text"
is 'a file that is no JWKS is trouble' "$(told "$oxectl" jwt verify "$directory/text" </dev/null)" "oxectl: $directory/text is no JWKS
status 2"
is 'so is none' "$(told "$oxectl" jwt verify "$directory/none" </dev/null)" "oxectl: cannot read $directory/none: No such file or directory
status 2"
for arguments in '' 'sign' 'verify' 'verify a b' 'verify --alg none a'; do
    is "jwt $arguments is wrong usage" "$(told "$oxectl" jwt $arguments </dev/null | tail -n 1)" 'status 64'
done

# --- msg decode ---
for vector in "$root"/proto/golden/*.hex; do
    name=$(basename "$vector" .hex)
    tr -d '\n' <"$vector" >"$directory/line"
    is "$name is decoded to its golden vector" "$(told "$oxectl" msg decode <"$directory/line")" "$(sed 's/^ *//; s/^\("[a-z_0-9]*"\): /\1:/' "${vector%.hex}.json" | tr -d '\n')
status 0"
done
wake=$(tr -d '\n' <"$root/proto/golden/outbox_wake.hex")
is 'each line is told, whatever is wrong with the one before' \
    "$(printf '%s\n' '' "$wake" xx 0 "${wake}00" "$(printf %s "$wake" | tr a-f A-F)" "$(printf %s "$wake" | sed 's/^\(..\)0101/\10109/')" 81a0 |
        told "$oxectl" msg decode)" 'error: no message, or not a well-formed one
{"rows":50}
error: a line is an even number of hex digits
error: a line is an even number of hex digits
error: no message, or not a well-formed one
{"rows":50}
error: another version of the protocol
error: no message, or not a well-formed one
status 0'
is 'the envelope is shown when it is asked for' "$(echo "$wake" | told "$oxectl" msg decode --envelope | jq -rc '.type, .id, .sent_at, .body' 2>/dev/null)" \
    'OUTBOX_WAKE
0199f0a5-7d0c-7000-8000-00000000aaaa
2025-10-17T12:01:05.000000Z
{"rows":50}'
for arguments in '' 'encode' 'decode file'; do
    is "msg $arguments is wrong usage" "$(told "$oxectl" msg $arguments </dev/null | tail -n 1)" 'status 64'
done

# --- curve keygen ---
one=$("$oxectl" curve keygen) two=$("$oxectl" curve keygen)
is 'a pair is two settings of 40 characters' "$(eval "$one"; echo ${#OXE_CURVE_PUBLIC_KEY} ${#OXE_CURVE_SECRET_KEY})" '40 40'
is 'no pair is given twice' "$([ "$one" != "$two" ] && echo other)" other
is 'curve alone is wrong usage' "$(told "$oxectl" curve </dev/null | tail -n 1)" 'status 64'
echo "1..$number"
