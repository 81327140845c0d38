#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The containers without an engine (TAP): the release compiles without a warning, tests too; the steps of deploy/Dockerfile run in a
# clean Debian root; the programs run there, and prepare makes a database ready whose passwords hold every awkward character.
# OXE_BUILD names the build folder; roots are made under /tmp.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
. "$root/tests/support/postgres.sh"
. "$root/tests/container/dockerfile.sh"
cd "$root" || exit 1
release=$build-release
work=$(mktemp -d /tmp/oxe-container-XXXXXX)
chmod 755 "$work"
postgres_directory=
trap '[ -z "$postgres_directory" ] || postgres_end; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

end() {
    echo "1..$number"
    [ "$failed" -eq 0 ]
    exit
}

# --- the release ---
[ -f "$release/build.ninja" ] || meson setup "$release" "$root" --buildtype=release >"$work/setup" 2>&1
if ninja -k0 -C "$release" all meson-test-prereq >"$work/release" 2>&1; then
    pass a_release_compiles_without_a_warning_tests_too
else
    fail a_release_compiles_without_a_warning_tests_too "$(grep -A6 'error' "$work/release")"
fi

# --- compose ---
check the_build_takes_nothing_but_what_is_listed "$(grep -v '^#' .dockerignore | head -n 1)" '*'
check every_folder_that_the_build_takes_exists \
    "$(sed -n 's/^!//p' .dockerignore | while read -r file; do [ -e "$file" ] || echo "$file"; done)" ''
if docker compose version >/dev/null 2>&1; then
    check compose_accepts_its_file "$(docker compose config -q 2>&1; echo $?)" 0
else
    skip compose_accepts_its_file 'there is no docker compose here'
fi
check each_image_is_built_once "$(grep -cE '^ *build:' docker-compose.yml)" 2
check no_password_stands_in_a_conninfo "$(grep -c 'password=' docker-compose.yml)" 0

# --- a clean root ---
mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list.d/*.sources \
    /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1)
if [ "$(id -u)" -ne 0 ] || ! debootstrap --variant=minbase bookworm "$work/base" "$mirror" >"$work/debootstrap" 2>&1; then
    skip the_steps_of_the_dockerfile_run_in_a_clean_root "needs root and a mirror of Debian: $(tail -n 1 "$work/debootstrap" 2>&1)"
    end
fi
# apt asks where this machine asks.
rm -f "$work/base/etc/apt/sources.list"
cp -a /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d "$work/base/etc/apt/" 2>/dev/null
cp -a /etc/resolv.conf /etc/hosts "$work/base/etc/" 2>/dev/null
# npm trusts whom this machine trusts.
export NODE_EXTRA_CA_CERTS=/usr/local/share/machine-trust.pem
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$work/base$NODE_EXTRA_CA_CERTS"
mkdir "$work/context"
# As an engine does: what is listed, less what is left out again.
sed '/^\(#\|!\|\*$\)/d' .dockerignore >"$work/excluded"
sed -n 's/^!//p' .dockerignore | tar -cf - --anchored --exclude-from="$work/excluded" -T - | tar -C "$work/context" -xf -
if said=$(dockerfile_run deploy/Dockerfile "$work/context" "$work"); then
    pass the_steps_of_the_dockerfile_run_in_a_clean_root
else
    fail the_steps_of_the_dockerfile_run_in_a_clean_root "$said"
    end
fi
inside() { # COMMAND …: in the image of the suite, as its user
    chroot --userspec=10001:10001 "$work/suite" env -i PATH=/usr/local/bin:/usr/bin:/bin "$@"
}
for program in "$work"/suite/usr/local/bin/oxe-* "$work/suite/usr/local/bin/oxectl"; do
    name=$(basename "$program")
    check "${name}_finds_its_libraries_in_the_image" "$(inside "$name" --help >/dev/null 2>"$work/errors"; echo $?; cat "$work/errors")" 0
done
check the_image_holds_the_screen "$(inside sh -c 'cd /usr/share/oxe/web && ls orders/index.html orders/index.html.csp' | wc -l)" 2
check the_image_holds_every_program "$(ls "$work/suite/usr/local/bin" | wc -l)" "$(ls -d services/*/ | wc -l)"

