"""Memory that stays short: what is taken, from whom, and in which order, in one run."""

import asyncio
import base64
import contextlib
import itertools
import json
import time

import pytest
from relay import SETUP, Raw, frame, soon, upgrade_request
from tenants import Session, tenants
from watching import get, is_said, resident, until

MIB = 1 << 20
BOUND = 256 * MIB
# Nothing is closed at once: the steps come by their clock, of three seconds.
SHORT = 0.82 * BOUND
# The whole run takes half a minute.
PATIENCE = 120
KEYS = {name: f"{name}-client-key" for name in ("greedy", "rich", "modest")}
# Nobody is closed for being silent, nor an answer given up.
POLICY = """
match: {{ keys: [env:{name}_KEY] }}
upstream: {{ url: UPSTREAM }}
client: {{ setup: 300s }}
stalls: {{ soft: off, hard: off, nudges: 0 }}
"""
QUESTION = '{"clientContent":{"turns":[{"role":"user","parts":[{"text":"?"}]}],"turnComplete":true}}'
SPEAKS = '{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AAAA"}}]}}}'
ENDS = '{"serverContent":{"turnComplete":true}}'
SECOND = 32_000
BLOB = {"mimeType": "audio/pcm;rate=16000", "data": base64.b64encode(bytes(SECOND)).decode()}
SILENCE = json.dumps({"realtimeInput": {"audio": BLOB}})


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(f"{name.upper()}_KEY", key)


class Holder:
    """A session that holds what it likes: a message in fragments that never ends, and pings between
    them, which a proxy that reads it answers."""

    @classmethod
    async def open(cls, proxy, gemini, tenant):
        self = cls()
        self.held, self.pinged, self.answered, self.code = 0, 0, 0, None
        self.raw = await Raw.open(proxy)
        self.raw.send(upgrade_request(headers=[f"x-goog-api-key: {KEYS[tenant]}"]))
        assert (await self.raw.head()).startswith(b"HTTP/1.1 101 ")
        self.raw.send(frame(0x1, json.dumps(SETUP).encode()))
        await self.raw.frame()
        await gemini.accepted()
        self.reading = asyncio.create_task(self.read())
        return self

    async def read(self):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while self.code is None:
                opcode, payload = await self.raw.frame(PATIENCE)
                if opcode == 0x9:
                    self.raw.send(frame(0xA, payload))
                if opcode == 0xA:
                    self.answered = int(payload)
                if opcode == 0x8:
                    self.code = int.from_bytes(payload[:2])
        self.code = self.code or 1006

    async def hold(self, size):
        """Returns when the proxy has it, or does not read any more."""
        self.raw.send(frame(0x0 if self.held else 0x1, bytes(size), fin=False))
        self.held += size
        with contextlib.suppress(TimeoutError):
            await until(self.is_read, 5)

    def ping(self):
        self.pinged += 1
        self.raw.send(frame(0x9, str(self.pinged).encode()))

    def is_read(self):
        return self.answered == self.pinged

    def leave(self):
        self.reading.cancel()
        self.raw.writer.transport.abort()


async def keeper(proxy, gemini):
    """A session with two seconds of silence that it was sent while the model spoke: its next question
    may begin in them."""
    session = await Session.open(proxy, gemini, KEYS["modest"])
    await session.client.send(QUESTION)
    await soon(session.gemini.recv())
    await session.gemini.send(SPEAKS)
    await soon(session.client.recv())
    for _ in range(2):
        await session.client.send(SILENCE)
        await soon(session.gemini.recv())
    await session.gemini.send(ENDS)
    await soon(session.client.recv())
    return session


async def newcomer(proxy, tenant):
    """The status of the answer to somebody who comes now, and goes."""
    raw = await Raw.open(proxy)
    raw.send(upgrade_request(headers=[f"x-goog-api-key: {KEYS[tenant]}"]))
    try:
        return int((await raw.head()).split()[1])
    finally:
        raw.writer.transport.abort()


