#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/openapi.yaml against docs/openapi-released.yaml, the contract of the last release (TAP): what that promised still holds. The
# comparison itself is shown first: each break that it must find, and that additions pass.
set -eu
. "$(dirname -- "$0")/tools.sh"
. "$root/tests/e2e/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
yaml_to_json "$root/docs/openapi.yaml" >"$work/now.json"
yaml_to_json "$root/docs/openapi-released.yaml" >"$work/released.json"

breaks() { # RELEASED NOW
    jq -rn --slurpfile released "$1" --slurpfile now "$2" -f "$root/tests/contract/release.jq"
}

# FACT EXPECTED FILTER: what is found between this contract and itself changed by a jq filter.
expect_break() {
    jq "$3" "$work/now.json" >"$work/changed.json"
    if cmp -s "$work/now.json" "$work/changed.json"; then
        fail "$1" "the filter changes nothing: $3"
    else
        check "$1" "$(breaks "$work/now.json" "$work/changed.json")" "$2"
    fi
}

while IFS='|' read -r fact expected filter; do
    expect_break "$fact" "$expected" "$filter"
done <<'END'
a_path_is_missed|/api/v1/positions: removed|del(.paths["/api/v1/positions"])
an_operation_is_missed|/api/v1/orders get: removed|del(.paths["/api/v1/orders"].get)
a_renamed_operation_is_seen|/api/v1/account get: was getAccount, is account|.paths["/api/v1/account"].get.operationId = "account"
a_response_is_missed|/api/v1/orders post 429: removed|del(.paths["/api/v1/orders"].post.responses["429"])
a_media_type_is_missed|/api/v1/audit/export get 200 text/csv: removed|del(.paths["/api/v1/audit/export"].get.responses["200"].content["text/csv"])
a_header_is_missed|/api/v1/orders post 201 header Location: removed|del(.paths["/api/v1/orders"].post.responses["201"].headers.Location)
a_header_retyped_is_seen|/api/v1/orders post 201 header RateLimit: type was string, is integer|.components.headers.RateLimit.schema.type = "integer"
a_parameter_is_missed|/api/v1/orders get query symbol: removed|del(.paths["/api/v1/orders"].get.parameters[1])
a_parameter_retyped_is_seen|/api/v1/orders get query limit: type was integer, is string|.paths["/api/v1/orders"].get.parameters[4].schema.type = "string"
a_parameter_with_less_room_is_seen|/api/v1/orders get query limit: maximum was 500, is 100|.paths["/api/v1/orders"].get.parameters[4].schema.maximum = 100
a_parameter_newly_required_is_seen|/api/v1/orders post header Idempotency-Key: newly required|.components.parameters.IdempotencyKey.required = true
a_new_parameter_that_is_required_is_seen|/api/v1/account get query day: newly required|.paths["/api/v1/account"].get.parameters = [{name: "day", in: "query", required: true, schema: {type: "string"}}]
a_member_of_a_halt_is_missed|/api/v1/admin/halts post body application/json symbol: removed|del(.paths["/api/v1/admin/halts"].post.requestBody.content["application/json"].schema.properties.symbol)
a_body_newly_required_is_seen|/api/v1/orders/{id}/cancel post body: newly required|.paths["/api/v1/orders/{id}/cancel"].post.requestBody = {required: true, content: {}}
a_member_of_a_list_is_missed|/api/v1/orders get 200 application/json next_cursor: removed|del(.paths["/api/v1/orders"].get.responses["200"].content["application/json"].schema.properties.next_cursor)
a_value_of_an_event_is_missed|schema OrderEvent event: value order.filled removed|.components.schemas.OrderEvent.properties.event.enum -= ["order.filled"]
a_schema_is_missed|schema OrderEvent: removed|del(.components.schemas.OrderEvent)
security_where_there_was_none_is_seen|/readyz get: other security|del(.paths["/readyz"].get.security)
END

# Breaks that many places show: what is found must be this, wherever it is.
expect_breaks() { # FACT EXPECTED FILTER
    jq "$3" "$work/now.json" >"$work/changed.json"
    check "$1" "$(breaks "$work/now.json" "$work/changed.json" | sed 's/^[^:]* \([^ :]*:\)/\1/' | sort -u)" "$2"
}

while IFS='|' read -r fact expected filter; do
    expect_breaks "$fact" "$expected" "$filter"
done <<'END'
a_member_newly_required_of_requests_is_seen|side: newly required|.components.schemas.NewOrder.required += ["side"]
a_member_of_requests_is_missed|stop_loss: removed|del(.components.schemas.NewOrder.properties.stop_loss)
a_member_of_requests_retyped_is_seen|symbol: type was string, is number|.components.schemas.NewOrder.properties.symbol = {type: "number", pattern: .components.schemas.Symbol.pattern}
a_value_that_requests_may_have_is_missed|order_type: value STOP removed|.components.schemas.OrderType.enum -= ["STOP"]
another_default_is_seen|side: default was BUY, is SELL|.components.schemas.NewOrder.properties.side.default = "SELL"
a_member_of_answers_is_missed|reason: removed|del(.components.schemas.Order.properties.reason)
a_member_of_answers_retyped_is_seen|attempts: type was integer, is string|.components.schemas.Order.properties.attempts.type = "string"
an_answer_that_may_lack_a_member_is_seen|reason: no longer always there|.components.schemas.Order.required -= ["reason"]
an_error_code_is_missed|code: value TICK_SIZE removed|.components.schemas.ErrorCode.enum -= ["TICK_SIZE"]
a_nested_member_is_missed|orders_per_minute: removed|del(.components.schemas.Account.properties.limits.properties.orders_per_minute)
END

expect_addition() { # FACT FILTER
    jq "$2" "$work/now.json" >"$work/changed.json"
    check "$1" "$(breaks "$work/now.json" "$work/changed.json")" ''
}
expect_addition a_path_may_be_added '.paths["/api/v2/orders"] = .paths["/api/v1/orders"]'
expect_addition a_response_may_be_added '.paths["/api/v1/account"].get.responses["429"] = {"$ref": "#/components/responses/RateLimited"}'
expect_addition a_parameter_may_be_added '.paths["/api/v1/account"].get.parameters = [{name: "day", in: "query", schema: {type: "string"}}]'
expect_addition a_member_of_requests_may_be_added '.components.schemas.NewOrder.properties.note = {type: "string"}'
expect_addition a_member_of_answers_may_be_added \
    '.components.schemas.Order |= (.properties.note = {type: "string"} | .required += ["note"])'
expect_addition a_code_may_be_added '.components.schemas.ErrorCode.enum += ["TOO_LATE"]'
expect_addition a_bound_of_requests_may_grow '.paths["/api/v1/orders"].get.parameters[4].schema.maximum = 1000'
expect_addition words_may_change '.info.description = "" | .components.schemas.Order.properties.id.description = "an id"'

check the_last_release_still_holds "$(breaks "$work/released.json" "$work/now.json")" ''
echo "1..$number"
[ "$failed" -eq 0 ]
