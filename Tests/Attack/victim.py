"""What is attacked: a proxy with a company's key, two tenants, and a gemini that tells what it heard."""

import base64
import contextlib
import json
import os
import pathlib
import socket
import struct
import threading
import time

from turnkeeper import PATH, PROGRAM, Program

KEY = "AIzaSyD-the-company-s-own_gemini-key/42"
ACME, BOLT = "acme-client-key-1", "bolt-client-key-2"
# Of a tenant whose gemini is Vertex, for which the proxy has an access token of a service account's.
CORP, TOKEN = "corp-client-key-3", "ya29.token-1"
SETUP = {"setup": {"model": "models/gemini-3.1-flash-live-preview"}}
CONSTRAINED = PATH.replace("v1beta", "v1alpha") + "Constrained"
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


class Service:
    """Listens on a port of its own, and has every connection talked to from its head on."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        # A connection that the proxy has given up already is nobody's.
        with contextlib.suppress(OSError):
            connection.settimeout(60)
            data = b""
            while b"\r\n\r\n" not in data:
                piece = connection.recv(1 << 16)
                if not piece:
                    return
                data += piece
            head, _, rest = data.partition(b"\r\n\r\n")
            self.talk(connection, head.decode("latin-1"), rest)

    @staticmethod
    def upgrade(connection, head):
        key = next(l for l in head.split("\r\n") if l.lower().startswith("sec-websocket-key"))
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + b"Sec-WebSocket-Accept: "
            + accept(key.split(":")[1].strip())
            + b"\r\n\r\n"
        )


class Gemini(Service):
    """Answers upgrades and REST requests; keeps every head it was sent. `answer` says how."""

    def __init__(self):
        self.heads, self.setups, self.messages, self.sockets = [], [], [], []
        self.answer = None
        self.close = None
        super().__init__()

    def talk(self, connection, head, rest):
        with connection:
            self.heads.append(head)
            self._answer(connection, head)

    def _answer(self, connection, head):
        answer = self.answer(head) if self.answer else None
        if answer is not None:
            connection.sendall(answer)
            return
        if "upgrade: websocket" not in head.lower():
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            return
        self.upgrade(connection, head)
        socket_ = Socket(connection)
        self.sockets.append(socket_)
        while True:
            opcode, payload = socket_.frame()
            if opcode is None or opcode == 8:
                return
            if opcode in (9, 10):
                continue
            self.messages.append(payload)
            try:
                message = json.loads(payload)
            except ValueError:
                continue
            if "setup" in message:
                self.setups.append(message)
                if self.close:
                    code, reason = self.close
                    socket_.write(8, struct.pack("!H", code) + reason)
                    time.sleep(0.2)
                    return
                socket_.write(2, b'{"setupComplete":{}}')
            elif "clientContent" in message or "text" in message.get("realtimeInput", {}):
                parts = {"modelTurn": {"parts": [{"text": "yes"}]}, "turnComplete": True}
                socket_.write(2, json.dumps({"serverContent": parts}).encode())


def accept(key):
    import hashlib

    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return base64.b64encode(digest)


def framed(opcode, payload, mask=False):
    """One whole frame; `mask` as a client's."""
    length = len(payload)
    bit = 0x80 if mask else 0
    if length < 126:
        head = struct.pack("!BB", 0x80 | opcode, bit | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, bit | 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, bit | 127, length)
    return head + (b"\0\0\0\0" if mask else b"") + payload


