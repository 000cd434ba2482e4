"""The vendor's REST API as far as a proxy can tell: it answers, streams, echoes, and fails."""

import gzip
import hashlib
import http.server
import json
import threading
import time


def answer(text):
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}],
        "usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 2},
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def handle_request(self):
        path = self.path.split("?")[0]
        seen = {"path": self.path, "headers": dict(self.headers), "method": self.command}
        self.server.requests.append(seen)
        if path.endswith("/reads-nothing"):
            self.close_connection = True
            return self.reply({"error": {"code": 413, "message": "too large"}}, 413)
        body = self.body()
        seen["body"] = body
        if path.endswith(":generateContent"):
            return self.reply(answer("whole"))
        if path.endswith(":streamGenerateContent"):
            return self.stream()
        if path.startswith("/upload/"):
            return self.upload(body)
        if path.endswith("/digest"):
            return self.reply({"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)})
        if path.endswith("/large"):
            return self.large()
        if path.endswith("/gzip"):
            return self.send(200, gzip.compress(b"squeezed"), {"Content-Encoding": "gzip"})
        if path.endswith("/until-close"):
            self.close_connection = True
            self.send_response(200)
            self.end_headers()
            return self.wfile.write(b"x" * 100_000)
        if path.endswith("/cut"):
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"x" * 1000)
            self.wfile.flush()
            self.close_connection = True
            return None
        if path.endswith("/silent"):
            self.close_connection = True
            return None
        return self.reply({"error": {"code": 404, "message": "no such path"}}, 404)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_request

    def reply(self, value, status=200):
        self.send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def send(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "a=b")
        # As Google lets every page read it, whatever its key.
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def upload(self, body):
        """It is begun, and gone on with at the address that is given for that."""
        if self.headers.get("X-Goog-Upload-Command") != "start":
            return self.reply({"file": {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}})
        address = f"http://{self.headers['Host']}{self.path.split('?')[0]}?upload_id=A-1&upload_protocol=resumable"
        return self.send(200, b"", {"X-Goog-Upload-URL": address, "X-Goog-Upload-Status": "active"})

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for word in ("one", "two", "three"):
            self.server.sent.append(time.monotonic())
            self.chunk(b"data: " + json.dumps(answer(word)).encode() + b"\r\n\r\n")
            # The next one comes only when this one has been read: nothing may be kept back.
            self.server.go_on.acquire(timeout=20)
        self.chunk(b"")

    def large(self):
        self.send_response(200)
        self.send_header("Content-Length", str(64 << 20))
        self.end_headers()
        for _ in range(64):
            self.wfile.write(b"y" * (1 << 20))
            self.server.written += 1


class RESTGemini:
    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.requests, self.server.sent, self.server.written = [], [], 0
        self.server.go_on = threading.Semaphore(0)
        self.url = f"ws://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server, self.url

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
