# SPDX-License-Identifier: Apache-2.0
# One instance: where it lives, who runs it, its ports and its processes. Sourced, not run.
# Sets OXE_HOME, port, user, run_as, the folders, and PATH with the instance's own programs first.
. "$OXE_ROOT/deploy/local/lib.sh"

# As root everything runs as the user 'oxe' (PostgreSQL refuses root, and nothing here needs it).
if [ "$(id -u)" -eq 0 ]; then
    user=oxe
    if ! id -u oxe >/dev/null 2>&1; then
        useradd --system --home-dir /var/lib/oxe --create-home --shell /usr/sbin/nologin oxe
    fi
    run_as="setpriv --reuid=oxe --regid=oxe --clear-groups --no-new-privs"
else
    user=$(id -un)
    run_as=""
fi

# The default home is var/ in the checkout. Where 'oxe' cannot reach it (a checkout under /root), var becomes a link.
if [ -z "${OXE_HOME:-}" ]; then
    OXE_HOME=$OXE_ROOT/var
    if [ "${home_is_made:-no}" = yes ] && [ ! -e "$OXE_HOME" ] && ! $run_as test -x "$OXE_ROOT"; then
        real=/var/lib/oxe/$(printf %s "$OXE_ROOT" | cksum | cut -d' ' -f1)
        install -d -o "$user" -m 700 "$real"
        ln -s "$real" "$OXE_HOME"
    fi
