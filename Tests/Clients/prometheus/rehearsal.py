"""A proxy for eight tenants, one of whom is well, and the clients that talk through it."""

import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import os
import resource
import sqlite3

from turnkeeper import PATH, Proxy, Simulator
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

AUDIO = base64.b64encode(b"\x10\x20" * 1600).decode()
FLASH, NATIVE = "gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-preview"
# One for each trouble, so that alerts by model tell them apart.
MOODY_MODEL, SLOW_MODEL, REFUSED_MODEL = (
    "gemini-3.8-live",
    "gemini-2.0-flash-live-001",
    "gemini-live-2.5-flash-preview",
)

# Brisk, so that a minute holds many turns.
STEADY = "name: steady\nextends: quick\ncalls_tool_every: 3\nlatency: 0.6\n"
MOODY = """
name: moody
extends: quick
usage: false
faults:
  - internal-error: { probability: 0.4, delay: 100ms }
  - empty-turn: { probability: 0.2 }
"""
SLOW = "name: slow\nextends: quick\nlatency: 10\n"

# What the vendor closes with, in its own words.
REASONS = [
    (1008, "API key not valid. Please pass a valid API key."),
    (1011, "You exceeded your current quota, please check your plan and billing details."),
    (1008, "models/gemini-1 is not found for API version v1beta"),
]


def setup(model, *tools):
    return {
        "setup": {
            "model": f"models/{model}",
            "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
            "tools": [{"functionDeclarations": [{"name": name} for name in tools]}],
        }
    }


class Refusing:
    """A gemini that completes the setup and closes at the first turn, each time differently."""

    async def __aenter__(self):
        self.reasons = itertools.cycle(REASONS)
        self.server = await serve(self.answer, "127.0.0.1", 0, ping_interval=None)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.server.wait_closed(), 5)

    async def answer(self, connection):
        with contextlib.suppress(ConnectionClosed):
            await connection.recv()
            await connection.send('{"setupComplete":{}}')
            async for message in connection:
                if "activityEnd" in str(message):
                    await connection.close(*next(self.reasons))


class Flooding(Refusing):
    """A gemini that talks and talks: in sound for one kind of client, in words for another."""

    async def answer(self, connection):
        with contextlib.suppress(ConnectionClosed):
            first = await connection.recv()
            await connection.send('{"setupComplete":{}}')
            if "words" in str(first):
                # So many and so long that they fill the room for records that wait.
                line = "word " * 90
                for number in range(100_000):
                    text = json.dumps(
                        {"serverContent": {"outputTranscription": {"text": f"{number} {line}"}}}
                    )
                    await connection.send(text)
            else:
                sound = "A" * 65_536
                part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": sound}}
                text = json.dumps({"serverContent": {"modelTurn": {"parts": [part]}}})
                for _ in range(400):
                    await connection.send(text)
            await connection.wait_closed()


class Client:
    """Somebody of one tenant who talks, leaves, and comes back, until told to stop."""

    def __init__(self, proxy, tenant, model, *, patience=20, careless=False, ignores_tools=False):
        self.proxy, self.tenant, self.model = proxy, tenant, model
        self.patience = patience
        self.careless, self.ignores_tools = careless, ignores_tools
        self.turns = 0

    async def run(self):
        while True:
            with contextlib.suppress(ConnectionClosed, InvalidStatus, OSError, TimeoutError):
                await self.session()
            await asyncio.sleep(0.3)

    async def session(self):
        async with connect(
            self.proxy.ws + PATH,
            additional_headers={"x-goog-api-key": f"{self.tenant}-key"},
            ping_interval=None,
            max_size=None,
        ) as socket:
            await socket.send(json.dumps(setup(self.model, "look_up")))
            await self.until(socket, "setupComplete")
            for _ in range(4):
                await self.turn(socket)

    async def turn(self, socket):
        async def say(part):
            await socket.send(json.dumps({"realtimeInput": part}))

        audio = {"audio": {"mimeType": "audio/pcm;rate=16000", "data": AUDIO}}
        if self.careless:
            await say(audio)
        await say({"activityStart": {}})
        if self.careless:
            await say({"activityStart": {}})
        for _ in range(5):
            await say(audio)
            await asyncio.sleep(0.02)
        await say({"activityEnd": {}})
        await self.until(socket, "turnComplete")
        self.turns += 1

    async def until(self, socket, wanted):
        async with asyncio.timeout(self.patience):
            async for message in socket:
                text = message if isinstance(message, str) else message.decode()
                if '"toolCall"' in text and not self.ignores_tools:
                    calls = json.loads(text)["toolCall"]["functionCalls"]
                    answers = [
                        {"id": call["id"], "name": call["name"], "response": {"ok": True}}
                        for call in calls
                    ]
                    await socket.send(json.dumps({"toolResponse": {"functionResponses": answers}}))
                if f'"{wanted}"' in text:
                    return
        raise ConnectionClosed(None, None)


