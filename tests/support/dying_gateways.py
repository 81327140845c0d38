#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dying_gateways.py PROBE PORT ...: gateways as the edge sees one that dies at work: it takes a request and closes the connection
without an answer. Each request is a line on standard output: METHOD PATH IDEMPOTENCY-KEY. Their probe, at PROBE, says that they are ready."""
import asyncio
import re
import sys


async def probe(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


async def die(reader, writer):
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return
    key = re.search(r"^idempotency-key: (.*?)\r$", head, re.IGNORECASE | re.MULTILINE)
    print(*head.split(" ", 2)[:2], key.group(1) if key else "-", flush=True)
    writer.close()


async def main():
    await asyncio.start_server(probe, "127.0.0.1", int(sys.argv[1]))
    for port in sys.argv[2:]:
        await asyncio.start_server(die, "127.0.0.1", int(port))
    await asyncio.Event().wait()


asyncio.run(main())
