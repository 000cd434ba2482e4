"""A receiver of reports that can be ill: it refuses, hangs, resets, redirects, or reads slowly."""

import hashlib
import hmac
import http.server
import json
import socket
import ssl
import struct
import threading
import time

SECRET = "whsec-0123456789abcdef0123456789"


class Receiver:
    """Keeps every request: `(id, body as an object, its headers, its raw bytes)`.

    `interim` is sent before every answer. `mood` is a status, or one of `hang`, `reset`, `redirect`, `drip`, `garbage`; a function of the body
    chooses per request. What was answered with 2xx is in `taken`.
    """

    def __init__(self, mood=200, port=0, certificate=None):
        self.mood, self.seen, self.taken, self.interim = mood, [], [], b""
        self._changed = threading.Condition()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer._serve(self)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        scheme, host = ("https", "localhost") if certificate else ("http", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self.port}/hook?a=b"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, request):
        raw = request.rfile.read(int(request.headers.get("content-length", 0)))
        body = json.loads(raw) if request.command == "POST" else {}
        report = (request.headers.get("x-turnkeeper-id"), body, request.headers, raw)
        mood = self.mood(body) if callable(self.mood) else self.mood
        with self._changed:
            self.seen.append((request.command, request.path, report))
            if isinstance(mood, int) and 200 <= mood < 300:
                self.taken.append(report)
            self._changed.notify_all()
        if self.interim:
            request.wfile.write(self.interim)
            request.wfile.flush()
            time.sleep(0.05)
        if mood == "hang":
            time.sleep(3)
        elif mood == "reset":
            linger = struct.pack("ii", 1, 0)
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            request.connection.close()
        elif mood == "garbage":
            request.wfile.write(b"\x00\xff not HTTP at all\r\n\r\n")
        elif mood == "redirect":
            request.send_response(307)
            request.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
            request.end_headers()
        else:
            request.send_response(mood)
            request.send_header("Content-Length", "2")
            request.end_headers()
            request.wfile.write(b"ok")

    def wait(self, count, what="taken", seconds=30):
        """The first `count` reports that were taken, or requests that were seen."""
        with self._changed:
            done = self._changed.wait_for(lambda: len(getattr(self, what)) >= count, seconds)
            assert done, f"{len(getattr(self, what))} of {count} {what}"
            return list(getattr(self, what))[:count]


def verify(report, secret=SECRET, ahead=0):
    """What a receiver does: the signature of time and body, and a time that is now; or so many seconds
    ahead, where the sender's clock is."""
    identity, body, headers, raw = report
    assert headers["content-type"] == "application/json"
    parts = dict(part.split("=", 1) for part in headers["x-turnkeeper-signature"].split(","))
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + raw, hashlib.sha256)
    assert hmac.compare_digest(expected.hexdigest(), parts["v1"])
    assert abs(time.time() + ahead - int(parts["t"])) < 60
    assert identity == body["id"] and headers["x-turnkeeper-event"] == body["event"]
    return body
