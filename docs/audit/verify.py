#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verifies an OXE audit log by docs/audit.md alone: none of the suite's code, only Python's standard library.

    verify.py URL               the whole log of a gateway, with a token of the role compliance in OXE_TOKEN
    verify.py FILE.tlog-proof   one entry, without the log

OXE_AUDIT_POLICY names a policy's file: the log's key, its witnesses and their quorum. Without one the log's verifier key stands in
OXE_AUDIT_VERIFIER, and no witness is asked for. Either must come from a hand that you trust. Says what holds, or what does not (status 1)."""
import hashlib, os, sys, urllib.error, urllib.request
from base64 import b64decode

# --- Ed25519 (RFC 8032, section 6): verification ---
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, p):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, p)
        p = add(p, p)
        n >>= 1
    return total

def point(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def is_signed(key, text, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    p, q = times(s, BASE), add(r, times(h, a))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

# --- the log ---
Wrong = ValueError
def sha256(octets):
    return hashlib.sha256(octets).digest()

def decode(text):
    return b64decode(text, validate=True)

def verifier_key(text, kind):  # 1: of a log, 4: of a witness
    name, key_id, key = text.split("+", 2)
    key = decode(key)
    if len(key) != 33 or key[0] != kind or sha256(name.encode() + b"\n" + key)[:4].hex() != key_id:
        raise Wrong("not a verifier key")
    return name, key_id, kind, key[1:]

def policy():
    """The logs' keys, what each name stands for, and the name of the quorum (C2SP tlog-policy)."""
    path, logs, known, quorum = os.environ.get("OXE_AUDIT_POLICY"), [], {"none": (0, [])}, []
    text = open(path, encoding="utf-8").read() if path else f"log {os.environ.get('OXE_AUDIT_VERIFIER', '')}\nquorum none\n"
    for words in filter(None, (line.split() for line in text.split("\n"))):
        if words[0] == "log":
            logs.append(verifier_key(words[1], 1))
        elif words[0] == "witness":
            known[words[1]] = verifier_key(words[2], 4)
        elif words[0] == "group":
            members = [known[name] for name in words[3:]]
            known[words[1]] = {"any": 1, "all": len(members)}.get(words[2]) or range(1, len(members) + 1)[int(words[2]) - 1], members
        elif words[0] == "quorum":
            quorum.append(known[words[1]])
        elif not words[0].startswith("#"):
            raise Wrong("not a policy")
    if len(quorum) != 1 or not logs:
        raise Wrong("the policy has no log, or not one quorum")
    return logs, quorum[0]

def has_signed(key, text, lines):
    name, key_id, kind, public = key
    for line in lines:
        signature = decode(line[2]) if line[:2] == ["\u2014", name] and len(line) == 3 else b""
        if signature[:4].hex() == key_id:
            head, value = (b"", signature[4:]) if kind == 1 else (signature[4:12], signature[12:])
            told = f"cosignature/v1\ntime {int.from_bytes(head, 'big')}\n" if kind == 4 else ""
            return is_signed(public, (told + text).encode(), value)
    return False

def is_met(rule, text, lines):
    """A rule is a witness' key, or how many of which rules must be met."""
    return has_signed(rule, text, lines) if len(rule) == 4 else sum(is_met(one, text, lines) for one in rule[1]) >= rule[0]

def checkpoint(note, trust):
    text, separator, signatures = note.rpartition("\n\n")
    text, lines = text + "\n", [line.split(" ") for line in signatures.split("\n")]
    origin, size, root = (text + "\n\n").split("\n")[:3]
    if not separator or not size.isdecimal() or str(int(size)) != size:
        raise Wrong("that is no signed checkpoint")
    if not any(key[0] == origin and has_signed(key, text, lines) for key in trust[0]):
        raise Wrong("the checkpoint is not signed by the verifier key")
    if not is_met(trust[1], text, lines):
        raise Wrong("the checkpoint lacks the quorum of witnesses")
    return origin, int(size), decode(root)

def node(left, right):
    return sha256(b"\x01" + left + right)

def get(url, path):
    token = {"Authorization": "Bearer " + os.environ.get("OXE_TOKEN", "")} if path.startswith("/tile/entries/") else {}
    request = urllib.request.Request(url.rstrip("/") + path, headers=token)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return b""
        raise Wrong(f"{path}: the gateway answers {error.code}") from None

def tile_name(index, width):
    groups = f"{index:0{-len(str(index)) % 3 + len(str(index))}d}"
    groups = [groups[i : i + 3] for i in range(0, len(groups), 3)]
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + (f".p/{width}" if width < 256 else "")

def entries(bundle):
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        if len(bundle) < 2 + length:
            raise Wrong("a bundle is cut off")
        yield bundle[2 : 2 + length]
        bundle = bundle[2 + length :]

def verify_log(url, trust):
    origin, size, root = checkpoint(get(url, "/checkpoint").decode(), trust)
    stack = []  # (level, root of a complete subtree), the largest first
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        name = tile_name(index, width)
        hashes, encoded = get(url, "/tile/0/" + name), list(entries(get(url, "/tile/entries/" + name)))
        if len(hashes) != 32 * width or len(encoded) != width:
            raise Wrong(f"of entries {index * 256 + 1} to {index * 256 + width} some are missing")
        for i, entry in enumerate(encoded):
            leaf = sha256(b"\x00" + entry)
            if leaf != hashes[32 * i : 32 * i + 32]:
                raise Wrong(f"entry {index * 256 + i + 1} is not what was recorded")
            stack.append((0, leaf))
            while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
                (level, right), (_, left) = stack.pop(), stack.pop()
                stack.append((level + 1, node(left, right)))
    computed = stack.pop()[1] if stack else sha256(b"")
    while stack:
        computed = node(stack.pop()[1], computed)
    if computed != root:
        raise Wrong("the entries are not those that the checkpoint has signed")
    print(f"{origin}: {size} entries, root {root.hex()}")

def verify_proof(text, trust):
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Wrong("that is no proof of an entry")
    origin, size, root = checkpoint(note, trust)
    index, last = int(lines[2][6:]), size - 1
    number, computed = index, sha256(b"\x00" + decode(lines[1][6:]))
    for line in lines[3:]:  # RFC 9162, section 2.1.3.2
        sibling = decode(line)
        if len(sibling) != 32 or last == 0:
            raise Wrong("the proof does not fit the checkpoint")
        if index & 1 or index == last:
            computed = node(sibling, computed)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            computed = node(computed, sibling)
        index, last = index >> 1, last >> 1
    if last != 0 or number >= size or computed != root:
        raise Wrong("the entry is not in the log that the checkpoint has signed")
    print(f"entry {number + 1} of {size} of {origin}")

if len(sys.argv) != 2:
    sys.exit(__doc__)
try:
    if "://" in sys.argv[1]:
        verify_log(sys.argv[1], policy())
    else:
        verify_proof(open(sys.argv[1], encoding="utf-8").read(), policy())
except (KeyError, ValueError, IndexError, OSError) as error:
    sys.exit(f"verify.py: {error}")
