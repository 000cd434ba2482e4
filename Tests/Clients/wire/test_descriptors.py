"""Descriptors are one resource: a crowd at either port leaves some to those who ask, call or talk."""

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sqlite3
import ssl
import time

import pytest
from certificates import Authority
from receiver import SECRET, Receiver
from relay import Gemini, Relay, closed, frame, upgrade_request
from turnkeeper import Proxy
from watching import freeze, get, is_said, until
from websockets.exceptions import ConnectionClosed, InvalidStatus

CHECK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def hello():
    """The beginning of a TLS handshake."""
    out = ssl.MemoryBIO()
    context = ssl.create_default_context()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost").do_handshake()
    return out.read()


KINDS = {
    "silent": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: lo",
    "half a hello": hello()[:60],
    "a hello": hello(),
    "answered": CHECK,
    "many answers, unread": CHECK.replace(b"healthz", b"metrics") * 20,
    "events": CHECK.replace(b"healthz", b"api/events"),
    "no setup": upgrade_request(),
    "half a setup": upgrade_request() + frame(0x2, b"x" * 50, length=4096),
    "half a request": b"POST /v1beta/models/gemini-x:generateContent HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\nabc",
}
OF_DATA = [kind for kind in KINDS if kind not in ("many answers, unread", "events")]
OF_ADMIN = [kind for kind in KINDS if kind not in ("no setup", "half a setup", "half a request")]
# Others for a longer look: `DESCRIPTORS="64 512 1024"`.
LIMITS = [int(limit) for limit in os.environ.get("DESCRIPTORS", "256").split()]
CROWDS = [(limit, limit * 9 // 10) for limit in LIMITS]
PLACES = [("data", kind) for kind in OF_DATA] + [("admin", kind) for kind in OF_ADMIN]


@pytest.fixture(autouse=True)
def room():
    """For our own ends of the connections."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16384), hard))


def few(limit):
    class Few(Proxy):
        def launcher(self):
            return ["prlimit", f"--nofile={limit}:{limit}", "--"]

    return Few


def port_of(proxy, place):
    return proxy.port("admin on") if place == "admin" else proxy.listening


def enter(proxy, place, kind):
    one = socket.socket()
    if "unread" in kind:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    one.settimeout(30)
    one.connect(("127.0.0.1", port_of(proxy, place)))
    with contextlib.suppress(OSError):
        one.send(KINDS[kind])
    return one


def status(check):
    with contextlib.suppress(OSError):
        return check.recv(1 << 16)[9:12]
    return None


def seconds(proxy):
    fields = open(f"/proc/{proxy.process.pid}/stat").read().rsplit(") ")[1].split()
    return sum(int(field) for field in fields[11:13]) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def leaving(crowd):
    try:
        yield crowd
    finally:
        for one in crowd:
            one.close()


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("place, kind", PLACES)
async def test_whoever_asks_in_a_rush_is_answered(start, place, kind, limit):
    """All come while the process stands still; what has arrived by then is answered."""
    async with Gemini() as gemini:
        proxy = start(few(limit), gemini.url)
        both = Relay(gemini, proxy)
        client, connection = await both.session()
        # Its line must have been read: a frozen process writes none.
        assert proxy.port("admin on")
        with leaving([]) as crowd, leaving([]) as checks:
            freeze(proxy.process)
            try:
                for n in range(min(2 * limit, 600)):
                    crowd.append(enter(proxy, place, kind))
                    if n % 10 == 9:
                        checks.append(enter(proxy, ("data", "admin")[n // 10 % 2], "answered"))
            finally:
                os.kill(proxy.process.pid, signal.SIGCONT)
            answers = [await asyncio.to_thread(status, check) for check in checks]
            assert answers == [b"200"] * len(checks)
            await both.assert_passes(client, connection)


@pytest.mark.parametrize("limit, count", CROWDS)
@pytest.mark.parametrize("place, kind", PLACES)
async def test_a_standing_crowd_neither_deafens_nor_busies(start, place, kind, limit, count):
    async with Gemini() as gemini:
        proxy = start(few(limit), gemini.url)
        both = Relay(gemini, proxy)
        client, connection = await both.session()
        with leaving([]) as crowd:
            for _ in range(count):
                crowd.append(await asyncio.to_thread(enter, proxy, place, kind))
            for _ in range(4):
                for address in (proxy.http, f"http://127.0.0.1:{proxy.port('admin on')}"):
                    assert await asyncio.to_thread(get, address + "/healthz", 20) == "ok\n"
            used, since = seconds(proxy), time.monotonic()
            await asyncio.sleep(1.5)
            # A thread that spins uses all of it.
            assert seconds(proxy) - used < 0.6 * (time.monotonic() - since)
            await both.assert_passes(client, connection)
        assert "Too many open files" not in proxy.log_path.read_text()


@pytest.mark.parametrize("limit", [128, 256, 512])
@pytest.mark.parametrize("kind", ["no setup", "half a setup"])
async def test_who_waits_without_a_setup_gives_way_to_a_caller(start, kind, limit):
    async with Gemini() as gemini:
        proxy = start(few(limit), gemini.url, "client: { setup: 60s }")
        both = Relay(gemini, proxy)
        client, connection = await both.session()
        waiting = await both.connect()
        with leaving([]) as crowd:
            for _ in range(limit):
                crowd.append(await asyncio.to_thread(enter, proxy, "data", kind))
            await asyncio.sleep(1.5)
            # Long before `client.setup` sends the crowd away.
            async with asyncio.timeout(40):
                callers = [await served(both)]
                while waiting.close_code is None and len(callers) < limit // 4:
                    callers.append(await served(both))
            code, reason = await closed(waiting)
            assert code == 1013 and "closed to make room" in reason, (code, reason)
            for caller, its in callers:
                await both.assert_passes(caller, its)
            await both.assert_passes(client, connection)


async def served(both):
    while True:
        with contextlib.suppress(InvalidStatus, ConnectionClosed, OSError):
            return await both.session()
        await asyncio.sleep(0.2)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("place", ["data", "admin"])
async def test_tls_is_no_way_around(start, tmp_path, place, asks, workers):
    """The crowd finishes its handshakes, and says nothing, or asks once and stays."""
    certificate, key = Authority(tmp_path).issue()
    trust = ssl._create_unverified_context()

    def enter_safely(place, asks):
        plain = socket.create_connection(("127.0.0.1", port_of(proxy, place)), timeout=20)
        try:
            secure = trust.wrap_socket(plain)
            if asks:
                secure.send(CHECK)
        except OSError:
            return plain
        return secure

    async with Gemini() as gemini:
        more = ("--tls", f"{certificate},{key}", "--workers", workers)
        proxy = start(few(256), gemini.url, "", *more)
        proxy.ws = proxy.wss
        both = Relay(gemini, proxy)
        client, connection = await both.session(ssl=trust)
        with leaving([]) as crowd, leaving([]) as checks:
            for n in range(400):
                crowd.append(await asyncio.to_thread(enter_safely, place, asks))
                if n % 40 == 39:
                    for asked in ("data", "admin"):
                        checks.append(await asyncio.to_thread(enter_safely, asked, True))
                        assert await asyncio.to_thread(status, checks[-1]) == b"200"
            await both.assert_passes(client, connection)


@pytest.mark.parametrize("place, kind", [("data", "no setup"), ("data", "silent"), ("admin", "silent")])
async def test_policies_are_read_and_books_closed_in_a_crowd(start, place, kind):
    async with Gemini() as gemini:
        proxy = start(few(256), gemini.url, "client: { setup: 60s }")
        client, _ = await Relay(gemini, proxy).session()
        name = client.response.headers["x-turnkeeper-session"].split(".")[0]
        with leaving([]) as crowd:
            for _ in range(400):
                crowd.append(await asyncio.to_thread(enter, proxy, place, kind))
            policy = proxy.log_path.parent / "policies/default.yaml"
            fresh = policy.with_suffix(".new")
            fresh.write_text(policy.read_text().replace("60s", "50s"))
            fresh.rename(policy)
            proxy.process.send_signal(signal.SIGHUP)
            await until(lambda: is_said(proxy, " policies reloaded changed="))
            await client.close()
            await until(lambda: has_ended(proxy, name))
        assert "Too many open files" not in proxy.log_path.read_text()


def has_ended(proxy, name):
    ledger = f"file:{proxy.data}/ledger.db?mode=ro"
    with contextlib.closing(sqlite3.connect(ledger, uri=True)) as books:
        return bool(books.execute("SELECT 1 FROM sessions WHERE id = ? AND outcome <> ''", (name,)).fetchall())


async def test_reports_leave_in_a_crowd(start, monkeypatch):
    monkeypatch.setenv("NOTIFY_SECRET", SECRET)
    async with Gemini() as gemini:
        with Receiver() as receiver, leaving([]) as crowd:
            notify = f"notify: {{ url: '{receiver.url}', secret: env:NOTIFY_SECRET }}\nclient: {{ park: 0ms }}"
            proxy = start(few(256), gemini.url, notify)
            client, _ = await Relay(gemini, proxy).session()
            for place, kind in (("data", "no setup"), ("admin", "silent"), ("data", "silent")):
                for _ in range(300):
                    crowd.append(await asyncio.to_thread(enter, proxy, place, kind))
            await client.close()
            await asyncio.to_thread(receiver.wait, 1, seconds=60)
