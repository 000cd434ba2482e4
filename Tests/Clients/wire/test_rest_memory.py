"""REST answers that nobody reads, and requests that gemini does not: what waits is little, and gives way."""

import asyncio
import contextlib
import socket

import pytest
from relay import Gemini, Raw
from tenants import Session, Tenants
from watching import resident, until

MIB = 1 << 20
KEYS = {"greedy": "greedy-client-key", "modest": "modest-client-key"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % (64 * MIB)


class Upstream:
    """Answers every request with more than anybody reads, and reads nothing of a long one."""

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 16)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        self.writers = []
        return self

    async def __aexit__(self, *_):
        for writer in self.writers:
            writer.transport.abort()
        self.server.close()

    async def serve(self, reader, writer):
        self.writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST "):
                writer.transport.pause_reading()
                await asyncio.sleep(300)
            writer.write(HEAD)
            while True:
                writer.write(bytes(MIB // 4))
                await writer.drain()


@contextlib.asynccontextmanager
async def hoarding(start, monkeypatch, *arguments):
    for name, key in KEYS.items():
        monkeypatch.setenv(f"{name.upper()}_KEY", key)
    async with Upstream() as upstream, Gemini() as gemini:
        urls = {"greedy": upstream.url, "modest": gemini.url}
        policies = {
            f"{name}.yaml": f"match: {{ keys: [env:{name.upper()}_KEY] }}\nupstream: {{ url: {url}, rest: pass }}"
            for name, url in urls.items()
        }
        yield gemini, start(Tenants, policies, *arguments)


def request(method, length=0):
    lines = [
        f"{method} /v1beta/files/x:download?alt=media HTTP/1.1",
        f"Host: a\r\nx-goog-api-key: {KEYS['greedy']}",
        f"Content-Length: {length}\r\n\r\n" if method == "POST" else "\r\n",
    ]
    return "\r\n".join(lines).encode()


async def unread(proxy):
    """One who asks for a file and does not read it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", proxy.listening))
    await asyncio.get_running_loop().sock_sendall(made, request("GET"))
    return made


async def unsent(proxy):
    """One who sends what gemini does not read."""
    raw = await Raw.open(proxy)
    raw.send(request("POST", 64 * MIB) + bytes(16 * MIB))
    return raw.writer.get_extra_info("socket").dup()


@pytest.mark.parametrize("kind", [unread, unsent])
async def test_what_waits_is_little_and_counted(start, monkeypatch, kind):
    async with hoarding(start, monkeypatch) as (gemini, proxy):
        proxy.address = ("127.0.0.1", proxy.listening)
        before = resident(proxy)
        sockets = [await kind(proxy) for _ in range(40)]
        try:
            await until(lambda: proxy.count("buffer_bytes", tenant="greedy") > 40 * MIB // 4)
            await asyncio.sleep(1)
            assert resident(proxy) < before + 40 * MIB
        finally:
            for made in sockets:
                made.close()


async def test_who_holds_more_than_a_share_gives_it_back(start, monkeypatch):
    async with hoarding(start, monkeypatch, "--memory", "128MiB") as (gemini, proxy):
        sockets, most = [], 0
        try:
            for _ in range(400):
                sockets.append(await unread(proxy))
                most = max(most, resident(proxy))
            await until(lambda: proxy.count("rest_requests_total", tenant="greedy", outcome="memory") > 0)
            # Somebody else is let in, and answered.
            await until(lambda: proxy.count("memory_bytes") < 0.8 * 128 * MIB)
            session = await Session.open(proxy, gemini, KEYS["modest"])
            await session.turn()
            assert max(most, resident(proxy)) < 128 * MIB
        finally:
            for made in sockets:
                made.close()
        await until(lambda: proxy.count("memory_bytes") < 96 * MIB)
