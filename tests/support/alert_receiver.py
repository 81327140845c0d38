#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Receives Alertmanager's webhooks: alert_receiver.py PORT FILE. Each alert of each notification becomes a line of FILE: the path that
was called, 'firing' or 'resolved', the alert's name, its severity, its runbook, and its labels as JSON."""
import http.server
import json
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(sys.argv[2], "a", encoding="utf-8") as file:
            for alert in body["alerts"]:
                labels = alert["labels"]
                print(self.path, alert["status"], labels["alertname"], labels["severity"],
                      alert["annotations"]["runbook_url"], json.dumps(labels, sort_keys=True), file=file)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