fi
case $OXE_HOME in
    /*) ;;
    *) OXE_HOME=$PWD/$OXE_HOME ;;
esac
# It becomes part of connection strings, of URLs and of lists.
case $OXE_HOME in
    *[!A-Za-z0-9/._-]*) die "OXE_HOME may hold only letters, digits and / . _ -, for sockets live there: $OXE_HOME" ;;
esac
# Only up makes a home ($home_is_made); every other command wants one that is there.
if [ ! -d "$OXE_HOME" ]; then
    [ ! -L "$OXE_HOME" ] || die "$(id -un) cannot reach $(readlink "$OXE_HOME"), where this instance lives; call ./oxe as its user or as root"
    [ "${home_is_made:-no}" = yes ] || die "there is no instance at $OXE_HOME; ./oxe up makes one"
    mkdir -p "$OXE_HOME" || die "cannot make OXE_HOME=$OXE_HOME"
fi
owner=$(stat -L -c %U "$OXE_HOME")
if [ "$owner" != "$user" ]; then
    [ "$(id -u)" -eq 0 ] || die "OXE_HOME=$OXE_HOME belongs to $owner; call ./oxe as $owner or as root, or choose another OXE_HOME"
    [ -z "$(ls -A "$OXE_HOME")" ] || die "OXE_HOME=$OXE_HOME belongs to $owner, not to $user, and is not empty"
    chown "$user" "$OXE_HOME"
fi
OXE_HOME=$(CDPATH='' cd -- "$OXE_HOME" && pwd -P)
chmod 700 "$OXE_HOME"
$run_as test -x "$OXE_HOME" || die "user $user cannot reach OXE_HOME=$OXE_HOME: choose another folder"
# A Unix socket's path holds 107 bytes; the longest name we add is 24.
[ ${#OXE_HOME} -le 80 ] || die "OXE_HOME is ${#OXE_HOME} characters long, 80 are possible (sockets live there): $OXE_HOME"

made_port=$(cat "$OXE_HOME/port" 2>/dev/null || true)
port=${OXE_HTTP_PORT:-${made_port:-8080}}
case $port in
    *[!0-9]*) die "OXE_HTTP_PORT is not a number: $port" ;;
esac
[ "$port" -ge 1024 ] && [ "$port" -le 65000 ] || die "OXE_HTTP_PORT must be 1024 to 65000: $port"

# lock WORK: one command at a time changes an instance. What it starts inherits the lock, so that a step that outlives its command
# (Ctrl-C while the database migrates) keeps the next one waiting. It is descriptor 8, held until the shell ends; processes that
# stay are started with 8>&-.
lock() {
    while :; do
        exec 8<"$OXE_HOME"
        if ! flock -n 8; then
            say "waiting: $(cat "$OXE_HOME/oxe.holder" 2>/dev/null || echo 'another command') works on $OXE_HOME"
            flock 8
        fi
        # Wiped, and perhaps made anew, while we waited?
        [ "$OXE_HOME" -ef "/proc/$$/fd/8" ] && break
        [ -d "$OXE_HOME" ] || die "$OXE_HOME was deleted meanwhile"
    done
    printf './oxe %s (pid %s)\n' "$1" "$$" | put "$OXE_HOME/oxe.holder"
}

# put FILE [MODE]: standard input becomes the file. Like everything in OXE_HOME it is written as the user whose folder that is: where
# root would follow a link that somebody put there, the user cannot.
put() {
    $run_as sh -c 'rm -f "$1.new" && cat >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1"' put "$1" "${2:-644}"
}

put_folder() { # FROM TO: adds to what is there
    $run_as mkdir -p "$2"
    tar -C "$1" -cf - . | $run_as tar -C "$2" -xf - --no-same-owner
}

# logged FILE COMMAND…: runs it as the user, its output in the file.
logged() {
    $run_as sh -c 'log=$1; shift; exec "$@" >"$log" 2>&1' logged "$@"
}

run=$OXE_HOME/run
pg_bin=/usr/lib/postgresql/15/bin
pg_port=$((port + 1))
sim_port=$((port + 3))
sim_control_port=$((port + 4))
witness_port=$((port + 5))
bin=$OXE_HOME/bin
url=http://127.0.0.1:$port
PATH=$bin:$PATH
export OXE_HOME PATH
export SVDIR="$OXE_HOME/service"

sql() {
    # From a folder that the user can enter, or psql complains.
    (cd / && $run_as psql -X -q -v ON_ERROR_STOP=1 -h "$run" -p "$pg_port" -U "$user" -d oxe "$@")
}

probe_port() {
    case $1 in
        gateway) echo $((port + 10)) ;;
        validator) echo $((port + 11)) ;;
        risk-manager) echo $((port + 12)) ;;
        audit-writer-0) echo $((port + 13)) ;;
        audit-writer-1) echo $((port + 14)) ;;
        status-broadcaster) echo $((port + 15)) ;;
        exchange-sim) echo $((port + 16)) ;;
        witness) echo $((port + 17)) ;;
        executor-*) echo $((port + 20 + ${1#executor-})) ;;
    esac
}

# NAME:PORT of each probe that this instance may come to listen on.
probe_claims() {
    for name in gateway validator risk-manager audit-writer-0 audit-writer-1 witness status-broadcaster exchange-sim; do
        echo "$name:$(probe_port "$name")"
    done
    i=0
    while [ "$i" -lt 8 ]; do
        echo "executor-$i:$(probe_port "executor-$i")"
        i=$((i + 1))
    done
}

is_ready() {
    case $1 in
        postgres) "$pg_bin/pg_isready" -q -h "$run" -p "$pg_port" -U "$user" -d postgres ;;
        redis) [ "$(redis-cli -s "$run/redis.sock" ping 2>/dev/null)" = PONG ] ;;
        *) curl -fsS -o /dev/null --max-time 2 "http://127.0.0.1:$(probe_port "$1")/readyz" 2>/dev/null ;;
    esac
}

# How a process is, within a second or so: "yes", "degraded" or "no", a tab, and why, as the text of a JSON string: "exchange: 7 of 8
# lanes are up; lane 3: …".
readiness() { # NAME
    case $1 in
        postgres)
            if said=$("$pg_bin/pg_isready" -t 1 -h "$run" -p "$pg_port" -U "$user" -d postgres 2>&1); then said=; fi ;;
        redis)
            said=$(timeout 1 redis-cli -s "$run/redis.sock" ping 2>&1) || said="it does not answer${said:+: $said}"
            [ "$said" != PONG ] || said= ;;
        *)
            said=$(curl -sS --max-time 1 -w '\n%{http_code}' "http://127.0.0.1:$(probe_port "$1")/readyz" 2>&1) || true
            code=${said##*"
"}
            # Its status is the first one; what it complains of are the checks that are not ok.
            state=$(printf '%s' "$said" | sed -n '1s/^{"status":"\([a-z]*\)".*/\1/p')
            case $code:$state in
                200:ok) printf 'yes\t'; return ;;
                200:degraded) printf 'degraded\t' ;;
                503:*) printf 'no\t' ;;
                *) said="no answer: $(printf '%s' "$said" | sed -n '1s/^curl: ([0-9]*) //p')"; code= ;;
            esac
            if [ -n "$code" ]; then
                printf '%s' "$said" | grep -oE '"[a-z_-]+":\{"status":"(degraded|failing)"(,"detail":"([^"\\]|\\.)*")?' |
                    sed -E 's/^"([a-z_-]+)":\{"status":"([a-z]+)"$/\1: \2/; s/^"([a-z_-]+)":\{"status":"[a-z]+","detail":"(.*)"$/\1: \2/' |
                    paste -sd '|' - | sed 's/|/; /g'
                return
            fi ;;
    esac
    if [ -z "$said" ]; then
        printf 'yes\t'
    else
        printf 'no\t%s' "$(printf '%s' "$said" | tr -d '"\\' | tr '\t\n' '  ')"
    fi
}

