#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Job's work. Fails, and is tried again, until the tables are there.
set -eu
share=/usr/share/oxe
psql -X -q -v ON_ERROR_STOP=1 -f "$share/reference.sql" <"$share/instruments.csv"
psql -X -q -v ON_ERROR_STOP=1 -f "$share/demo-traders.sql"
