# SPDX-License-Identifier: Apache-2.0
"""tsa.py DIRECTORY PORT: answers time-stamp queries over HTTP (RFC 3161 section 3.4) with OpenSSL and what tsa.sh has put into DIRECTORY.
A file DIRECTORY/misbehave says how it does not: 'status' (a 500), 'garbage', 'other' (a stamp of something else), 'late' (its clock is an hour off)."""
import http.server
import os
import subprocess
import sys

directory = sys.argv[1]


class Authority(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            with open(os.path.join(directory, "misbehave")) as file:
                how = file.read().strip()
        except FileNotFoundError:
            how = ""
        with open(os.path.join(directory, "query"), "wb") as file:
            file.write(query)
        if how == "other":
            subprocess.run(["openssl", "ts", "-query", "-data", "tsa.conf", "-sha256", "-cert", "-out", "query"], cwd=directory, check=True, capture_output=True)
        subprocess.run(
            (["faketime", "-f", "+1h"] if how == "late" else [])
            + ["openssl", "ts", "-reply", "-config", "tsa.conf", "-section", "authority", "-queryfile", "query", "-out", "answer"],
            cwd=directory,
            check=True,
            capture_output=True,
        )
        with open(os.path.join(directory, "answer"), "rb") as file:
            answer = b"garbage" if how == "garbage" else file.read()
        good = self.headers["Content-Type"] == "application/timestamp-query" and how != "status"
        self.send_response(200 if good else 500)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Authority).serve_forever()
