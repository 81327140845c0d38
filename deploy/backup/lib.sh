# SPDX-License-Identifier: Apache-2.0
# What backup and restore share: the settings, and pgBackRest's configuration made from them. Sourced, not run.
#
# Settings, from the environment:
#
#   PGDATA                   the cluster's folder
#   PGHOST, PGPORT           the folder of its socket, and its port (/var/run/postgresql, 5432)
#   PGDATABASE, PGUSER       the database, and the role that makes backups (oxe, oxe_backup)
#   OXE_BACKUP_HOME          pgbackrest.conf, restore.conf, locks and logs (/var/lib/oxe-backup)
#   OXE_BACKUP_REPOSITORY    where backups and WAL go (repository in OXE_BACKUP_HOME): another disk, another machine's best
#   OXE_BACKUP_PASS_FILE     what they are encrypted by: one line, as from `openssl rand -base64 48` (pass in OXE_BACKUP_HOME)
#   OXE_BACKUP_KEEP_DAYS     every moment of so many days can be restored (30); what is older goes
#   OXE_BACKUP_OPTIONS_FILE  further lines for pgBackRest's [global]: object storage, a second repository (none)
#
# All of it runs as the user who owns the cluster's folder, on its host.

say() {
    printf '%s\n' "backup: $*"
}

die() {
    say "$*" >&2
    exit 1
}

usage_error() {
    echo "backup: $* ('$0 --help' tells more)" >&2
    exit 64
}

# The manual of a command is the comment at the head of its script, and the settings above.
explain() {
    sed '/^# SPDX-/d' "$0" | sed -n '2,/^[^#]/ s/^# \{0,1\}//p'
    sed -n '/^# Settings/,/^# All/ s/^# \{0,1\}//p' "$backup_folder/lib.sh"
}

PGDATA=${PGDATA:-/var/lib/postgresql/data}
PGHOST=${PGHOST:-/var/run/postgresql} PGPORT=${PGPORT:-5432} PGDATABASE=${PGDATABASE:-oxe} PGUSER=${PGUSER:-oxe_backup}
export PGHOST PGPORT PGDATABASE PGUSER
home=${OXE_BACKUP_HOME:-/var/lib/oxe-backup}
repository=${OXE_BACKUP_REPOSITORY:-$home/repository}
pass_file=${OXE_BACKUP_PASS_FILE:-$home/pass}
keep_days=${OXE_BACKUP_KEEP_DAYS:-30}
config=$home/pgbackrest.conf

# pgBackRest reads the pass from its configuration alone, because PostgreSQL calls it for each segment of the WAL: so the file is for its owner's eyes.
write_config() {
    case $keep_days in
        '' | *[!0-9]* | 0*) die "OXE_BACKUP_KEEP_DAYS is no number of days: $keep_days" ;;
    esac
    pass=$(head -n 1 "$pass_file") || die "the pass of the encryption cannot be read"
    [ ${#pass} -ge 32 ] || die "the pass in $pass_file has fewer than 32 characters"
    options=
    [ -z "${OXE_BACKUP_OPTIONS_FILE:-}" ] || options=$(cat "$OXE_BACKUP_OPTIONS_FILE") || die "the options cannot be read"
    mkdir -p "$home/log" "$home/lock" "$home/spool" || die "cannot write in $home"
    (
        umask 077
        cat >"$config.new" <<END
[global]
repo1-path=$repository
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=$pass
repo1-bundle=y
repo1-retention-full-type=time
repo1-retention-full=$keep_days
compress-type=lz4
start-fast=y
log-path=$home/log
lock-path=$home/lock
spool-path=$home/spool
log-level-console=warn
log-level-file=info
$options

[oxe]
pg1-path=$PGDATA
pg1-socket-path=$PGHOST
pg1-port=$PGPORT
pg1-database=$PGDATABASE
pg1-user=$PGUSER
END
    ) && mv "$config.new" "$config" || die "cannot write $config"
}

backrest() { # COMMAND OPTION …
    pgbackrest --config="$config" --stanza=oxe "$@"
}

ask() { # SQL
    psql -XqAt -v ON_ERROR_STOP=1 -c "$1"
}
