#!/usr/bin/env python3
"""Verifies an OXE audit log by docs/audit-format.md alone: none of the suite's code, only Python's standard library.

    verify.py URL               the whole log of a gateway, with a token of the role compliance in OXE_TOKEN
    verify.py FILE.tlog-proof   one entry, without the log

The log's verifier key stands in OXE_AUDIT_VERIFIER; it must come from a hand that you trust. Prints what holds and ends with 0, or says
what does not and ends with 1."""
import hashlib
import os
import sys
import urllib.error
import urllib.request
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
class Wrong(Exception):
    pass


def sha256(octets):
    return hashlib.sha256(octets).digest()


def decode(text, what):
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise Wrong(f"{what} is no base64") from None


def checkpoint(note, verifier):
    """The name, size and root that the key has signed."""
    name, key_id, key = verifier.strip().split("+", 2)
    key = decode(key, "the verifier key")
    if key[0] != 1 or sha256(name.encode() + b"\n" + key)[:4].hex() != key_id:
        raise Wrong("the verifier key is none")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator:
        raise Wrong("that is no signed checkpoint")
    text += "\n"
    for line in signatures.splitlines():
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or parts[1] != name:
            continue
        signature = decode(parts[2], "a signature")
        if signature[:4].hex() == key_id and is_signed(key[1:], text.encode(), signature[4:]):
            origin, size, root = text.split("\n")[:3]
            if origin != name or str(int(size)) != size:
                raise Wrong("the checkpoint is another log's")
            return origin, int(size), decode(root, "the root")
    raise Wrong("the checkpoint is not signed by the verifier key")


def node(left, right):
    return sha256(b"\x01" + left + right)


def get(url, path):
    request = urllib.request.Request(url.rstrip("/") + path)
    if path.startswith("/tile/entries/"):
        request.add_header("Authorization", "Bearer " + os.environ.get("OXE_TOKEN", ""))
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


def verify_log(url, verifier):
    origin, size, root = checkpoint(get(url, "/checkpoint").decode(), verifier)
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


def verify_proof(text, verifier):
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Wrong("that is no proof of an entry")
    origin, size, root = checkpoint(note, verifier)
    index, last = int(lines[2][6:]), size - 1
    number, computed = index, sha256(b"\x00" + decode(lines[1][6:], "the entry"))
    for line in lines[3:]:  # RFC 9162, section 2.1.3.2
        sibling = decode(line, "a hash")
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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        if "://" in sys.argv[1]:
            verify_log(sys.argv[1], os.environ.get("OXE_AUDIT_VERIFIER", ""))
        else:
            with open(sys.argv[1], encoding="utf-8") as file:
                verify_proof(file.read(), os.environ.get("OXE_AUDIT_VERIFIER", ""))
    except (Wrong, ValueError, IndexError, UnicodeDecodeError) as error:
        sys.exit(f"verify.py: {error}")


main()
