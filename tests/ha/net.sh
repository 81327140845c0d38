# SPDX-License-Identifier: Apache-2.0
# Hosts in namespaces: each has a network, processes and a supervisor of its own. Sourced.
#
# start_net makes $work, the switch that all hosts hang on, and a guard that ends every process and namespace of this run whatever ends
# the test, kill -9 too; end_net waits for that. Names of namespaces begin with $net, which is this run's alone.

start_net() {
    work=$(mktemp -d /tmp/oxe-ha-XXXXXX)
    chmod 711 "$work"
    net=oxe-ha-$$
    mkfifo "$work/guard"
    setsid sh "$root/tests/ha/guard.sh" "$work" "$net" </dev/null >"$work/guard.log" 2>&1 &
    guard=$!
    # The guard reads until nobody holds the other end: this shell alone does, and gives it to no child.
    exec 9>"$work/guard"
    ip netns add "$net-lan"
    ip -n "$net-lan" link add main type bridge
    ip -n "$net-lan" link add apart type bridge
    ip -n "$net-lan" link set main up
    ip -n "$net-lan" link set apart up
}

end_net() {
    exec 9>&-
    wait "$guard" || true
}

# make_host NAME ADDRESS: a namespace on the switch, and a folder for its data, logs and services.
make_host() {
    ip netns add "$net-$1"
    ip -n "$net-$1" link set lo up
    plug_host "$1" "$2"
}

# Its link and its folder, new.
plug_host() { # NAME ADDRESS
    ip link add "$1" netns "$net-lan" type veth peer name eth0 netns "$net-$1"
    ip -n "$net-lan" link set "$1" master main
    ip -n "$net-lan" link set "$1" up
    ip -n "$net-$1" address add "$2/24" dev eth0
    ip -n "$net-$1" link set eth0 up
    mkdir -p "$work/$1/service" "$work/$1/log" "$work/$1/data"
    chown -R oxe:oxe "$work/$1"
    chmod 700 "$work/$1/data"
}

# service HOST NAME, and the run script's body on standard input, run as oxe in the host's data folder.
service() {
    folder=$work/$1/service/$2
    mkdir -p "$folder"
    {
        printf '#!/bin/sh\nexec >>"%s/log/%s" 2>&1\ncd "%s/data"\n' "$work/$1" "$2" "$work/$1"
        cat
    } >"$folder/run"
    chown -R oxe:oxe "$folder"
    chmod 700 "$folder/run"
}

# Its processes are alone in a PID namespace whose first one is their supervisor, so that a host can die at once.
start_host() { # NAME
    setsid ip netns exec "$net-$1" unshare --pid --fork --mount-proc --kill-child \
        setpriv --reuid=oxe --regid=oxe --clear-groups --no-new-privs env HOME="$work/$1/data" \
        runsvdir -P "$work/$1/service" </dev/null >"$work/$1/log/supervisor" 2>&1 9>&- &
    echo $! >"$work/$1/pid"
}

# Every process of the host at once, by kill -9, and its link: nobody hears of it any more, not even a FIN.
kill_host() { # NAME
    ip -n "$net-lan" link delete "$1"
    kill -KILL "$(cat "$work/$1/pid")"
    rm "$work/$1/pid"
}

# apart HOST …: these see each other and nobody else; whatever they send to the rest vanishes. together HOST …: the other way.
apart() {
    for cut in "$@"; do ip -n "$net-lan" link set "$cut" master apart; done
}

together() {
    for cut in "$@"; do ip -n "$net-lan" link set "$cut" master main; done
}

# on HOST COMMAND …: in the host's network, as oxe.
on() {
    there=$1
    shift
    ip netns exec "$net-$there" setpriv --reuid=oxe --regid=oxe --clear-groups env HOME="$work/$there/data" "$@" 9>&-
}
