#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The front door when it is not used as hoped: twice at once, interrupted, with ports of others, with services stopped by hand, by
# strangers, with wrong arguments (TAP). OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/tap.sh"

home() {
    oxe "$work/home" "$port" "$@"
}

start_work
mkdir "$work/home"
port=$(free_port_base)

# --- words ---
for command in $("$root/oxe" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'); do
    said=$(oxe "$work/none" "$port" "$command" --help 2>"$work/errors" </dev/null)
    check "${command}_explains_itself_on_standard_output" "$? $(printf '%s' "$said" | head -c 6) $(wc -c <"$work/errors")" '0 Usage: 0'
done
for call in 'up --nodemo' 'up foo' 'down --wipe now' 'test nothing' 'bench --seconds' 'bench --seconds x' 'status --jason' \
    'status --json now' 'logs --level' 'logs --colour red' 'traders --count' 'traders --count x --tokens f' 'scale executor=0' \
    'scale gateway=2' 'scale executor=2 now' 'backup all' 'restore now' 'restore --time' 'new-log now' 'completion now' 'man now' 'fly'; do
    said=$(oxe "$work/none" "$port" $call 2>&1 >/dev/null </dev/null)
    status=$?
    check "wrong_usage_ends_with_64_and_one_line: $call" "$status $(printf '%s\n' "$said" | wc -l)" '64 1'
done
check 'a_home_that_does_not_exist_is_not_made' \
    "$(for call in status 'status --json' down logs psql check 'ctl list' 'token alice'; do
        oxe "$work/none" "$port" $call >/dev/null 2>&1 </dev/null && echo "$call succeeds"
    done; ls -d "$work/none" 2>/dev/null)" ''
PATH=$build/services/oxectl:$PATH bash -c "eval \"\$('$root/oxe' completion)\"
    COMP_WORDS=('$root/oxe' sta) COMP_CWORD=1; _oxe '$root/oxe' sta; echo \"\${COMPREPLY[*]}\"
    COMP_WORDS=('$root/oxe' down --) COMP_CWORD=2; _oxe '$root/oxe' --; echo \"\${COMPREPLY[*]}\"
    for words in 'fla' 'sim fault ' 'jwt ' 'submit AAPL --ta' 'token --r'; do
        set -- oxectl \$words
        case \$words in *' ') set -- \"\$@\" '' ;; esac
        COMP_WORDS=(\"\$@\") COMP_CWORD=\$((\$# - 1)); _oxe oxectl \"\${!#}\"; echo \"\${COMPREPLY[*]}\"
    done" >"$work/completed" 2>&1
check completion_knows_commands_and_their_options "$(cat "$work/completed")" 'status
--wipe
flag
list clear help
verify
--take-profit
--role'
check the_manual_has_every_command "$("$root/oxe" man | grep -c '^\.SS')" \
    "$(find "$root/deploy/local" -type f ! -name '*.*' | wc -l)"

# --- ports of others ---
held=$((port + 12))
python3 -c "
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('127.0.0.1', $held)); s.listen()
print('listening', flush=True)
sys.stdin.read()" <"$work/guard" >"$work/listener" 2>&1 9>&- &
listener=$!
until_true 10 grep -q listening "$work/listener"
said=$(home up --no-demo --no-screen 2>&1 </dev/null)
check a_port_of_others_is_refused_before_anything_is_done \
    "$? $(printf '%s\n' "$said" | grep -c "port $held (risk-manager) is in use.*OXE_HTTP_PORT") $(ls "$work/home")" '1 1 oxe.holder'
kill "$listener" 2>/dev/null
wait "$listener" 2>/dev/null

