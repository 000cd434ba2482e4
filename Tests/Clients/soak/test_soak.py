"""Everything that goes wrong with machines and networks, again and again, on real sockets.

`SOAK_SECONDS` says for how long (1800 without it). After each trouble turns are answered again, and at
the end the books hold what gemini counted, and memory, descriptors and threads are back.
"""

import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

from certificates import Authority
from faulty_relay import FaultyRelay
from relay import SETUP, Gemini, frame, upgrade_request
from turnkeeper import PATH, PROGRAM, REPOSITORY, Guarded
from watching import freeze, get, resident, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

# What gemini's name stands for, in this order: nobody is at the first, two swallow whoever dials them.
NAME = "gemini.test"
REFUSING, SILENT, LIVING = "127.0.0.2", ("127.0.0.3", "127.0.0.4"), "127.0.0.5"
SECONDS = float(os.environ.get("SOAK_SECONDS", 1800))
TALKERS = 8
MIB = 1 << 20
QUESTION = json.dumps(
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}}
)


class Counting(Gemini):
    """Answers every question, and counts what it bills."""

    billed = 0

    async def _serve(self, connection):
        self.requests.append(connection.request)
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                kind = json.loads(message)
                if "setup" in kind:
                    await connection.send('{"setupComplete":{}}')
                # 3.1 takes typed words as realtime input alone, so the proxy says them so.
                elif "clientContent" in kind or "text" in kind.get("realtimeInput", {}):
                    tokens = random.randint(1, 500)
                    self.billed += tokens
                    usage = {
                        "responseTokenCount": tokens,
                        "totalTokenCount": tokens,
                        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": tokens}],
                    }
                    part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA" * 400}}
                    await connection.send(json.dumps({"serverContent": {"modelTurn": {"parts": [part]}}}))
                    end = {"serverContent": {"turnComplete": True}, "usageMetadata": usage}
                    await connection.send(json.dumps(end))


class Talkers:
    """Clients that ask, wait for the answer, and start anew when they are closed."""

    def __init__(self, proxy):
        self.proxy, self.answered, self.seen, self.is_over = proxy, [0] * TALKERS, 0, False
        self.trust = proxy.trust()

    def connect(self, number):
        """Half of them by TLS."""
        options = {"proxy": None, "open_timeout": 20}
        if number % 2:
            return connect(self.proxy.wss + PATH, ssl=self.trust, **options)
        return connect(self.proxy.ws + PATH, **options)

    async def talk(self, number):
        while not self.is_over:
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError, TimeoutError, EOFError):
                async with self.connect(number) as client:
                    await client.send(json.dumps(SETUP))
                    async with asyncio.timeout(20):
                        await client.recv()
                    for _ in range(random.randint(1, 40)):
                        if self.is_over:
                            break
                        await client.send(QUESTION)
                        async with asyncio.timeout(60):
                            while True:
                                said = json.loads(await client.recv())
                                if "turnComplete" in said.get("serverContent", {}):
                                    break
                        self.seen += said.get("usageMetadata", {}).get("totalTokenCount", 0)
                        self.answered[number] += 1
                        await asyncio.sleep(0.1)
            await asyncio.sleep(0.1)


# Each trouble lasts while its context does.


@contextlib.asynccontextmanager
async def slow(soak):
    soak.relay.delay = 0.3
    yield


@contextlib.asynccontextmanager
async def narrow(soak):
    soak.relay.rate = 4000
    yield


@contextlib.asynccontextmanager
async def resets(soak):
    async def again():
        while True:
            soak.relay.reset()
            await asyncio.sleep(0.7)

    task = asyncio.create_task(again())
    yield
    task.cancel()


@contextlib.asynccontextmanager
async def black_hole(soak):
    soak.relay.swallows = True
    yield
    soak.relay.reset()


@contextlib.asynccontextmanager
async def stopped(soak):
    freeze(soak.proxy.process)
    try:
        yield
    finally:
        soak.proxy.process.send_signal(signal.SIGCONT)


@contextlib.asynccontextmanager
async def locked_ledger(soak):
    ledger = sqlite3.connect(soak.proxy.data / "ledger.db", isolation_level=None, timeout=10)
    ledger.execute("BEGIN IMMEDIATE")
    yield
    ledger.execute("ROLLBACK")
    ledger.close()


