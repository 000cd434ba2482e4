"""Pings are answered by whoever receives them; neither side hears of the other's."""

import asyncio
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time

from relay import SETUP, Raw, frame, relay, soon, speech, text
from turnkeeper import PATH, PROGRAM, REPOSITORY, Program, Proxy
from watching import freeze
from websockets.asyncio.client import connect

# Of the client; a busy machine may let it wait for seconds.
TIME_OUT = 4
# Much longer than that; `FROZEN_SECONDS=60` for a whole minute.
FROZEN_SECONDS = int(os.environ.get("FROZEN_SECONDS", 10))


class FrozenGemini(Program):
    """An echoing gemini in a process of its own."""

    def __init__(self, directory):
        script = REPOSITORY / "Tests/Clients/frozen_gemini.py"
        super().__init__(script, program=sys.executable, log=directory / "gemini.log")
        self.url = f"ws://127.0.0.1:{self.port('listening on')}"


async def test_client_stays_while_gemini_is_frozen(start):
    """A client whose pings time out does not notice, and loses nothing."""
    gemini = start(FrozenGemini)
    proxy = start(Proxy, gemini.url)
    async with connect(
        proxy.ws + PATH, ping_interval=0.5, ping_timeout=TIME_OUT, proxy=None
    ) as client:
        await client.send(json.dumps(SETUP))
        await soon(client.recv())
        freeze(gemini.process)
        try:
            sent = []
            for number in range(FROZEN_SECONDS * 5):
                sent.append(text(300, mark=str(number)))
                await client.send(sent[-1])
                await asyncio.sleep(0.2)
            assert client.latency < TIME_OUT
        finally:
            gemini.process.send_signal(signal.SIGCONT)
        for message in sent:
            assert await soon(client.recv()) == message.encode()
        await client.close()
    assert client.close_code == 1000


async def test_ping_payloads_come_back(start):
    async with relay(start) as both:
        raw, _ = await Raw.upgraded(both)
        for payload in (b"", b"a", b"\x00\xff" * 30, b"p" * 125):
            raw.send(frame(0x9, payload))
            assert await raw.frame() == (0xA, payload)
        raw.send(b"".join(frame(0x9, b"%d" % n) for n in range(100)))
        last = b""
        while last != b"99":
            opcode, last = await raw.frame()
            assert opcode == 0xA
        raw.close()


async def test_gemini_is_answered_while_the_client_reads_nothing(start):
    """And the client never hears of gemini's pings."""
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        for _ in range(3):
            await soon(await connection.ping(b"from gemini"))
        down = speech(500)
        await connection.send(down)
        assert await raw.frame() == (0x2, down)
        raw.close()


async def test_gemini_never_hears_of_the_clients_pings(start):
    heard = []

    async with relay(start) as both:
        client, connection = await both.session()
        received = connection.protocol.receive_data

        def listen(data):
            heard.append(bytes(data))
            received(data)

        connection.protocol.receive_data = listen
        for _ in range(5):
            await soon(await client.ping(b"from the client"))
        await both.assert_passes(client, connection)
        opcodes = {data[0] & 0x0F for data in heard if data}
        assert 0x9 not in opcodes and 0xA not in opcodes


async def test_pings_between_fragments_are_answered_at_once(start):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        message = text(400).encode()
        raw.send(frame(0x1, message[:100], fin=False))
        raw.send(frame(0x9, b"now"))
        assert await raw.frame() == (0xA, b"now")
        raw.send(frame(0x0, message[100:]))
        assert await soon(connection.recv()) == message.decode()
        raw.close()


async def test_dead_gemini_is_noticed(start):
    """Without any frame and with a ping unanswered for `upstream.dead`, the link counts as dead."""
    gemini = start(FrozenGemini)
    # A remedy would dial a gemini that stays frozen, again and again.
    uncured = "recovery: { attempts: 0 }"
    proxy = start(Proxy, gemini.url, uncured, upstream="ping: 1s, dead: 3s")
    async with connect(proxy.ws + PATH, proxy=None) as client:
        await client.send(json.dumps(SETUP))
        await soon(client.recv())
        freeze(gemini.process)
        try:
            await asyncio.wait_for(client.wait_closed(), 30)
        finally:
            gemini.process.send_signal(signal.SIGCONT)
    assert client.close_code in (1011, 1012, 1013, 1014)
    assert client.close_reason


class Filter(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def deafen(connection):
    """The kernel drops whatever arrives there, acknowledgements included: gemini's host has vanished, in the
    middle of a connection that nobody has ended."""
    drop_everything = ctypes.c_uint64(0x06)
    program = Filter(1, ctypes.addressof(drop_everything))
    attach_filter = 26
    connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, attach_filter, bytes(program))


async def ask(client, mark):
    await client.send(json.dumps({"realtimeInput": {"text": mark}}))


async def test_a_host_that_vanished_is_noticed_by_what_it_does_not_acknowledge(start):
    """With the default policy, seconds after something was sent: the question is asked of another connection,
    and the timeline says what happened."""
    async with relay(start) as both:
        client, connection = await both.session()
        deafen(connection)
        # Silence alone means nothing.
        await asyncio.sleep(4)
        assert both.proxy.count("reconnects_total") == 0
        asked = time.monotonic()
        await ask(client, "are you there?")
        again = await both.gemini.accepted()
        assert 2.5 < time.monotonic() - asked < 8
        assert "are you there?" in await soon(again.recv())
        await again.send(speech(300))
        assert await soon(client.recv())
        id = client.response.headers["x-turnkeeper-session"].split(".")[0]
        await client.close()
        connection.transport.abort()
        await asyncio.to_thread(both.proxy.end)
        command = [PROGRAM, "sessions", "show", id, "--json", "--data", both.proxy.data]
        shown = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=20).stdout)
        first = shown["connections"][0]
        assert first["code"] == 1006 and "acknowledged nothing for 3000 ms" in first["reason"], first


async def test_a_host_that_vanished_is_waited_for_in_observe_mode(start):
    """A plain relay would not have ended the connection, and it may come back to life."""
    async with relay(start, "mode: observe") as both:
        client, connection = await both.session()
        deafen(connection)
        await ask(client, "are you there?")
        await asyncio.sleep(6)
        assert client.close_code is None
        connection.transport.abort()


async def test_idle_gemini_that_answers_pings_is_alive(start):
    async with relay(start) as both:
        proxy = start(Proxy, both.gemini.url, upstream="ping: 1s, dead: 4s")
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(SETUP))
            connection = await both.gemini.accepted()
            await soon(client.recv())
            await asyncio.sleep(9)
            await both.assert_passes(client, connection)
