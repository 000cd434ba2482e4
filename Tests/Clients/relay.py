"""Both ends of a proxied conversation in one test: Python `websockets` as client and as gemini."""

import asyncio
import base64
import contextlib
import json
import os
import struct

from turnkeeper import PATH, Proxy
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

# How long anything may take that should take milliseconds.
SOON = 20

# `sessionResumption` is there so that the proxy need not insert it: setups pass unchanged.
SETUP = {"setup": {"model": "models/gemini-3.1-flash-live-preview", "sessionResumption": {}}}
MANUAL_SETUP = {
    "setup": {
        **SETUP["setup"],
        "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
    }
}


def text(size, mark=""):
    """A client message of exactly `size` bytes that no rule touches."""
    head = '{"clientContent":{"turns":[{"role":"user","parts":[{"text":"' + mark
    tail = '"}]}],"turnComplete":false}}'
    return head + "x" * (size - len(head) - len(tail)) + tail


def speech(size, mark=""):
    """A gemini message of exactly `size` bytes, as the service sends it: bytes, not text."""
    head = '{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"' + mark
    tail = '"}}]}}}'
    filling = base64.b64encode(os.urandom(size)).decode()[: size - len(head) - len(tail)]
    return (head + filling + tail).encode()


class Gemini:
    """A server that answers `setup` and then does what the test does with its connection."""

    def __init__(self, answers_setup=True, **options):
        self.answers_setup = answers_setup
        self.options = {"max_size": None, "compression": None, "ping_interval": None} | options
        self.requests = []
        self.setups = []
        self._connections = asyncio.Queue()

    async def __aenter__(self):
        self.server = await serve(self._serve, "127.0.0.1", 0, **self.options)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.server.wait_closed(), 5)

    async def _serve(self, connection):
        self.requests.append(connection.request)
        if self.answers_setup:
            self.setups.append(await connection.recv())
            await connection.send(b'{\n  "setupComplete": {}\n}\n')
        self._connections.put_nowait(connection)
        await connection.wait_closed()

    async def accepted(self):
        return await asyncio.wait_for(self._connections.get(), SOON)


class Relay:
    """A proxy with a gemini behind it."""

    def __init__(self, gemini, proxy):
        self.gemini, self.proxy = gemini, proxy

    def connect(self, path=PATH, **options):
        options = {"max_size": None, "ping_interval": None, "proxy": None, "open_timeout": SOON} | options
        return connect(self.proxy.ws + path, **options)

    async def session(self, setup=SETUP, path=PATH, **options):
        """A client that is set up, and gemini's side of it."""
        client = await self.connect(path, **options)
        await client.send(json.dumps(setup))
        connection = await self.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        return client, connection

    async def assert_passes(self, client, connection):
        """A session that still works carries a message each way."""
        up, down = text(200, os.urandom(4).hex()), speech(200, os.urandom(4).hex())
        await client.send(up)
        assert await soon(connection.recv()) == up
        await connection.send(down)
        assert await soon(client.recv()) == down


@contextlib.asynccontextmanager
async def relay(start, policy="", **server):
    async with Gemini(**server) as gemini:
        yield Relay(gemini, start(Proxy, gemini.url, policy))


async def soon(awaitable, seconds=SOON):
    return await asyncio.wait_for(awaitable, seconds)


async def closed(connection, seconds=SOON):
    """The close code and reason that `connection` received, once it has."""
    await asyncio.wait_for(connection.wait_closed(), seconds)
    received = connection.protocol.close_rcvd
    return (received.code, received.reason) if received else (1006, "")


async def messages_of(connection):
    """Everything that arrives, up to the close."""
    with contextlib.suppress(ConnectionClosed):
        async for message in connection:
            yield message


async def noticed(client, connection):
    """Until the proxy knows that `client` has vanished: whoever reads of its connection to gemini reads of
    the one to the client as well, between two answers at the latest."""
    await soon(client.wait_closed())
    for _ in range(2):
        await soon(await connection.ping())


class Raw:
    """A client by hand: bytes on a socket, so that it can send what no library would."""

    @classmethod
    async def open(cls, proxy, **options):
        raw = cls()
        raw.reader, raw.writer = await asyncio.open_connection(*proxy.address, **options)
        return raw

    @classmethod
    async def upgraded(cls, relay, setup=SETUP, path=PATH):
        """Past its upgrade and its setup, and gemini's side of it."""
        raw = await cls.open(relay.proxy)
        raw.send(upgrade_request(path))
        assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        raw.send(frame(0x1, json.dumps(setup).encode()))
        connection = await relay.gemini.accepted()
        opcode, payload = await raw.frame()
        assert json.loads(payload) == {"setupComplete": {}}, (opcode, payload)
        return raw, connection

    def send(self, data):
        self.writer.write(data)

    async def head(self):
        return await soon(self.reader.readuntil(b"\r\n\r\n"))

    async def frame(self, seconds=SOON):
        """One frame as `(first byte less FIN, payload)`, which begins within this time."""
        first, second = await soon(self.reader.readexactly(2), seconds)
        assert first & 0x70 == 0 and second & 0x80 == 0, "servers set no RSV bits and mask nothing"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await soon(self.reader.readexactly(2)))
        elif length == 127:
            (length,) = struct.unpack("!Q", await soon(self.reader.readexactly(8)))
        return first & 0x0F, await soon(self.reader.readexactly(length))

    async def close_code(self, seconds=SOON):
        """Reads on to the close frame; 1006 where the connection just ends."""
        try:
            while True:
                opcode, payload = await self.frame(seconds)
                if opcode == 0x8:
                    return struct.unpack("!H", payload[:2])[0] if payload else 1005
        except (asyncio.IncompleteReadError, ConnectionError):
            return 1006

    async def answer(self, seconds=SOON):
        """Everything up to the end of the connection; `ended` says whether that came in time."""
        answer, self.ended = b"", False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                with contextlib.suppress(ConnectionError):
                    while piece := await self.reader.read(1 << 16):
                        answer += piece
                self.ended = True
        return answer

    def close(self):
        self.writer.close()


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x11\x22\x33\x44", length=None):
    """A client frame; `length` overrides what the header says, `mask=None` leaves it bare."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    length = len(payload) if length is None else length
    masked = 0x80 if mask else 0
    if length < 126:
        head = struct.pack("!BB", first, masked | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, masked | 126, length)
    else:
        head = struct.pack("!BBQ", first, masked | 127, length)
    if not mask:
        return head + payload
    # As numbers: byte by byte, megabytes would take a busy machine minutes.
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")
    return head + mask + mixed.to_bytes(len(payload), "big")


def upgrade_request(path=PATH, host="localhost", headers=(), drop=(), line=None):
    """The bytes of an upgrade, with headers added, or dropped by name."""
    lines = [line or f"GET {path} HTTP/1.1"]
    usual = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ]
    lines += [f"{name}: {value}" for name, value in usual if name not in drop]
    lines += headers
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
