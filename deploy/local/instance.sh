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
    if [ ! -e "$OXE_HOME" ] && ! $run_as test -x "$OXE_ROOT"; then
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
mkdir -p "$OXE_HOME"
OXE_HOME=$(CDPATH='' cd -- "$OXE_HOME" && pwd -P)
if [ -n "$run_as" ] && [ "$(stat -c %U "$OXE_HOME")" != "$user" ]; then
    [ -z "$(ls -A "$OXE_HOME")" ] || die "OXE_HOME=$OXE_HOME belongs to $(stat -c %U "$OXE_HOME"), not to $user, and is not empty"
    chown "$user" "$OXE_HOME"
fi
chmod 700 "$OXE_HOME"
$run_as test -x "$OXE_HOME" || die "user $user cannot reach OXE_HOME=$OXE_HOME: choose another folder"
# A Unix socket's path holds 107 bytes; the longest name we add is 24.
[ ${#OXE_HOME} -le 80 ] || die "OXE_HOME is ${#OXE_HOME} characters long, 80 are possible (sockets live there): $OXE_HOME"

if [ -n "${OXE_HTTP_PORT:-}" ]; then
    port=$OXE_HTTP_PORT
elif [ -f "$OXE_HOME/port" ]; then
    port=$(cat "$OXE_HOME/port")
else
    port=8080
fi
case $port in
    '' | *[!0-9]*) die "OXE_HTTP_PORT is not a number: $port" ;;
esac
[ "$port" -ge 1024 ] && [ "$port" -le 65000 ] || die "OXE_HTTP_PORT must be 1024 to 65000: $port"

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
        executor-*) echo $((port + 20 + ${1#executor-})) ;;
    esac
}

is_ready() {
    case $1 in
        postgres) "$pg_bin/pg_isready" -q -h "$run" -p "$pg_port" -U "$user" -d postgres ;;
        redis) [ "$(redis-cli -s "$run/redis.sock" ping 2>/dev/null)" = PONG ] ;;
        *) curl -fsS -o /dev/null --max-time 2 "http://127.0.0.1:$(probe_port "$1")/readyz" 2>/dev/null ;;
    esac
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

require_up() {
    supervisor_pid >/dev/null || die "this instance is not up; start it with ./oxe up"
}