async def talk_nonsense(proxy):
    """A client that sends what is not JSON, and comes back."""
    while True:
        with contextlib.suppress(ConnectionClosed, InvalidStatus, OSError):
            async with connect(
                proxy.ws + PATH, additional_headers={"x-goog-api-key": "careless-key"}
            ) as socket:
                await socket.send(json.dumps(setup(NATIVE)))
                await socket.recv()
                await socket.send("this is not JSON")
                await socket.wait_closed()
        await asyncio.sleep(0.5)


async def read_nothing(proxy):
    """A player that has stopped: what is sent to it stays with the proxy."""
    reader, writer = await asyncio.open_connection(*proxy.address, limit=1024)
    lines = [
        f"GET {PATH} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "x-goog-api-key: flooded-key",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()
    text = json.dumps(setup(NATIVE)).encode()
    writer.write(bytes([0x81, 0xFE]) + len(text).to_bytes(2) + bytes(4) + text)
    return writer


async def listen_to_words(proxy):
    """A session that makes a hundred thousand records."""
    async with connect(
        proxy.ws + PATH,
        additional_headers={"x-goog-api-key": "flooded-key"},
        ping_interval=None,
        max_size=None,
    ) as socket:
        await socket.send(json.dumps(setup(NATIVE, "words")))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(90):
                async for message in socket:
                    if "99999 " in str(message):
                        return


@contextlib.contextmanager
def locked(ledger):
    """The ledger's file, locked by another program."""
    other = sqlite3.connect(ledger, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def policies(directory, upstreams):
    """One file for each tenant; keys by their hashes."""
    for tenant, (url, more) in upstreams.items():
        key = hashlib.sha256(f"{tenant}-key".encode()).hexdigest()
        (directory / f"{tenant}.yaml").write_text(
            f"match: {{ keys: ['sha256:{key}'] }}\n"
            # These clients bring their own keys, so none is opened: the metric says 0.
            f"upstream: {{ url: '{url}', ping: 500ms, warm: 1 }}\n{more}\n"
        )


class Rehearsal:
    """The programs and their clients. `proxy` carries the tenants; `other` is there to fail."""

    def __init__(self, directory, refusing, flooding):
        self.programs = []
        (directory / "scenarios").mkdir(parents=True)
        urls = {}
        for name, text in (("steady", STEADY), ("moody", MOODY), ("slow", SLOW)):
            file = directory / "scenarios" / f"{name}.yaml"
            file.write_text(text)
            place = directory / name
            place.mkdir()
            urls[name] = self.started(Simulator(place, "--scenario", file)).url
        self.proxy = self.started(Proxy(directory / "a", urls["steady"], "", "--workers", "2"))
        self.other = self.started(Proxy(directory / "b", urls["steady"]))
        no_recovery = "recovery: { attempts: 0 }"
        policies(
            directory / "a" / "policies",
            {
                "steady": (urls["steady"], ""),
                "moody": (urls["moody"], ""),
                "slow": (urls["slow"], ""),
                "nowhere": ("ws://127.0.0.1:1", no_recovery),
                "refused": (refusing.url, no_recovery),
                "careless": (urls["steady"], ""),
                "small": (urls["steady"], "limits: { sessions: 1 }"),
                "flooded": (flooding.url, "log: { transcripts: true }"),
            },
        )

    def started(self, program):
        self.programs.append(program)
        return program

    @property
    def targets(self):
        return [f"127.0.0.1:{proxy.port('admin on')}" for proxy in (self.proxy, self.other)]

    def crowd(self):
        """Coroutines that never end by themselves."""
        for number in range(5):
            model = NATIVE if number % 3 == 2 else FLASH
            yield Client(self.proxy, "steady", model).run()
        for _ in range(3):
            yield Client(self.proxy, "moody", MOODY_MODEL, careless=True).run()
            yield Client(self.proxy, "careless", FLASH, patience=2, ignores_tools=True).run()
        for tenant, model in (
            *[("slow", SLOW_MODEL)] * 4,
            ("nowhere", FLASH),
            ("refused", REFUSED_MODEL),
        ):
            yield Client(self.proxy, tenant, model).run()
        for _ in range(2):
            yield Client(self.proxy, "small", FLASH).run()
        yield Client(self.other, "anybody", FLASH).run()
        yield talk_nonsense(self.proxy)

    def squeeze_files(self):
        """Leaves the other node hardly more files than it has open."""
        pid = self.other.process.pid
        used = len(os.listdir(f"/proc/{pid}/fd"))
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used * 10 // 9 + 1, hard))

    def break_policies(self):
        (self.other.data.parent / "policies" / "default.yaml").write_text("upstream: { ulr: x }\n")

    @property
    def ledger(self):
        return self.proxy.data / "ledger.db"

    def end(self):
        for program in reversed(self.programs):
            program.end()