@contextlib.contextmanager
def limited(soak, kind, most):
    process = soak.proxy.process.pid
    soft, hard = resource.prlimit(process, kind)
    resource.prlimit(process, kind, (most, hard))
    try:
        yield
    finally:
        resource.prlimit(process, kind, (soft, hard))


@contextlib.asynccontextmanager
async def full_disk(soak):
    """Files may not grow, which the ledger meets as it would a full disk."""
    with limited(soak, resource.RLIMIT_FSIZE, 1):
        yield


@contextlib.asynccontextmanager
async def no_descriptors(soak):
    used = len(os.listdir(f"/proc/{soak.proxy.process.pid}/fd"))
    crowd = []
    with limited(soak, resource.RLIMIT_NOFILE, used + 2):
        for _ in range(50):
            with contextlib.suppress(OSError):
                crowd.append(socket.create_connection(soak.proxy.address, timeout=1))
        yield
    for one in crowd:
        one.close()


@contextlib.asynccontextmanager
async def bad_clients(soak):
    """Those that vanish in a message, never read, and send a byte a second."""
    writers = []
    for number in range(60):
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(*soak.proxy.address, limit=4096)
            writers.append(writer)
            if number % 3 == 2:
                writer.write(upgrade_request()[:40])
                continue
            writer.write(upgrade_request() + frame(0x1, json.dumps(SETUP).encode()))
            if number % 3 == 0:
                writer.write(frame(0x1, b"x" * 1000, length=500_000))
            else:
                writer.transport.pause_reading()
                for _ in range(20):
                    writer.write(frame(0x1, QUESTION.encode()))

    async def trickle():
        while True:
            for writer in writers[2::3]:
                writer.write(b"x")
            await asyncio.sleep(1)

    task = asyncio.create_task(trickle())
    yield
    task.cancel()
    for writer in writers:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def handshake_storm(soak):
    """TLS connections as fast as they can be made: whole ones, begun ones, and ones of nonsense."""
    trust = soak.proxy.trust()

    async def again(number):
        while True:
            with contextlib.suppress(OSError, TimeoutError, EOFError):
                async with asyncio.timeout(20):
                    whole = {"ssl": trust, "server_hostname": "localhost"} if number % 3 == 0 else {}
                    reader, writer = await asyncio.open_connection(*soak.proxy.address, **whole)
                    if number % 3:
                        # The head of a record, and what is no greeting.
                        writer.write(b"\x16\x03\x01\x02\x00" + os.urandom(number * 8))
                        await asyncio.sleep(random.uniform(0, 1))
                    writer.transport.abort()
            await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(again(number)) for number in range(24)]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def storm_over_black_hole(soak):
    """While shakers of hands keep the processors busy, connections fall into a hole, are dialed again
    past the dead addresses, and fall in again."""

    async def again():
        while True:
            soak.relay.swallows = True
            await asyncio.sleep(1.5)
            soak.relay.swallows = False
            soak.relay.reset()
            await asyncio.sleep(1)

    async with handshake_storm(soak):
        task = asyncio.create_task(again())
        # Twice, at the least.
        await asyncio.sleep(3)
        yield
        task.cancel()
        soak.relay.reset()


@contextlib.asynccontextmanager
async def expired_certificate(soak):
    """Gemini's has expired: new connections must not talk to it, and do once it is renewed."""
    soak.tls.load_cert_chain(*soak.authority.issue(-1, NAME))
    soak.relay.reset()
    await asyncio.sleep(1)
    billed = soak.gemini.billed
    yield
    assert soak.gemini.billed == billed
    soak.tls.load_cert_chain(*soak.authority.issue(host=NAME))


TROUBLES = [
    slow, narrow, resets, black_hole, stopped, locked_ledger, full_disk, no_descriptors, bad_clients,
    handshake_storm, storm_over_black_hole, expired_certificate,
]


class Named(Guarded):
    """Knows `NAME`, by all its addresses."""

    def launcher(self):
        library = self.log_path.with_name("addresses.so")
        compiler = shutil.which("clang") or shutil.which("cc")
        source = REPOSITORY / "Tests/Clients/addresses.c"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True, timeout=60)
        addresses = " ".join((REFUSING, *SILENT, LIVING))
        return ["/usr/bin/env", f"LD_PRELOAD={library}", f"NAME={NAME}", f"ADDRESSES={addresses}"]


