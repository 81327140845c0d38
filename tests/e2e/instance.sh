# SPDX-License-Identifier: Apache-2.0
# One instance for a whole test: `instance ARGUMENT …` is ./oxe on it, `sql ARGUMENT …` psql. Sourced after lib.sh and tap.sh.
instance() {
    oxe "$home" "$port" "$@"
}

sql() {
    instance psql -XqAt -v ON_ERROR_STOP=1 "$@" </dev/null
}

# begin TEST [OPTION …]: makes $work, $home and $port, and starts the instance (./oxe up OPTION …). Without it there is no test.
begin() {
    test_name=$1
    shift
    start_work
    home=$work/home
    mkdir "$home"
    port=$(free_port_base)
    if ! output=$(instance up --no-screen "$@" 2>&1 </dev/null); then
        fail up_succeeds "$output"
        finish "$home" "$test_name"
    fi
}
