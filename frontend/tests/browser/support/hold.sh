#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hold.sh: what with-instance.sh runs for the browser's tests. Tells where the instance is, and holds it until descriptor 3 says how the
# tests ended, or is closed by the end of whoever holds the other side.
printf 'OXE_HOME=%s\nOXE_URL=%s\nOXE_BUILD=%s\nready\n' "$OXE_HOME" "$OXE_URL" "$OXE_BUILD"
read -r status <&3 || status=1
exit "$status"