# --- places ---
# Two containers of a service at once: each is a program that tells its settings and stays until the fifo is closed.
mkdir "$work/suite/tmp/fake"
mkfifo "$work/suite/tmp/hold"
for service in oxe-gateway oxe-validator oxe-risk-manager oxe-executor oxe-audit-writer; do
    printf '#!/bin/sh\nenv | grep ^OXE_ >/tmp/$$.said\nmv /tmp/$$.said /tmp/said.$$\nexec cat /tmp/hold >/dev/null\n' \
        >"$work/suite/tmp/fake/$service"
    chmod 755 "$work/suite/tmp/fake/$service"
    for _ in 1 2; do
        chroot --userspec=10001:10001 "$work/suite" env -i PATH=/tmp/fake:/usr/bin:/bin sh /usr/share/oxe/entrypoint "$service" &
    done
    exec 6<>"$work/suite/tmp/hold"
    both() {
        [ "$(ls "$work"/suite/tmp/said.* 2>/dev/null | wc -l)" -eq 2 ]
    }
    until_true 10 both
    check "two_containers_of_${service}_take_two_places" \
        "$(cat "$work"/suite/tmp/said.* | sed -n 's/^OXE_INSTANCE=//p' | sort | tr '\n' ' ')" '1 2 '
    check "and_bind_what_they_bind_apart: $service" \
        "$(cat "$work"/suite/tmp/said.* | grep -E '_BIND=' | sort | uniq -d)" ''
    exec 6<&-
    wait
    rm -f "$work"/suite/tmp/said.*
done

# --- prepare ---
# A server by TCP whose owner and roles have passwords of every awkward character.
awkward='a/b@c#d e'"'"'f"g%h\i:j?k&l$m'
postgres_begin
port=$(free_port_base)
postgres_owner() {
    psql -X -q -v ON_ERROR_STOP=1 -d postgres "$@"
}
postgres_owner -c "ALTER SYSTEM SET listen_addresses = '127.0.0.1'" -c "ALTER SYSTEM SET port = $port"
postgres_owner -c 'CREATE ROLE oxe LOGIN SUPERUSER' -c 'CREATE DATABASE oxe OWNER oxe'
PASSWORD=$awkward postgres_owner <<'SQL'
\getenv password PASSWORD
ALTER ROLE oxe PASSWORD :'password';
SQL
echo 'host all all 127.0.0.1/32 scram-sha-256' >"$postgres_directory/data/pg_hba.conf"
postgres_as "$postgres_bin/pg_ctl" -D "$postgres_directory/data" -o "-k $postgres_directory -c listen_addresses=127.0.0.1 -c port=$port" \
    -l "$postgres_directory/log" -w -s restart >/dev/null
prepare() {
    chroot "$work/prepare" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin PGHOST=127.0.0.1 PGPORT=$port PGUSER=oxe PGDATABASE=oxe \
        PGPASSWORD="$awkward" OXE_ROLE_PASSWORD="r$awkward" OXE_AUDIT_ORIGIN=oxe.test/log sh /usr/share/oxe/prepare
}
if said=$(prepare 2>&1); then
    pass prepare_takes_passwords_of_any_character
else
    fail prepare_takes_passwords_of_any_character "$said"
fi
check prepare_is_harmless_when_repeated "$(prepare >/dev/null 2>"$work/errors"; echo $?; cat "$work/errors")" 0
# Three witnesses and their quorum: what the policy says fits the keys that they were given, and each starts with what it has.
check the_policy_asks_for_two_of_three_witnesses \
    "$(cut -d' ' -f1,2 "$work/prepare/keys/audit.policy" | grep -v '^log'; cmp "$work/prepare/keys/audit.policy" "$work/prepare/audit/policy")" \
    'witness w1
witness w2
witness w3
group witnesses
quorum witnesses'
for i in 1 2 3; do
    check "the_policy_names_the_key_of_witness_$i" \
        "$(chroot "$work/prepare" /usr/local/bin/oxectl audit verifier --witness "/witness-$i/key" "oxe.test/log/witness-$i")" \
        "$(awk -v name="w$i" '$2 == name {print $3}' "$work/prepare/keys/audit.policy")"
    check "witness_${i}_knows_the_log" "$(cat "$work/prepare/witness-$i/logs")" "$(awk '$1 == "log" {print $2}' "$work/prepare/keys/audit.policy")"
done
check a_role_logs_in_with_its_password \
    "$(inside env OXE_DATABASE="host=127.0.0.1 port=$port dbname=oxe user=oxe_operations" PGPASSWORD="r$awkward" oxectl lanes 2>&1 | head -c 4)" LANE
check a_wrong_password_is_refused_with_a_reason \
    "$(inside env OXE_DATABASE="host=127.0.0.1 port=$port dbname=oxe user=oxe_operations" PGPASSWORD=wrong oxectl lanes 2>&1 | grep -c 'password authentication failed')" 1
end
