# SPDX-License-Identifier: Apache-2.0
# Judges recorded answers (answers.h) by the contract. Used with --slurpfile contract OPENAPI.json; the functions at the end are what
# answers_test.sh asks for, each of all answers in an array.

def resolved: if has("$ref") then .["$ref"] as $ref | $contract[0] | getpath($ref | ltrimstr("#/") | split("/")) else . end;

def problem($description): {description: $description, content: {"application/problem+json": {schema: {"$ref": "#/components/schemas/Problem"}}}};

# Every response of the contract: {operation, status, response}; and the three that it promises for any path (info.description).
def responses:
    ($contract[0].paths[][] | .operationId as $operation | .responses | to_entries[]
        | {operation: $operation, status: .key, response: (.value | resolved)}),
    {operation: "unknownPath", status: "404", response: problem("")},
    {operation: "largeHead", status: "431", response: problem("")},
    {operation: "wrongMethod", status: "405", response: (problem("") + {headers: {Allow: {schema: {type: "string"}}}})};

# The response of each kind of answer by "operation status type"; a response without content has no type and no body. Of the lines of
# NDJSON each is an entry of the audit log.
def documented: reduce responses as $it ({};
    ($it.response.content // {"": {schema: {const: ""}}}) as $content
    | reduce ($content | keys_unsorted[]) as $type (.;
        .["\($it.operation) \($it.status) \($type)" | rtrimstr(" ")] = {headers: ($it.response.headers // {}), schema: (if $type | test("ndjson$")
            then {type: "array", items: {"$ref": "#/components/schemas/AuditEntry"}} else $content[$type].schema end)}));

def kind: "\(.operation) \(.status) \(.headers["content-type"] // "" | split(";")[0] // "")" | rtrimstr(" ");

# Members that the contract does not name fail an answer; but where schemas are combined (allOf) each sees the others' members.
def closed:
    def inside:
        (if has("properties") then .properties |= map_values(closed) else . end)
        | (if has("items") then .items |= closed else . end)
        | (if has("additionalProperties") and (.additionalProperties | type) == "object" then .additionalProperties |= closed else . end)
        | (if has("oneOf") then .oneOf |= map(closed) else . end)
        | (if has("allOf") then .allOf |= map(inside) else . end);
    inside | if has("$ref") or has("properties") or has("allOf") then .unevaluatedProperties = false else . end;

# What no property of a named schema closes at its top, its users do.
def closed_inside: closed | del(.unevaluatedProperties);

# Validators pass over formats.
def with_patterns: walk(if type != "object" then .
    elif .format == "uuid" then .pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    elif .format == "date-time" then .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"
    else . end);

# --- for answers_test.sh ---

# Responses that no answer showed.
def unseen: map(kind) as $kinds | documented | keys[] | select(. as $kind | $kinds | index($kind) | not);

# Answers that the contract does not have.
def undocumented: documented as $documented
    | map(select(kind as $kind | $documented | has($kind) | not) | "\(kind): \(.request)") | unique[];

# Problem documents whose status or type does not fit their code: $codes is {code: status} of proto/reject.def.
def unfitting: .[] | select(.headers["content-type"] == "application/problem+json") | .request as $request | .status as $status
    | (.body | try fromjson catch {})
    | select(.status != $status or $codes[0][.code // ""] != $status
        or .type != "/problems/" + (.code // "" | ascii_downcase | gsub("_"; "-"))) | "\($status) \(.code) \(.type): \($request)";

def without_key: .[] | select(.operation == "submitOrder" and .headers["idempotency-key"] == null) | "\(.status): \(.request)";

# A JSON Schema for what `bodies` writes.
def schema: $contract[0] | .components.schemas |= map_values(closed_inside) | with_patterns
    | . + {"$schema": "https://json-schema.org/draft/2020-12/schema", type: "object", additionalProperties: false,
        properties: (documented | with_patterns | map_values({type: "array", items: {
            required: ["headers", "body"],
            properties: {
                headers: {
                    required: [.headers | keys[] | ascii_downcase],
                    properties: (.headers | with_entries({key: (.key | ascii_downcase), value: (.value | resolved | .schema)}))
                },
                body: (.schema | closed)
            }}}))};

# The answers by kind, those of no kind left out: each with its headers, numbers where the contract says so, and its body.
def bodies: documented as $documented | map(kind as $kind | select($documented | has($kind))
        | ($documented[$kind].headers | with_entries({key: (.key | ascii_downcase), value: (.value | resolved | .schema.type)})) as $types
        | {kind: $kind, request, headers: (.headers | with_entries(if $types[.key] == "integer" then .value = (.value | tonumber? // .) else . end)),
           body: (.body as $text | try ($text | if $kind | test("ndjson$") then split("\n") | map(select(. != "") | fromjson)
               elif $kind | test("json$") then fromjson else . end) catch $text)})
    | group_by(.kind) | map({key: .[0].kind, value: map({headers, body, request})}) | from_entries;