class Shortage:
    """A tenant that takes nearly all there is, one that takes much, and one that takes next to nothing."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.began = {}

    async def open(self, gemini):
        proxy = self.proxy
        self.keepers = [await keeper(proxy, gemini) for _ in range(8)]
        self.small = [await Session.open(proxy, gemini, KEYS[name]) for name in ("modest", "greedy")]
        self.greedy = [await Holder.open(proxy, gemini, "greedy") for _ in range(10)]
        # Above their share, too, but not as far.
        self.rich = [await Holder.open(proxy, gemini, "rich") for _ in range(6)]
        self.silent = [await Raw.open(proxy) for _ in range(4)]
        for raw in self.silent:
            raw.send(upgrade_request(headers=[f"x-goog-api-key: {KEYS['modest']}"]))
            assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
        self.before = resident(proxy)
        self.kept = await asyncio.to_thread(self.keeps)
        assert self.kept >= len(self.keepers) * 2 * SECOND

    def keeps(self):
        return self.proxy.count("buffer_bytes", tenant="modest")

    def is_over(self):
        return any(holder.code for holder in self.greedy)

    def begins(self, step, since=None):
        self.began.setdefault(step, since or time.monotonic())

    async def fill(self):
        """Keeps memory short."""
        for holder in self.rich * 11:
            await holder.hold(MIB)
        for holder in itertools.cycle(self.greedy):
            if self.is_over():
                break
            if resident(self.proxy) < SHORT and holder.is_read() and holder.held < 12 * MIB:
                await holder.hold(MIB // 4)
            else:
                await asyncio.sleep(0.02)

    async def refusal(self):
        while await newcomer(self.proxy, "greedy") != 503:
            await asyncio.sleep(0.3)
        self.begins("newcomers are refused")
        # Not those of a tenant within its share.
        assert await newcomer(self.proxy, "modest") == 101
        assert await asyncio.to_thread(self.proxy.count, "memory_bytes") >= 0.8 * BOUND
        assert await asyncio.to_thread(self.proxy.count, "memory_limit_bytes") == BOUND

    async def clearing(self):
        codes = await asyncio.gather(*(raw.close_code(PATIENCE) for raw in self.silent))
        self.begins("connections without a setup are closed")
        assert codes == [1013] * len(codes)

    async def shedding(self):
        await until(lambda: self.keeps() < self.kept / 2, PATIENCE)
        self.begins("kept sound goes")

    async def starving(self):
        """Whoever is above their share in the greediest tenant waits, while all others are read."""
        while not self.is_over():
            since = time.monotonic()
            for holder in self.greedy + self.rich:
                holder.ping()
            asked = {holder: holder.pinged for holder in self.greedy}
            await until(lambda: all(holder.is_read() for holder in self.rich))
            for session in self.small:
                await session.turn()
            await asyncio.sleep(0.3)
            if any(holder.answered < asked[holder] and not holder.code for holder in self.greedy):
                self.begins("those above their share are not read", since)
        self.begins("one of them is closed")


async def test_who_pays_when_memory_is_short_and_in_which_order(start):
    policies = {f"{name}.yaml": POLICY.format(name=name.upper()) for name in KEYS}
    async with tenants(start, policies, "--memory", f"{BOUND // MIB}MiB") as (gemini, proxy):
        proxy.address = ("127.0.0.1", proxy.listening)
        shortage = Shortage(proxy)
        await shortage.open(gemini)
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for part in ("fill", "refusal", "clearing", "shedding", "starving"):
                group.create_task(getattr(shortage, part)())
        assert sorted(shortage.began, key=shortage.began.get) == [
            "newcomers are refused",
            "connections without a setup are closed",
            "kept sound goes",
            "those above their share are not read",
            "one of them is closed",
        ]
        # There is room again, also for those who waited.
        await until(lambda: proxy.count("memory_bytes") < 0.8 * BOUND)
        closed = [holder.code for holder in shortage.greedy if holder.code]
        # As many as were in the way: one, unless its memory came back late.
        assert set(closed) == {1013} and len(closed) < 5, closed
        left = [holder for holder in shortage.greedy + shortage.rich if not holder.code]
        for holder in left:
            holder.ping()
        await until(lambda: all(holder.is_read() for holder in left))
        for session in shortage.small + shortage.keepers:
            await session.turn()
        await Session.open(proxy, gemini, KEYS["modest"])
        assert is_said(proxy, "memory is no longer short")
        for holder in shortage.greedy + shortage.rich:
            holder.leave()
        await until(lambda: proxy.count("memory_bytes") < shortage.before + 20 * MIB)
        assert get(proxy.http + "/healthz") == "ok\n" and get(proxy.admin + "/healthz")
