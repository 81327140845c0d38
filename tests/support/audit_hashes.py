#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recomputes the hash of every entry of an audit export, and the root of the tree over them, from nothing but the export and
docs/audit.md: none of the suite's code, only Python's standard library.

    audit_hashes.py FILE     .csv, .ndjson (exports), or .json (an answer with "entries"); prints the count and the root

Ends with 1 and a line for each entry whose hash is not that of its members. The root is of the entries as they come, so it is the
log's only when the file holds the whole log."""
import csv
import hashlib
import json
import sys
from datetime import datetime, timezone
from decimal import Decimal
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def number(value):
    return int(value).to_bytes(8, "big")


def decimal(value):
    units = Decimal(value).scaleb(8)
    if units != int(units):
        raise ValueError(f"{value} has more than 8 places")
    return int(units).to_bytes(8, "big", signed=True)


def instant(value):
    since = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc) - EPOCH
    return ((since.days * 86400 + since.seconds) * 1000000 + since.microseconds).to_bytes(8, "big", signed=True)


def variable(data):
    return len(data).to_bytes(4, "big") + data


def text(value):
    return variable(value.encode())


def octets(value):
    return variable(bytes.fromhex(value))


def uuid(value):
    return UUID(value).bytes


FIELDS = [
    ("log_seq", number), ("event_id", uuid), ("order_id", uuid), ("trader_id", uuid), ("trader_seq", number), ("action", text),
    ("status", text), ("execution_state", text), ("symbol", text), ("side", text), ("quantity", decimal), ("price", decimal),
    ("total_filled", decimal), ("average_price", decimal), ("venue", text), ("venue_exec_id", text), ("reason", text),
    ("message", text), ("actor", text), ("trace_id", octets), ("timestamp", instant), ("recorded_at", instant),
]


def leaf(entry):
    encoding = b"\x01"
    for name, encode in FIELDS:
        value = entry[name]
        encoding += b"\x00" if value is None or value == "" else b"\x01" + encode(value)
    return hashlib.sha256(b"\x00" + encoding).digest()


def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:left]) + root(leaves[left:])).digest()


def entries(name):
    with open(name, newline="", encoding="utf-8") as file:
        if name.endswith(".csv"):
            for row in csv.DictReader(file):
                yield {name: text.removeprefix("'") for name, text in row.items()}
        elif name.endswith(".ndjson"):
            for line in file.read().split("\n")[:-1]:
                yield json.loads(line, parse_float=Decimal)
        else:
            yield from json.load(file, parse_float=Decimal)["entries"]


def main():
    leaves = []
    wrong = 0
    for entry in entries(sys.argv[1]):
        leaves.append(leaf(entry))
        if leaves[-1].hex() != entry["hash"]:
            wrong += 1
            print(f"entry {entry['log_seq']} ({entry['action']}): its hash is {entry['hash']}, its members give {leaves[-1].hex()}")
    print(f"{len(leaves)} entries, root {root(leaves).hex()}")
    sys.exit(1 if wrong else 0)


main()