class Socket:
    """Frames over a socket; `mask` as a client."""

    def __init__(self, connection, mask=False):
        self.connection, self.mask, self.data = connection, mask, b""

    def read(self, count):
        while len(self.data) < count:
            piece = self.connection.recv(1 << 16)
            if not piece:
                return None
            self.data += piece
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def frame(self):
        head = self.read(2)
        if head is None:
            return None, b""
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack("!H", self.read(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self.read(8))[0]
        mask = self.read(4) if head[1] & 0x80 else None
        payload = self.read(length) if length else b""
        if payload is None:
            return None, b""
        if mask:
            payload = bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
        return head[0] & 0x0F, payload

    def write(self, opcode, payload):
        self.connection.sendall(framed(opcode, payload, self.mask))

    def close_frame(self):
        """Reads on to the close: its code and reason; nothing where there is none."""
        while True:
            opcode, payload = self.frame()
            if opcode is None:
                return 1006, ""
            if opcode == 8:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                return code, payload[2:].decode()


class Victim(Program):
    def __init__(self, directory, gemini, more="", files=None, arguments=()):
        self.gemini = gemini
        self.directory = pathlib.Path(directory)
        self.policies = self.directory / "policies"
        self.policies.mkdir(parents=True)
        self.data = self.directory / "data"
        os.environ["ATTACK_GEMINI_KEY"] = KEY
        upstream = f"upstream: {{ url: 'ws://127.0.0.1:{gemini.port}', key: env:ATTACK_GEMINI_KEY, rest: pass }}\n"
        common = f"{upstream}{more}\n"
        for name, key in (("acme", ACME), ("bolt", BOLT)):
            os.environ[f"ATTACK_{name.upper()}"] = key
            (self.policies / f"{name}.yaml").write_text(
                f"match: {{ keys: [env:ATTACK_{name.upper()}] }}\n{common}"
            )
        for name, text in (files or {}).items():
            (self.policies / name).write_text(text.replace("UPSTREAM", upstream))
        self.said = []
        super().__init__(
            *("serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--tls", "off"),
            *("--policies", self.policies, "--data", self.data, "--log-level", "debug"),
            *arguments,
            log=self.directory / "proxy.log",
            program=PROGRAM,
        )
        self.listening = self.port("listening on")
        self.admin = self.port("admin on")

    def connect(self, port=None):
        connection = socket.create_connection(("127.0.0.1", port or self.listening), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, request, port=None):
        """Sends bytes, returns everything that comes back."""
        request = request.encode("latin-1") if isinstance(request, str) else request
        answer = b""
        with self.connect(port) as connection:
            connection.sendall(request)
            try:
                while piece := connection.recv(1 << 16):
                    answer += piece
            except OSError:
                pass
        self.said.append(answer)
        return answer

    def upgrade(self, path=PATH, key=ACME, headers=""):
        """The answer's head, and the socket behind it."""
        connection = self.connect()
        sent = f"x-goog-api-key: {key}\r\n" if key else ""
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: a\r\n{sent}{headers}{UPGRADE}\r\n".encode("latin-1")
        )
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(1 << 16)
            if not piece:
                break
            head += piece
        head, _, rest = head.partition(b"\r\n\r\n")
        client = Socket(connection, mask=True)
        client.data = rest
        self.said.append(head + b"\r\n\r\n" + (rest if b" 101 " not in head else b""))
        return head.decode("latin-1"), client

    def status(self, *arguments, **options):
        return int(self.upgrade(*arguments, **options)[0].split(" ")[1])

    def session(self, setup=SETUP, **options):
        """A client whose setup is sent, and what it heard first: a message or a close."""
        head, client = self.upgrade(**options)
        assert " 101 " in head, head
        client.write(1, json.dumps(setup).encode() if isinstance(setup, dict) else setup)
        return head, client

    def closed(self, setup=SETUP, **options):
        _, client = self.session(setup, **options)
        code, reason = client.close_frame()
        self.said.append(reason.encode())
        return code, reason

    def comes_to_be_served(self, key, deadline):
        """Whether it is, at last: what a crowd has left behind may take a moment."""
        while time.monotonic() < deadline:
            try:
                if self.is_served(key):
                    break
            except (OSError, AssertionError):
                time.sleep(0.5)
        return self.is_served(key)

    def looks_alive(self, within):
        """Health answers on both ports, and a neighbour is served, each in so many seconds: whatever holds
        up a worker holds up these."""
        for port in (self.listening, self.admin):
            began = time.monotonic()
            answer = self.ask("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n", port)
            assert b" 200 " in answer.split(b"\r\n")[0], answer
            assert time.monotonic() - began < within, "health is held up"
        began = time.monotonic()
        assert self.is_served()
        assert time.monotonic() - began < within, "a neighbour is held up"

    def metric(self, name):
        """The sum of all its series."""
        page = self.ask("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n", self.admin).decode()
        lines = [line.split() for line in page.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
        return sum(float(line[-1]) for line in lines)

    def is_served(self, key=BOLT):
        """A neighbour asks a question and is answered."""
        _, client = self.session(key=key)
        assert b"setupComplete" in client.frame()[1]
        is_answered = self.is_answered(client)
        client.connection.close()
        return is_answered

    @staticmethod
    def is_answered(client):
        """A client with a session asks a question."""
        client.write(1, b'{"clientContent":{"turns":[{"role":"user","parts":[{"text":"?"}]}],"turnComplete":true}}')
        while True:
            opcode, payload = client.frame()
            if opcode is None:
                return False
            if b'"yes"' in payload:
                return True

    def credentials(self):
        """A beginning of the company's key, too."""
        return super().credentials() | {KEY, KEY[:12], TOKEN}

    def left(self):
        """Clients were told conversations, too, which may quote anything; what else they heard is kept."""
        return super().left() | {"told to clients": b"\n".join(self.said)}
