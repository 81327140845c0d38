#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pages of docs/operation that are made of tables are those of today's code, and nothing in them lacks a meaning (TAP).
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
here=$root/tests/docs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check every_log_event_metric_and_setting_has_a_meaning "$("$here/operation.sh" --faults 2>&1)" ''
"$here/operation.sh" "$work"
for page in settings metrics log-events; do
    check "docs/operation/$page.md is as tests/docs/operation.sh writes it" "$(diff "$root/docs/operation/$page.md" "$work/$page.md" 2>&1)" ''
done
echo "1..$number"
[ "$failed" -eq 0 ]
