"""A token server for Vertex, in both of its forms: Google's, and the metadata server's."""

import base64
import http.server
import json
import threading
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

VERTEX_PATH = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"


class TokenServer:
    """Checks what it is asked as Google does, and answers with tokens numbered from 1."""

    def __init__(self, public_key=None, life=3600):
        self.public_key, self.life = public_key, life
        self.questions, self.status, self.delay = [], 200, 0
        # Sent before every answer.
        self.interim = b""
        # Ends the delay.
        self.goes_on = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = dict(urllib.parse.parse_qsl(form))
                grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
                assert fields["grant_type"] == grant, fields
                outer.answer(self, outer.verify(fields["assertion"]))

            def do_GET(self):
                assert self.headers["Metadata-Flavor"] == "Google"
                assert self.path == (
                    "/computeMetadata/v1/instance/service-accounts/default/token"
                )
                outer.answer(self, {})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def verify(self, assertion):
        head, body, signature = assertion.split(".")
        self.public_key.verify(
            unpacked(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        assert json.loads(unpacked(head)) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
        return json.loads(unpacked(body)) | {"assertion": assertion}

    def answer(self, handler, question):
        self.questions.append(question)
        self.goes_on.wait(self.delay)
        token = {"access_token": f"ya29.token-{len(self.questions)}", "expires_in": self.life}
        if self.status != 200:
            token = {"error": "invalid_grant", "error_description": "Invalid JWT: ya29.secret"}
        body = json.dumps(token | {"token_type": "Bearer"}).encode()
        handler.wfile.write(self.interim)
        handler.send_response(self.status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def unpacked(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
