# SPDX-License-Identifier: Apache-2.0
# What ./oxe backup and ./oxe restore share: the instance's settings for deploy/backup, and its scripts where the instance's user can
# read them. Sourced, not run.
backup_home=$OXE_HOME/backup

backup_script() { # NAME ARGUMENT …
    script=$1
    shift
    $run_as mkdir -p "$backup_home"
    put_folder "$OXE_ROOT/deploy/backup" "$backup_home/scripts"
    # Where it was once sent, the backups stay.
    [ -z "${OXE_BACKUP_REPOSITORY:-}" ] || printf '%s\n' "$OXE_BACKUP_REPOSITORY" | put "$backup_home/sent-to"
    sent_to=$(cat "$backup_home/sent-to" 2>/dev/null || echo "$backup_home/repository")
    [ -f "$backup_home/pass" ] || head -c 48 /dev/urandom | base64 -w 0 | put "$backup_home/pass" 600
    (cd / && $run_as env PATH="$pg_bin:$PATH" PGDATA="$OXE_HOME/postgres" PGHOST="$run" PGPORT="$pg_port" PGDATABASE=oxe PGUSER=oxe_backup \
        OXE_BACKUP_HOME="$backup_home" OXE_BACKUP_REPOSITORY="$sent_to" sh "$backup_home/scripts/$script" "$@")
}
