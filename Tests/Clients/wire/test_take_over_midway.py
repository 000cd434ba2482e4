"""Connections that are being set up while the next process takes over: none is cut."""

import asyncio
import contextlib
import json
import socket
import ssl

import pytest
from relay import SETUP, Gemini, Raw, frame, upgrade_request
from turnkeeper import Proxy
from wire.test_take_over import successor

REQUEST, WORDS = upgrade_request(), frame(0x1, json.dumps(SETUP).encode())
# What has been sent by then, and in whose answer's wake the setup follows.
BEFORE = {"nothing": b"", "half a head": REQUEST[:60], "no setup": REQUEST, "half a setup": REQUEST + WORDS[:20]}


async def test_whoever_is_being_set_up_is_served(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--drain", "20s")
        waiting = {kind: await Raw.open(proxy) for kind in BEFORE}
        for kind, raw in waiting.items():
            raw.send(BEFORE[kind])
            if BEFORE[kind].startswith(REQUEST):
                assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        heir = await asyncio.to_thread(successor, proxy, tmp_path)
        try:
            assert proxy.process.poll() is None
            for kind, raw in waiting.items():
                raw.send((REQUEST + WORDS)[len(BEFORE[kind]) :])
                if not BEFORE[kind].startswith(REQUEST):
                    assert (await raw.head()).startswith(b"HTTP/1.1 101 "), kind
                opcode, payload = await raw.frame()
                assert (opcode, json.loads(payload)) == (2, {"setupComplete": {}}), kind
                raw.writer.transport.abort()
            await asyncio.to_thread(proxy.process.wait, 60)
            proxy.was_ended = True
        finally:
            heir.end()


class Handshake:
    """A client of wss:// whose handshake is driven step by step."""

    def __init__(self, proxy):
        self.socket = socket.create_connection(proxy.address, timeout=20)
        self.heard, self.said = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = proxy.trust().wrap_bio(self.heard, self.said, server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        self.hello = self.said.read()

    def hear(self):
        piece = self.socket.recv(1 << 16)
        assert piece, "cut"
        self.heard.write(piece)

    def finish(self):
        while True:
            try:
                self.tls.do_handshake()
                return self.socket.sendall(self.said.read())
            except ssl.SSLWantReadError:
                self.socket.sendall(self.said.read())
                self.hear()

    def ask(self, data):
        self.tls.write(data)
        self.socket.sendall(self.said.read())
        answer = b""
        while b"\r\n\r\n" not in answer:
            try:
                answer += self.tls.read(1 << 16)
            except ssl.SSLWantReadError:
                self.hear()
        return answer


@pytest.mark.parametrize("sent", ["half a hello", "a hello", "a hello that was answered"])
async def test_whoever_shakes_hands_is_served(start, tmp_path, sent):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "", "--drain", "20s")
        client = await asyncio.to_thread(Handshake, proxy)
        first = len(client.hello) // 2 if sent == "half a hello" else len(client.hello)
        client.socket.sendall(client.hello[:first])
        if sent == "a hello that was answered":
            await asyncio.to_thread(client.hear)
        heir = await asyncio.to_thread(successor, proxy, tmp_path)
        try:
            client.socket.sendall(client.hello[first:])
            await asyncio.to_thread(client.finish)
            assert (await asyncio.to_thread(client.ask, REQUEST)).startswith(b"HTTP/1.1 101 ")
            client.socket.close()
            await asyncio.to_thread(proxy.process.wait, 60)
            proxy.was_ended = True
        finally:
            heir.end()