# Every process of the instance, in the order in which they start.
services() {
    for folder in "$SVDIR"/*/; do
        [ -d "$folder" ] && basename "$folder"
    done
}

supervisor_pid() {
    pid=$(cat "$OXE_HOME/runsvdir.pid" 2>/dev/null) || return 1
    # The number may have passed on, to another instance's supervisor even: ours is the one that looks after our folder.
    [ -n "$pid" ] && cat "/proc/$pid/cmdline" 2>/dev/null | tr '\0' '\n' | grep -Fxq -- "$SVDIR" && echo "$pid"
}

# Whether a service has a supervisor of its own. It outlives the one above it, when that is killed.
is_supervised() { # NAME
    [ -p "$SVDIR/$1/supervise/ok" ] && $run_as sv status "$SVDIR/$1" 2>/dev/null | grep -qE '^(run|down):'
}

supervised() {
    for name in $(services); do
        ! is_supervised "$name" || echo "$name"
    done
}

# What a service said last, the last error before anything else.
last_words() { # NAME
    log=$OXE_HOME/log/$1/current
    { grep '"level":"error"' "$log" || tail -n 1 "$log"; } 2>/dev/null | tail -n 1 | cut -c1-400
}

# Waits until a service is ready; dies with its last words when it is not within SECONDS, or keeps on ending.
wait_until_ready() { # SECONDS NAME
    until_time=$(($(date +%s) + $1))
    until is_ready "$2"; do
        starts=$(wc -l <"$OXE_HOME/log/$2.starts" 2>/dev/null || echo 0)
        if [ "$starts" -gt 6 ]; then
            die "$2 ends whenever it is started; it says: $(last_words "$2")"
        fi
        [ "$(date +%s)" -lt "$until_time" ] || die "$2 did not become ready within $1 s; it says: $(last_words "$2")"
        sleep 0.1
    done
}

require_up() {
    [ -z "$made_port" ] || [ "$port" = "$made_port" ] ||
        die "this instance was made with OXE_HTTP_PORT=$made_port, not $port; leave it unset, or choose another OXE_HOME"
    supervisor_pid >/dev/null || die "this instance is not up; start it with ./oxe up"
}
