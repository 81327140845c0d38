# SPDX-License-Identifier: Apache-2.0
# Which ports are taken, from the kernel's tables. Sourced, not run.

# Whether anything listens on the port (state 0A).
listens() {
    grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6
}

# Whether nobody listens on the 41 ports from $1 on.
ports_are_free() {
    listening=" $(awk '$4 == "0A" {sub(/.*:/, "", $2); printf "%s ", $2}' /proc/net/tcp /proc/net/tcp6 2>/dev/null) "
    offset=0
    while [ "$offset" -le 40 ]; do
        case $listening in
            *" $(printf %04X $(($1 + offset))) "*) return 1 ;;
        esac
        offset=$((offset + 1))
    done
}

# A base for an instance's ports, below those that the system gives to clients, above those of a test's servers
# (tests/support/port.h). Nobody else is given it for two minutes, by when its servers listen.
free_port_base() {
    find /tmp -maxdepth 1 -name 'oxe-port-*' -mmin +2 -delete 2>/dev/null
    while :; do
        candidate=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 240 * 50))
        if ports_are_free "$candidate" && ln -s "$$" "/tmp/oxe-port-$candidate" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}
