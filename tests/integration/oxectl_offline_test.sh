#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What oxectl does without any server (TAP): reads arguments, explains itself, jwt verify, msg decode. OXE_CTL_BINARY names the program.
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

# --- help and wrong usage ---
export OXE_URL=http://127.0.0.1:9 OXE_SIM_CONTROL=127.0.0.1:9 OXE_DATABASE='host=/nowhere' OXE_TOKEN=none
wrong() { # ARGUMENT …: 64, nothing on standard output, and what is said in one line
    said=$("$oxectl" "$@" 2>"$directory/said" </dev/null)
    status=$?
    [ "$status" -eq 64 ] && [ -z "$said" ] && [ "$(wc -l <"$directory/said")" -eq 1 ] || echo "status $status $said"
    sed 's/ ([^(]*$//' "$directory/said"
}
"$oxectl" help >"$directory/help"
sed -n 's/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' "$directory/help" >"$directory/commands"
is 'help knows every command' "$(wc -l <"$directory/commands")" "$(grep -c '^COMMAND(' "$root/services/oxectl/commands.def")"
is 'so do its other names' "$("$oxectl" --help | cmp - "$directory/help"; "$oxectl" -h | cmp - "$directory/help")" ''
uuid=0199f0a5-7d0c-7000-8000-00000000aaaa
while read -r command; do
    "$oxectl" $command --help >"$directory/told" 2>"$directory/said"
    is "$command explains itself on standard output" "$? $(head -c 6 "$directory/told") $(wc -c <"$directory/said")" '0 Usage: 0'
    is "help $command does so, too" "$("$oxectl" help $command | cmp - "$directory/told")" ''
    [ "$command" != help ] || continue
    is "$command refuses an option that it does not know" "$(wrong $command --no-such)" "oxectl: $command: there is no option '--no-such'"
    sed -n 's/^  \(--[a-z-]*\) [A-Za-z].*  .*/\1/p' "$directory/told" >"$directory/options"
    while read -r option; do
        is "$command misses the value of $option" "$(wrong $command "$option" | grep -c ": $option needs its ")" 1
        is "$command takes another option for no value of $option" "$(wrong $command "$option" --json | grep -c ": $option needs its ")" 1
    done <"$directory/options"
    ! grep -q '^  \[.* \.\.\.\]' "$directory/told" || continue # a list takes what comes
    is "$command refuses a surplus argument" "$(wrong $command $uuid $uuid $uuid $uuid surplus | grep -c ': one argument too many: ')" 1
done <"$directory/commands"
is 'each command has its section in the manual' "$("$oxectl" man | sed -n 's/^\.SS //p')" "$(cat "$directory/commands")"
is 'no command is wrong usage' "$(wrong)" 'oxectl: say a command'
is 'an unknown command is wrong usage' "$(wrong fly away)" "oxectl: there is no command 'fly'"
is 'so is help about it' "$(wrong help fly)" "oxectl: there is no command 'fly'"
is 'a word that begins commands says how it goes on' "$(wrong trader)" 'oxectl: trader is followed by create'
is 'it lists them' "$("$oxectl" jwt --help | grep -c '^  jwt verify ')" 1
is 'the end of a day is not asked for by mistake' "$(wrong sim end-day foo)" "oxectl: sim end-day: one argument too many: 'foo'"
is 'a price is one' "$(wrong sim price AAPL 150 abc)" "oxectl: sim price: one argument too many: 'abc'"
is 'a missing argument is named' "$(wrong submit AAPL BUY 5)" 'oxectl: submit: MARKET|LIMIT|STOP is missing: the type of order'
is 'a missing option is named' "$(wrong halt ALL)" 'oxectl: halt: --reason TEXT is missing: why; it stands in the audit trail'
is 'a number has its bounds' "$(wrong doubts --limit 0; wrong doubts --limit=10001; wrong doubts --limit 1x | cut -c1-17)" \
    "oxectl: doubts: --limit is a whole number from 1 to 10000, not '0'
oxectl: doubts: --limit is a whole number from 1 to 10000, not '10001'
oxectl: doubts: -"
is 'a word is one of those that are possible' "$(wrong log --level loud)" "oxectl: log: --level is one of debug|info|warning|error, not 'loud'"
is 'an id is one' "$(wrong show 7)" "oxectl: show: ORDER is an id, not '7'"
is 'a flag takes no value' "$(wrong list --json=yes)" 'oxectl: list: --json takes no value'
asks='oxectl: POST http://127.0.0.1:9/api/v1/orders: '
for call in 'submit AAPL BUY -5 MARKET' 'submit --price=-1 AAPL BUY 5 LIMIT' 'submit AAPL --price -.5 BUY 5 --wait LIMIT' \
    'submit --wait -- AAPL BUY 5 --json' 'submit AAPL BUY - MARKET'; do
    is "the server is asked: $call" "$(told "$oxectl" $call 2>&1 | cut -c1-${#asks})" "$asks
status 2"
done
is 'a command says what it needs' "$(OXE_TOKEN='' wrong list; OXE_DATABASE='' wrong flag)" \
    'oxectl: list: it needs a token of the role trader in OXE_TOKEN or OXE_TOKEN_FILE
oxectl: flag: it needs OXE_DATABASE, the conninfo of the role oxe_operations'
is 'so do the issuer and the database' "$(OXE_TOKEN='' OXE_DEVELOPMENT_KEYS=/nowhere told "$oxectl" halts; told "$oxectl" flag | cut -c1-22)" \
    "oxectl: cannot read /nowhere/issuer.json: No such file or directory ('oxectl issuer' makes it)
status 2
oxectl: the database: 
status 2"
is 'what needs no token needs none' "$(OXE_TOKEN='' OXE_TOKEN_FILE=/none told "$oxectl" curve keygen | tail -n 1)" 'status 0'
unset OXE_TOKEN

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
{}
error: a line is an even number of hex digits
error: a line is an even number of hex digits
error: no message, or not a well-formed one
{}
error: another version of the protocol
error: no message, or not a well-formed one
status 0'
is 'the envelope is shown when it is asked for' "$(echo "$wake" | told "$oxectl" msg decode --envelope | jq -rc '.type, .id, .sent_at, .body' 2>/dev/null)" \
    'OUTBOX_WAKE
0199f0a5-7d0c-7000-8000-00000000aaaa
2025-10-17T12:01:05.000000Z
{}'
for arguments in '' 'encode' 'decode file'; do
    is "msg $arguments is wrong usage" "$(told "$oxectl" msg $arguments </dev/null | tail -n 1)" 'status 64'
done

# --- curve keygen ---
one=$("$oxectl" curve keygen) two=$("$oxectl" curve keygen)
is 'a pair is two settings of 40 characters' "$(eval "$one"; echo ${#OXE_CURVE_PUBLIC_KEY} ${#OXE_CURVE_SECRET_KEY})" '40 40'
is 'no pair is given twice' "$([ "$one" != "$two" ] && echo other)" other
is 'curve alone is wrong usage' "$(told "$oxectl" curve </dev/null | tail -n 1)" 'status 64'
echo "1..$number"
