# SPDX-License-Identifier: Apache-2.0
# What a client of the released contract ($released) would miss in this one ($now), a line each; nothing is a pass.
#
#   jq -rn --slurpfile released OLD.json --slurpfile now NEW.json -f release.jq
#
# Paths, operations, responses, parameters, members and codes may be added. Nothing may be removed or retyped; a request may ask for
# nothing more, an answer may leave out nothing that it always had.

def resolved($root): if type == "object" and has("$ref")
    then . as $use | ($root | getpath($use["$ref"] | ltrimstr("#/") | split("/"))) + ($use | del(.["$ref"])) | resolved($root)
    else . end;

# Pairs of the old and the new value of each member, and a line for each that is gone.
def both($old; $new; $where): ($old // {}) | keys_unsorted[] as $key
    | if ($new // {} | has($key)) then {key: $key, old: $old[$key], new: $new[$key], where: "\($where) \($key)"}
      else "\($where) \($key): removed" end;

# A bound of a request may only grow.
def narrower($old; $new): [("maximum", "maxLength", "maxItems") | select($new[.] != null and ($old[.] == null or $new[.] < $old[.]))]
    + [("minimum", "minLength", "minItems") | select($new[.] != null and ($old[.] == null or $new[.] > $old[.]))];

# side: "request" or "response"; `at` ends with where we are.
def schema($o; $n; $side; $at):
    ($o | resolved($released[0])) as $old | ($n | resolved($now[0])) as $new
    | (("type", "format", "pattern", "const", "default") | select(($old[.] | if type == "array" then sort else . end)
          != ($new[.] | if type == "array" then sort else . end)) | "\($at): \(.) was \($old[.]), is \($new[.])"),
      (if $side == "request" then narrower($old; $new)[] | "\($at): \(.) was \($old[.]), is \($new[.])" else empty end),
      (($old.enum // []) - ($new.enum // []) | .[] | "\($at): value \(.) removed"),
      (select($side == "request" and $old.enum == null and $new.enum != null) | "\($at): only some values are left"),
      (select($side == "request" and $old.additionalProperties != $new.additionalProperties and $new.additionalProperties == false)
          | "\($at): other members are not allowed any more"),
      (if $side == "request" then ($new.required // []) - ($old.required // []) | .[] | "\($at) \(.): newly required"
       else ($old.required // []) - ($new.required // []) | .[] | "\($at) \(.): no longer always there" end),
      (both($old.properties; $new.properties; $at) | if type == "string" then . else schema(.old; .new; $side; .where) end),
      (("items", "additionalProperties") | select($old[.] | type == "object") | . as $part
          | if $new[$part] | type == "object" then schema($old[$part]; $new[$part]; $side; "\($at) \($part)")
            else "\($at) \($part): removed" end),
      (("oneOf", "allOf", "anyOf") as $part | ($old[$part] // []) | keys[] as $i
          | if ($new[$part] // [])[$i] == null then "\($at): \($part) \($i) removed"
            else schema($old[$part][$i]; $new[$part][$i]; $side; $at) end);

def content($old; $new; $side; $at): both($old.content; $new.content; $at)
    | if type == "string" then . else schema(.old.schema; .new.schema; $side; .where) end;

def parameters($o; $n; $at):
    [($o.parameters // [])[] | resolved($released[0])] as $old | [($n.parameters // [])[] | resolved($now[0])] as $new
    | ($old[] as $was | "\($at) \($was.in) \($was.name)" as $here | [$new[] | select(.name == $was.name and .in == $was.in)][0]
          | if . == null then "\($here): removed" else schema($was.schema; .schema; "request"; $here) end),
      ($new[] | select(.required) | . as $is
          | select(all($old[]; (.name == $is.name and .in == $is.in and .required) | not)) | "\($at) \(.in) \(.name): newly required");

def request($o; $n; $at): ($o | resolved($released[0])) as $old | ($n | resolved($now[0])) as $new
    | (select($new.required and ($old.required | not)) | "\($at) body: newly required"),
      (select($old and ($new | not)) | "\($at) body: removed"),
      (select($old and $new) | content($old; $new; "request"; "\($at) body"));

def response($o; $n; $at): ($o | resolved($released[0])) as $old | ($n | resolved($now[0])) as $new
    | (both($old.headers; $new.headers; "\($at) header")
          | if type == "string" then . else schema((.old | resolved($released[0])).schema; (.new | resolved($now[0])).schema; "response"; .where) end),
      content($old; $new; "response"; $at);

def operation($old; $new; $at):
    (select($old.operationId != $new.operationId) | "\($at): was \($old.operationId), is \($new.operationId)"),
    (select(($old | .security // $released[0].security) != ($new | .security // $now[0].security)) | "\($at): other security"),
    parameters($old; $new; $at), request($old.requestBody; $new.requestBody; $at),
    (both($old.responses; $new.responses; $at) | if type == "string" then . else response(.old; .new; .where) end);

# Schemas that no path leads to are what is sent: the events of the WebSocket.
def schemas: both($released[0].components.schemas; $now[0].components.schemas; "schema") | if type == "string" then .
    elif .key as $name | any($released[0] | .. | objects | .["$ref"]?; . == "#/components/schemas/\($name)") then empty
    else schema(.old; .new; "response"; .where) end;

[(both($released[0].paths; $now[0].paths; "") | if type == "string" then .[1:]
      else both(.old; .new; .where[1:]) | if type == "string" then . else operation(.old; .new; .where) end end),
 schemas] | unique[]
