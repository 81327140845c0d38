#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A collector of traces by OTLP/HTTP in JSON: otlp_receiver.py PORT FILE. Each span becomes a line of FILE: the span as it came, with
the service that it is of. Whatever is no such request is answered 400."""
import http.server
import json
import sys


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        status = 400
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json":
            status = 200
            with open(sys.argv[2], "a", encoding="utf-8") as file:
                for resource in json.loads(body)["resourceSpans"]:
                    names = {a["key"]: a["value"] for a in resource["resource"]["attributes"]}
                    for scope in resource["scopeSpans"]:
                        for span in scope["spans"]:
                            span["service"] = names["service.name"]["stringValue"]
                            print(json.dumps(span), file=file)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector).serve_forever()
