#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Job's work: migrations, then each role's password from the file of its name beside PGSERVICEFILE. The service `owner` there
# says where the database is and who may change it.
set -eu
cd /usr/share/oxe/migrations
HOME=/tmp SQITCH_FULLNAME=oxe SQITCH_EMAIL=oxe@localhost sqitch deploy --verify "db:pg:?service=$PGSERVICE"
for file in "${PGSERVICEFILE%/*}"/oxe_*; do
    ROLE_PASSWORD=$(cat "$file")
    export ROLE_PASSWORD
    psql -X -q -v ON_ERROR_STOP=1 -v role="${file##*/}" <<'SQL'
\getenv password ROLE_PASSWORD
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
