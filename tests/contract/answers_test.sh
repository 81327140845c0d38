#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# answers_test.sh RESPONSES GENERATED (through with-instance.sh, TAP): runs both programs against the instance and judges every answer
# that they record by docs/openapi.yaml: nothing is missing, nothing undocumented, each as its schema says.
set -eu
. "$(dirname -- "$0")/tools.sh"
. "$root/tests/e2e/tap.sh"
answers=${OXE_BUILD:-$root/build}/meson-logs/contract
rm -rf "$answers"
mkdir -p "$answers"
yaml_to_json "$root/docs/openapi.yaml" >"$answers/openapi.json"
sed -n 's/^REJECT([0-9]*, *\([A-Z_]*\), *\([0-9]*\),.*/"\1": \2/p' "$root/proto/reject.def" | paste -sd, | sed 's/.*/{&}/' >"$answers/codes.json"

# FACT FILE FUNCTION: the function of answers.jq finds nothing in the answers.
expect_none() {
    found=$(judge "$2" "$3" -r) || found="jq failed: $found"
    check "$1" "$found" ''
}

judge() { # FILE FUNCTION [OPTION …]
    file=$1 function=$2
    shift 2
    jq "$@" -s --slurpfile contract "$answers/openapi.json" --slurpfile codes "$answers/codes.json" \
        "$(cat "$root/tests/contract/answers.jq") $function" "$file" 2>&1
}

validate() { # FILE FORMAT: what the validator says of each answer that its schema does not allow
    judge "$1" bodies >"$answers/bodies.json"
    jsonschema -i "$answers/bodies.json" --error-format "$2
" "$answers/schema.json" 2>&1
}

expect_valid() { # FACT FILE
    if found=$(validate "$2" "{error.json_path}: {error.message}"); then
        pass "$1"
    else
        fail "$1" "$(printf '%s\n' "$found" | cut -c -300)"
    fi
}

# PROGRAM NAME: each of its cases is a fact; its answers go to a file of that name.
run() {
    status=0
    OXE_CONTRACT_ANSWERS=$answers/$2 "$1" --tap="$answers/$2.tap" --quiet -j1 >&2 || status=$?
    while read -r line; do
        case $line in
            "ok - "*) pass "${line#ok - }" ;;
            "not ok - "*) fail "${line#not ok - }" "$(awk -v line="$line" '$0 == line, /^  \.\.\./' "$answers/$2.tap")" ;;
        esac
    done <"$answers/$2.tap"
    [ "$status" -eq 0 ] || fail "$2" "it ended with $status"
}

judge /dev/null schema >"$answers/schema.json"
run "$1" responses
expect_none every_documented_response_was_seen "$answers/responses" unseen
run "$2" generated
for name in responses generated; do
    expect_none "no_undocumented_response_was_seen_in_$name" "$answers/$name" undocumented
    expect_valid "each_answer_is_as_its_schema_says_in_$name" "$answers/$name"
    expect_none "status_and_type_fit_the_code_in_$name" "$answers/$name" unfitting
    expect_none "each_answer_to_a_submission_names_its_key_in_$name" "$answers/$name" without_key
done

# What the judgement must find, in answers that are changed by a jq filter.
expect_found() { # FACT FUNCTION EXPECTED FILTER: the function says what was expected, and nothing else
    jq -c "$4" "$answers/responses" >"$answers/changed"
    check "$1" "$(judge "$answers/changed" "$2" -r | cut -d: -f1 | sort -u)" "$3"
}
expect_found a_response_that_no_answer_shows_is_missed unseen "getOrder 404 application/problem+json" \
    'select(.operation != "getOrder" or .status != 404)'
expect_found a_status_that_is_not_documented_is_seen undocumented "getAccount 418 application/json" \
    'if .operation == "getAccount" and .status == 200 then .status = 418 else . end'
expect_found a_media_type_that_is_not_documented_is_seen undocumented "getAccount 200 text/html" \
    'if .operation == "getAccount" and .status == 200 then .headers["content-type"] = "text/html; charset=utf-8" else . end'
expect_found a_code_of_another_status_is_seen unfitting "404 FORBIDDEN /problems/not-found" \
    'if .operation == "getOrder" and .status == 404 then .body |= (fromjson | .code = "FORBIDDEN" | tojson) else . end'
expect_found a_submission_without_its_key_is_seen without_key 413 \
    'if .operation == "submitOrder" and .status == 413 then del(.headers["idempotency-key"]) else . end'

while IFS='|' read -r fact operation expected change; do
    jq -c "if .operation == \"${operation% *}\" and .status == ${operation#* } then $change else . end" "$answers/responses" \
        >"$answers/changed"
    found=$(validate "$answers/changed" "{error.message}" | grep -oF -- "$expected" | sort -u) || true
    check "$fact" "$found" "$expected"
done <<'END'
a_member_that_is_not_documented_is_seen|getAccount 200|Unevaluated properties are not allowed ('note' was unexpected)|.body |= (fromjson | .note = 1 | tojson)
one_in_a_schema_that_is_combined_is_seen|getOrder 200|Unevaluated properties are not allowed ('note' was unexpected)|.body |= (fromjson | .note = 1 | tojson)
one_deep_inside_is_seen|getOrder 200|Unevaluated properties are not allowed ('note' was unexpected)|.body |= (fromjson | .fills[].note = 1 | tojson)
a_member_that_is_missing_is_seen|getOrder 200|'venue_exec_id' is a required property|.body |= (fromjson | del(.fills[].venue_exec_id) | tojson)
a_member_of_another_type_is_seen|submitOrder 201|'1' is not of type 'number'|.body |= (fromjson | .quantity = "1" | tojson)
a_code_that_is_not_listed_is_seen|listOrders 401|'NOBODY' is not one of|.body |= (fromjson | .code = "NOBODY" | tojson)
a_header_that_is_missing_is_seen|submitOrder 429|'retry-after' is a required property|del(.headers["retry-after"])
a_header_that_is_no_number_is_seen|submitOrder 429|'soon' is not of type 'integer'|.headers["retry-after"] = "soon"
a_body_that_is_not_json_is_seen|listOrders 401|'no' is not of type 'object'|.body = "no"
an_id_that_is_no_uuid_is_seen|createHalt 201|'x' does not match|.body |= (fromjson | .id = "x" | tojson)
END

echo "1..$number"
[ "$failed" -eq 0 ]
