#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# House rules as a test (TAP): layout, file length, dependencies between folders, names, and what does not belong into C. The
# exceptions of a rule stand beside it, with their reasons.
set -u
cd "$(dirname "$0")/../.." || exit 1
number=0
check() { # FACT OFFENDERS: one a line; none is a pass
    number=$((number + 1))
    if [ -z "$2" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf '%s\n' "$2" | sed 's/^/# /' | head -n 40
    fi
}
sources() {
    find common proto services tests \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) | sort
}

screen_sources() {
    find frontend \( -name node_modules -o -name .next -o -name out -o -name generated -o -name next-env.d.ts \) -prune -o \( -name '*.ts' -o -name '*.tsx' \
        -o -name '*.mjs' -o -name '*.css' \) -print | sort
}

check clang_format_decides_layout \
    "$(sources | xargs clang-format --dry-run 2>&1 | grep 'warning:' | cut -d: -f1 | sort -u)"
# Comments are wrapped by hand: clang-format leaves words alone on their lines.
check clang_format_leaves_comments_alone "$(grep -qx 'ReflowComments: false' .clang-format || echo .clang-format)"
check no_comment_is_wider_than_the_layout "$(sources | xargs perl -CSD -ne 'print "$ARGV:$.\n" if length > 111 && m{^\s*(?:/?\*|//)}; close ARGV if eof')"
# Tables, code and what cannot be broken apart.
check documents_are_wrapped_at_100_columns "$(find docs README.md CONTRIBUTING.md CHANGELOG.md proto/README.md frontend/README.md -name '*.md' | sort |
    xargs perl -CSD -ne '$code = !$code if /^\s*```/; $made = 1 if /<!-- begin: /; chomp;
        print "$ARGV:$.\n" if length > 100 && !$code && !$made && !/^\s*(?:\||!\[|#|- (?:`|index|trigger|policy)|\S+$)/; if (eof) { close ARGV; $code = $made = 0 }')"
check no_source_file_is_longer_than_700_lines "$({ sources; screen_sources; } | tr '\n' '\0' | xargs -0 wc -l | awk '$2 != "total" && $1 > 700 {print $2, $1}')"
# 'Long: …' in the comment at its head.
check a_file_over_500_lines_says_why "$(sources | xargs wc -l | awk '$2 != "total" && $1 > 500 {print $2}' | while read -r file; do
    head -n 25 "$file" | grep -q '\bLong: ' || echo "$file"
done)"
check common_and_proto_know_no_service "$(grep -rn '#include "services/' common proto --include='*.[ch]')"
check common_knows_no_message "$(grep -rn '#include "proto/' common --include='*.[ch]')"
check services_never_include_each_other "$(for folder in services/*/; do
    grep -rnE '#include "services/' "$folder" --include='*.[ch]' --include='*.cc' | grep -v "#include \"$folder"
done)"
# The rooms of a service, and who may include whom: tests/style/rooms.
check rooms_include_what_they_may_and_in_no_ring "$(find services -name '*.[ch]' -o -name '*.cc' | sort | xargs perl tests/style/rooms.pl tests/style/rooms)"
check only_proto_includes_msgpack "$(grep -rlE '#include <msgpack' --include='*.[ch]' common services tests)"
check nothing_is_left_to_do "$({
    grep -rnwE 'TODO|FIXME|XXX' --include='*.[ch]' --include='*.cc' --include='*.sql' --include='*.sh' common proto services migrations \
        tests deploy | grep -v '^tests/style/'
    screen_sources | tr '\n' '\0' | xargs -0 grep -nwE 'TODO|FIXME|XXX'
})"
# A setting that several services read stands in common/ or proto/, and each table includes it from there.
check a_variable_is_declared_in_one_place "$(find common proto services -name '*.[ch]' | sort |
    xargs perl -0777 -ne 'print "$1 $ARGV\n" while /\{\s*"([A-Z][A-Z0-9_]*)"\s*,[\s\\]*CONFIG_/g' |
    awk '{ places[$1] = places[$1] " " $2; count[$1]++ } END { for (v in count) if (count[v] > 1) print v places[v] }')"