@contextlib.asynccontextmanager
async def dead_addresses(port):
    """At each of `SILENT` a queue that is full, so that the kernel answers nobody who comes. Gives those
    that somebody has dialed."""
    dialed = set()

    async def see():
        waits = "02"
        while True:
            with open("/proc/net/tcp") as table:
                rows = [line.split() for line in table]
            far = {row[2].split(":")[0] for row in rows if row[3] == waits}
            dialed.update(a for a in SILENT if socket.inet_aton(a)[::-1].hex().upper() in far)
            await asyncio.sleep(0.1)

    with contextlib.ExitStack() as stack:
        for address in SILENT:
            queue = stack.enter_context(socket.create_server((address, port), backlog=0))
            stack.enter_context(socket.create_connection(queue.getsockname()))
        task = asyncio.create_task(see())
        yield dialed
        task.cancel()


class Soak:
    def __init__(self, proxy, relay, gemini, authority, tls):
        self.proxy, self.relay, self.gemini = proxy, relay, gemini
        self.authority, self.tls = authority, tls

    def figures(self):
        """Memory, descriptors, threads."""
        process = f"/proc/{self.proxy.process.pid}"
        return resident(self.proxy), len(os.listdir(f"{process}/fd")), len(os.listdir(f"{process}/task"))


async def test_it_comes_through_everything(start, capsys, tmp_path):
    authority = Authority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue(host=NAME))
    # A connection that resumes a session is shown no certificate, expired or not.
    tls.num_tickets = 0
    async with (
        Counting(ssl=tls) as gemini,
        FaultyRelay(gemini.port, LIVING) as relay,
        dead_addresses(relay.port) as dialed,
    ):
        url = f"wss://{NAME}:{relay.port}"
        # A second more for the dead addresses, of which each costs a quarter at most.
        clocks = f"connect: 3s, setup: 2s, dead: 5s, ping: 1s, ca_file: {authority.ca}"
        proxy = start(Named, url, upstream=clocks)
        soak = Soak(proxy, relay, gemini, authority, tls)
        talkers = Talkers(proxy)
        tasks = [asyncio.create_task(talkers.talk(number)) for number in range(TALKERS)]
        await answered_by_all(talkers)
        before = soak.figures()
        rows, deadline = [], time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for trouble in random.sample(TROUBLES, len(TROUBLES)):
                # Each of them once, however short the time.
                if time.monotonic() >= deadline and len(rows) >= len(TROUBLES):
                    break
                began = time.monotonic()
                async with trouble(soak):
                    await asyncio.sleep(random.uniform(3, 8))
                relay.heal()
                ended = time.monotonic()
                await answered_by_all(talkers)
                assert await asyncio.to_thread(get, proxy.http + "/healthz", 30) == "ok\n"
                rows.append((trouble.__name__, ended - began, time.monotonic() - ended, *soak.figures()))
        talkers.is_over = True
        await asyncio.gather(*tasks)
        await until(lambda: soak.figures()[1] <= before[1] + 8, 90)
        await until(lambda: soak.figures()[2] <= before[2] + 2, 30)
        await until(lambda: soak.figures()[0] < before[0] + 80 * MIB, 60)
        await until(lambda: proxy.count("ledger_queue") == 0, 60)
        assert proxy.count("ledger_lost_total") == 0
        told = subprocess.run(
            [PROGRAM, "usage", "--json", "--data", proxy.data], capture_output=True, text=True, timeout=60
        )
        booked = sum(row["tokens"]["total"] for row in json.loads(told.stdout))
        assert dialed == set(SILENT)
        # What a reset connection took with it gemini has counted and nobody has heard.
        assert talkers.seen <= booked <= gemini.billed, (talkers.seen, booked, gemini.billed)
        with capsys.disabled():
            print(f"\n{'trouble':20} {'lasted':>7} {'healed in':>9} {'MiB':>6} {'files':>6} {'threads':>7}")
            for name, lasted, healed, memory, files, threads in rows:
                print(f"{name:20} {lasted:6.1f}s {healed:8.1f}s {memory // MIB:6} {files:6} {threads:7}")
            print(f"turns {sum(talkers.answered)}, tokens seen {talkers.seen}, booked {booked}, billed {gemini.billed}")


async def answered_by_all(talkers):
    """Every client is answered again: the bound is what recovery and a busy machine may take."""
    before = list(talkers.answered)
    async with asyncio.timeout(120):
        while any(now <= then for now, then in zip(talkers.answered, before)):
            await asyncio.sleep(0.1)