# --- interrupted, and repeated at once ---
# Ctrl-C when the line `$1` has come and some time has passed: the whole group of processes is told, as a terminal does.
interrupt_up() { # LINE SECONDS
    OXE_HOME=$work/home OXE_HTTP_PORT=$port OXE_BUILD=$build env --default-signal=INT setsid -w \
        sh -c 'echo $$ >"$1/interrupted.pid"; exec "$2/oxe" up --no-demo --no-screen' sh "$work" "$root" >"$work/interrupted" 2>&1 </dev/null 9>&- &
    interrupted=$!
    until_true 60 grep -q "$1" "$work/interrupted"
    sleep "$2" # the moment of the stroke, not a wait
    kill -INT "-$(cat "$work/interrupted.pid")"
    wait "$interrupted" 2>/dev/null
}
for moment in 'creating the database:0.3' 'migrating:0' 'migrating:0.2' 'migrating:0.5' 'migrating:1' 'waiting for every:0.1'; do
    interrupt_up "${moment%:*}" "${moment#*:}"
    said=$(home up --no-demo --no-screen 2>&1 </dev/null)
    status=$?
    if [ "$status" -eq 0 ]; then
        pass "up_succeeds_after_an_interruption_at: $moment"
    else
        fail "up_succeeds_after_an_interruption_at: $moment" "$(cat "$work/interrupted")
$said"
    fi
    home down --wipe >/dev/null 2>&1 </dev/null
    mkdir -p "$work/home"
done
home up --no-demo --no-screen >"$work/one" 2>&1 </dev/null 9>&- &
one=$!
home up --no-demo --no-screen >"$work/two" 2>&1 </dev/null 9>&-
two=$?
wait "$one"
check two_ups_at_once_both_succeed "$? $two" '0 0'
check the_one_that_waits_says_for_what "$(cat "$work/one" "$work/two" | grep -cE "waiting: (./oxe up .pid [0-9]+.|another command) works on $work/home")" 1

# --- while it runs ---
# As var/ is, of a checkout that the user oxe cannot reach: the link is whoever made it.
ln -s "$work/home" "$work/link"
said=$(oxe "$work/link" "$port" status 2>&1 </dev/null)
check a_link_to_the_home_is_the_home "$? $(printf '%s\n' "$said" | grep -c '^gateway  *[0-9]')" '0 1'
said=$(oxe "$work/home" $((port + 30)) up --no-demo --no-screen 2>&1 </dev/null)
check another_port_for_a_running_instance_is_refused \
    "$? $(printf '%s\n' "$said" | grep -c "runs on port $port") $(cat "$work/home/port")" "1 1 $port"
check the_configuration_of_every_service_is_valid "$(home check 2>&1 </dev/null | grep -vc ' ok$')" 0
starts=$(cat "$work"/home/log/*.starts | wc -l)
home check >/dev/null 2>&1 </dev/null
check check_starts_nothing "$(cat "$work"/home/log/*.starts | wc -l)" "$starts"
check check_names_services_it_does_not_know "$(home check nobody >/dev/null 2>&1 </dev/null; echo $?)" 64
for store in postgres redis; do
    SVDIR=$work/home/service sv -w 20 down "$work/home/service/$store" >/dev/null
done
if home up --no-demo --no-screen >"$work/up" 2>&1 </dev/null; then
    pass up_starts_postgres_and_redis_that_somebody_has_stopped
else
    fail up_starts_postgres_and_redis_that_somebody_has_stopped "$(cat "$work/up")"
fi
home ctl flag false >/dev/null 2>&1 </dev/null
refuses() {
    ! home ctl submit AAPL BUY 1 MARKET
}
until_true 5 refuses
check a_refusal_is_said_once "$(home ctl submit AAPL BUY 1 MARKET 2>&1 </dev/null | sed 's/;.*//')" \
    'oxectl: FEATURE_DISABLED (403): Order execution is not enabled for this account'
said=$(home up 2>&1 </dev/null)
check a_demo_order_that_is_refused_is_a_warning \
    "$? $(printf '%s\n' "$said" | grep -c FEATURE_DISABLED) $(printf '%s\n' "$said" | grep -c 'warning: the demo order')" '0 1 1'

# --- oxectl ---
home ctl flag true >/dev/null 2>&1 </dev/null
order=
takes() {
    order=$(home ctl submit --wait --json AAPL BUY 1 MARKET | jq -r .id)
    [ -n "$order" ]
}
until_true 10 takes
home ctl submit --wait AAPL BUY 1 LIMIT --price "$(home ctl sim price AAPL | jq '.price * 0.98 | floor')" >"$work/waiting" 2>&1 </dev/null 9>&- &
waiting=$!
until_true 10 grep -q '^order ' "$work/waiting"
resting=$(awk '{print $2}' "$work/waiting")
check the_id_of_an_order_is_there_before_it_is_done \
    "$(home ctl cancel --wait "$resting" 2>&1 </dev/null | grep -E '^(order|status)')" "order    $resting
status   CANCELLED (DONE)"
wait "$waiting"
check who_waited_is_told_the_rest "$? $(grep -c '^order' "$work/waiting") $(tail -n +2 "$work/waiting" | grep -c '^status   CANCELLED')" '0 1 1'
check a_negative_quantity_is_explained_by_the_server "$(home ctl submit AAPL BUY -5 MARKET 2>&1 </dev/null | grep -c ' /quantity NOT_POSITIVE')" 1
for call in list halts 'audit search --limit 1'; do
    check "a_token_of_the_right_role_is_made_for: $call" "$(home ctl $call 2>/dev/null </dev/null | sed 1q | cut -d' ' -f1)" \
        "$(case $call in list) echo ID ;; halts) echo HALT ;; *) echo SEQ ;; esac)"
done
home psql -q -c "INSERT INTO oxe.put_aside (service, kind, detail, quantity, price) VALUES ('a test', 'UNKNOWN_ORDER', 'nothing', 10, 150.50)" >/dev/null
for call in 'flag --history' 'limits --history alice' lanes 'lanes --json' 'list --json' account 'audit search --limit 5' aside 'aside --json'; do
    said=$(home ctl $call 2>&1 </dev/null)
    [ "${call%% *}" != aside ] || said=$(printf '%s' "$said" | grep 'a test' || echo 'it is not there: .0')
    check "times_and_numbers_look_alike_in: $call" "$(printf '%s\n' "$said" | grep -cE '\+00|[0-9] [0-9:]+|\.[0-9]*0( |,|"|$)|\b(on|off)\b')" 0