# Who is woken reads what it is, why, and what to do next: LOG_ALARM in common/log.h.
check every_error_in_a_log_is_an_alarm "$(find common services -name '*.c' | sort |
    xargs perl -0777 -ne 'print "$ARGV: $1\n" while /\bLOG\(([^;]*?\bLOG_ERROR\b[^;]*?);/g')"
# What only tests call is no part of the suite. The reasons for those that stay: the tests speak to the gateway with oxectl's
# WebSocket client, which itself only listens; merkle_root is what the frontier that audit-writer keeps is for, and how it is checked;
# order_command_kind_parse and others come with order_command_kind_text …, by one macro.
check every_declared_function_is_used_by_the_suite "$(find common proto services \( -name '*.[ch]' -o -name '*.cc' -o -name '*.def' \) | sort |
    xargs perl tests/style/dead.pl | grep -vwE 'ws_client_(fd|protocol|send)|merkle_root|(order_command_kind|order_type|side|time_in_force)_parse')"
# The parser has the name by which libh2o calls it (docs/decisions/0017); oxectl.h has the words of every command; message_type_text is
# made of messages.def, fault_json_render of a fault's schema.
prefix_exceptions='phr_parse_request query_append table_print complain setting usage_error order_print order_show order_wait
    message_type_text fault_json_render'
check an_external_symbol_begins_with_its_file_or_a_type "$(find common proto services -name '*.[ch]' | sort | xargs perl tests/style/prefix.pl |
    grep -vwE "$(echo $prefix_exceptions | tr ' ' '|')")"
# tests/style/sleeps says why each pause is there.
check nobody_sleeps_without_a_reason "$({
    sources
    find tests -name '*.sh' -o -name '*.py'
    find deploy oxe -type f -not -name '*.json'
} | sort | xargs perl tests/style/sleeps.pl tests/style/sleeps)"
# Statements stand in sql/. Two are no statements of a service: what a session begins with, and the question for the server's clock, which
# all services ask alike.
check c_holds_no_sql "$(grep -rnE '"[[:space:]]*(SELECT [^"]|INSERT INTO|UPDATE [a-z]|DELETE FROM|WITH [a-z]|SET [a-z]|LOCK )' common proto services --include='*.[ch]' \
    --include='*.cc' | grep -vE '^(common/clock_offset\.c|services/gateway/io/db_pool\.c):')"
# A word of an enum is parsed once, by the enum's own parser, and compared as a number. The exchange's words in eod.c are its own.
check words_of_enums_are_not_compared_as_text "$(grep -rnE "strn?(case)?cmp\([^;]*\"($(sed -n 's/^ *X([A-Z_]*, \([A-Z_]*\), [0-9]*).*/\1/p' proto/order.h | sort -u |
    paste -sd'|'))\"" common proto services --include='*.[ch]' --include='*.cc' | grep -v '^services/oxectl/eod\.c:')"
# Tags and values of FIX have names in proto/fix_tag.h.
check fix_speaks_of_tags_and_values_by_name "$(grep -nE "tag [!=]= [0-9]|case ([0-9]+|'[0-9A-Za-z]'):|(get|set)Field\([0-9]|put\([^;]*, ([0-9]|'[0-9A-Z])|(type|code\([^)]*\)) [!=]= '[0-9A-Z]|type, \"" \
    services/executor/fix/*.[ch] services/executor/fix/*.cc)"
# Everything that can hold a comment says its licence, but for SQL: a deployed migration is never edited, and the other statements are
# sent as they are.
check every_file_names_its_licence "$({
    sources
    screen_sources
    find proto services tests docs deploy frontend/scripts oxe meson.build \( -name '*.def' -o -name '*.go' -o -name '*.py' -o -name '*.jq' \
        -o -name '*.pl' -o -name '*.sh' -o -name meson.build -o -name oxe -o -path 'deploy/local/*' -o -path 'deploy/container/*' \) -type f \
        -not -name '*.sql' -not -name '*.csv' -not -name '*.conf' -not -path '*/corpus/*'
} | tr '\n' '\0' | xargs -0 grep -L 'SPDX-License-Identifier: Apache-2.0')"
echo "1..$number"
