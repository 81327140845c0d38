# SPDX-License-Identifier: Apache-2.0
# guard.sh WORK NET: waits until nobody holds WORK/guard open any more, then ends whatever runs in the namespaces NET-…, and removes them
# and WORK. See net.sh.
set -u
work=$1 net=$2
trap '' HUP INT TERM
cat "$work/guard" >/dev/null

for pid in "$work"/*/pid; do
    [ ! -f "$pid" ] || kill -KILL "$(cat "$pid")"
done
for namespace in $(ip netns list | awk -v net="$net-" 'index($1, net) == 1 {print $1}'); do
    ip netns pids "$namespace" | while read -r pid; do kill -KILL "$pid" 2>/dev/null; done
    ip netns delete "$namespace"
done
sleep 0.2
rm -rf "$work"