done
home psql -q -c "DELETE FROM oxe.put_aside WHERE service = 'a test'" >/dev/null

# --- logs ---
check logs_are_lines_for_people "$(home logs gateway 2>&1 </dev/null | grep -cE '^20[0-9-]+T[0-9:.]+Z info    gateway[^ ]* service_started ')" 1
check logs_of_one_order_name_it_alone \
    "$(home logs --order "$order" </dev/null | grep -vc "$order") $(home logs --order "$order" executor </dev/null | awk '/ order_step /' | sort -u | awk 'END {print (NR >= 2)}')" '0 1'
check logs_from_a_level_on_leave_out_what_is_below "$(home logs --level warning </dev/null | grep -c ' info ')" 0
check logs_for_machines_are_json "$(home logs --json --order "$order" executor </dev/null | jq -r .order_id | sort -u)" "$order"

# --- what cannot start says why ---
printf '#!/bin/sh\nexec 2>&1\necho >>"%s/log/validator.starts"\necho "the disk is on fire" >&2\nexit 1\n' "$work/home" >"$work/run"
cp "$work/home/service/validator/run" "$work/run.good"
cat "$work/run" >"$work/home/service/validator/run"
SVDIR=$work/home/service sv -w 20 restart "$work/home/service/validator" >/dev/null
wait_status=0
said=$(OXE_ROOT=$root OXE_BUILD=$build OXE_HOME=$work/home sh -c '. "$OXE_ROOT/deploy/local/instance.sh"; wait_until_ready 60 validator' 2>&1) ||
    wait_status=$?
check a_service_that_does_not_start_is_quoted "$wait_status $(printf '%s\n' "$said" | grep -c 'validator.*the disk is on fire')" '1 1'
cat "$work/run.good" >"$work/home/service/validator/run"

# --- strangers ---
if [ "$(id -u)" -eq 0 ]; then
    chmod 711 "$work"
    check a_stranger_is_told_whose_instance_it_is \
        "$(setpriv --reuid=nobody --regid=nogroup --clear-groups env OXE_HOME="$work/home" "$root/oxe" status 2>&1 </dev/null |
            grep -c "^oxe: OXE_HOME=$work/home belongs to oxe; call ./oxe as oxe or as root")" 1
else
    skip a_stranger_is_told_whose_instance_it_is 'only root can be somebody else'
fi
finish "$work/home" front_door_care
