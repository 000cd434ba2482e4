"""Connections to gemini that are opened before a session wants them (`upstream.warm`)."""

import asyncio
import contextlib
import http
import json
import signal
import subprocess

import pytest
from relay import SETUP, Gemini, Relay, closed, frame, soon
from tenants import Session, Tenants
from turnkeeper import PATH, PROGRAM, Proxy
from watching import until
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

KEY = "acme-client-key"
OTHER_PATH = PATH.replace("v1beta", "v1alpha")
WARM = 2
MODEL = SETUP["setup"]["model"].removeprefix("models/")
QUESTION = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}


class WaitingGemini(Gemini):
    """Keeps every connection in the order of their upgrades; refuses others with `status`, if there is one."""

    def __init__(self, **options):
        self.connections = []
        self.status = None
        self.dials = 0
        super().__init__(process_request=self._judge, **options)

    def _judge(self, connection, request):
        self.dials += 1
        if self.status:
            return connection.respond(http.HTTPStatus(self.status), "not now\n")

    async def _serve(self, connection):
        self.connections.append(connection)
        with contextlib.suppress(ConnectionClosed):
            await super()._serve(connection)

    def open(self):
        return [one for one in self.connections if one.state is State.OPEN]

    def ready(self, *sessions):
        """Those that are none of these sessions'."""
        taken = [session.gemini for session in sessions]
        return [one for one in self.open() if one not in taken]


@contextlib.asynccontextmanager
async def warm(start, monkeypatch, more="", *arguments, kind=Tenants):
    """A gemini, and a proxy with one worker that keeps connections to it ready."""
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("ACME_GEMINI_KEY", "gemini-key-of-acme")
    async with WaitingGemini() as gemini:
        policies = {"acme.yaml": policy(gemini, more), "default.yaml": "match: { anyone: false }"}
        yield gemini, start(kind, policies, *arguments, workers=1)


def policy(gemini, more=""):
    upstream = f"upstream: {{ url: {gemini.url}, key: env:ACME_GEMINI_KEY, warm: {WARM} }}"
    return f"match: {{ keys: [env:ACME_KEY] }}\n{upstream}\n{more}"


async def opened(gemini, count):
    """Until gemini has been connected to so often, and what is not in use is ready."""
    await until(lambda: len(gemini.connections) >= count)
    # Whoever has answered a ping of gemini's has read the answer to its upgrade.
    for one in gemini.open():
        await soon(await one.ping())


def of(proxy, outcome):
    return proxy.count("warm_connections_total", outcome=outcome)


def no_trouble(proxy):
    names = ("reconnects_total", "stalls_total", "gemini_closes_total")
    return [proxy.count(name) for name in names] == [0, 0, 0]


async def test_a_session_takes_one_and_another_is_opened(start, monkeypatch):
    async with warm(start, monkeypatch) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        assert of(proxy, "taken") == 0
        ready = gemini.ready(first)
        session = await Session.open(proxy, gemini, KEY)
        assert session.gemini in ready
        assert session.gemini.request.headers["x-goog-api-key"] == "gemini-key-of-acme"
        assert of(proxy, "taken") == 1
        await session.turn()
        await opened(gemini, 2 + WARM)
        assert len(gemini.connections) == 2 + WARM and no_trouble(proxy)
        await session.client.close()
        await asyncio.to_thread(proxy.end)
        command = [PROGRAM, "sessions", "show", session.id, "--data", proxy.data]
        shown = subprocess.run(command, capture_output=True, check=True, timeout=20, text=True).stdout
        assert "connection 1 was open already" in shown


async def test_any_number_of_sessions_costs_as_many_connections_and_those_that_are_ready(
    start, monkeypatch
):
    async with warm(start, monkeypatch) as (gemini, proxy):
        for _ in range(4):
            clients = await asyncio.gather(*(proxy.connect(KEY) for _ in range(5)))
            for client in clients:
                await client.send(json.dumps(SETUP))
                assert "setupComplete" in await soon(client.recv(decode=True))
        await opened(gemini, 20 + WARM)
        assert len(gemini.connections) == 20 + WARM
        assert len(gemini.setups) == 20 and of(proxy, "taken") > 0
        assert of(proxy, "failed") == of(proxy, "dropped") == 0


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (OTHER_PATH, {}),
        (PATH + "?alt=sse", {}),
        (PATH, {"x-goog-api-client": "google-genai-sdk/9"}),
    ],
)
async def test_whoever_would_ask_for_anything_else_does(start, monkeypatch, path, headers):
    async with warm(start, monkeypatch) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        ready = gemini.ready(first)
        session = await Session.open(proxy, gemini, KEY, path=path, headers=headers)
        assert session.gemini not in ready and session.gemini.request.path == path
        for name, value in headers.items():
            assert session.gemini.request.headers[name] == value
        assert of(proxy, "taken") == 0
        # What is ready stays with those whose it is.
        assert set(ready) < set(gemini.open())
        assert (await Session.open(proxy, gemini, KEY)).gemini in ready


async def test_a_client_s_attestation_is_presented_no_more_often_than_the_client_does(start, monkeypatch):
    async with warm(start, monkeypatch) as (gemini, proxy):
        for _ in range(3):
            await Session.open(proxy, gemini, KEY, headers={"X-Firebase-AppCheck": "attestation"})
        assert gemini.dials == 3


async def test_none_is_opened_with_a_client_s_own_key(start):
    async with WaitingGemini() as gemini:
        both = Relay(gemini, start(Proxy, gemini.url, upstream=f"warm: {WARM}"))
        for _ in range(3):
            await both.session(path=f"{PATH}?key=the-client-s-own")
        assert len(gemini.connections) == gemini.dials == 3


async def test_one_that_gemini_has_closed_is_not_taken(start, monkeypatch):
    async with warm(start, monkeypatch) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        polite, rude = gemini.ready(first)
        await polite.close(1008, "nothing came")
        rude.transport.abort()
        await until(lambda: of(proxy, "failed") == WARM)
        session = await Session.open(proxy, gemini, KEY)
        assert session.gemini is gemini.connections[-1]
        await session.turn()
        assert of(proxy, "taken") == 0 and no_trouble(proxy)


async def test_one_that_gemini_closes_in_the_client_s_hands_is_replaced(start, monkeypatch):
    """The client has its 101, and its setup is on the way: it must not hear of gemini's impatience."""
    # No attempt is counted.
    async with warm(start, monkeypatch, "recovery: { attempts: 0 }") as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        client = await proxy.connect(KEY)
        await until(lambda: of(proxy, "taken") == 1)
        for one in gemini.ready(first):
            await one.close(1008, "nothing came")
        await client.send(json.dumps(SETUP))
        assert "setupComplete" in await soon(client.recv(decode=True))
        assert proxy.count("reconnects_total") == 0
        await Session(client, await gemini.accepted()).turn()


async def test_pings_are_answered_and_one_that_speaks_is_closed(start, monkeypatch):
    async with warm(start, monkeypatch) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        talkative, silent = gemini.ready(first)
        await talkative.send('{"goAway":{}}')
        assert await closed(talkative) == (1000, "")
        assert of(proxy, "failed") == 1
        assert (await Session.open(proxy, gemini, KEY)).gemini is silent


async def test_what_waits_too_long_is_replaced(start, monkeypatch):
    async with warm(start, monkeypatch) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        for one in gemini.ready(first):
            assert await closed(one, seconds=90) == (1000, "")
        await opened(gemini, 1 + 2 * WARM)
        assert of(proxy, "expired") >= WARM and of(proxy, "failed") == 0
        assert (await Session.open(proxy, gemini, KEY)).gemini in gemini.connections[1 + WARM :]


@pytest.mark.parametrize("change", ["limits: { sessions: 7 }", "removed"])
async def test_a_reload_closes_them(start, monkeypatch, change):
    async with warm(start, monkeypatch) as (gemini, proxy):
        session = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        ready = gemini.ready(session)
        if change == "removed":
            (proxy.policies / "acme.yaml").unlink()
        await proxy.reload({} if change == "removed" else {"acme.yaml": policy(gemini, change)})
        for one in ready:
            assert await closed(one) == (1000, "")
        await until(lambda: of(proxy, "dropped") == WARM)
        await session.turn()
        assert gemini.open() == [session.gemini]


async def test_a_drain_closes_them_and_not_the_session(start, monkeypatch):
    async with warm(start, monkeypatch) as (gemini, proxy):
        session = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        ready = gemini.ready(session)
        await session.client.send(json.dumps({"clientContent": QUESTION}))
        await soon(session.gemini.recv())
        # It waits for the answer.
        proxy.process.send_signal(signal.SIGTERM)
        for one in ready:
            assert await closed(one) == (1000, "")
        assert gemini.open() == [session.gemini]


@pytest.mark.parametrize("status", [403, 503])
async def test_that_gemini_refuses_them_is_no_session_s_trouble(start, monkeypatch, status):
    async with warm(start, monkeypatch) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        gemini.status = status
        second = await Session.open(proxy, gemini, KEY)
        await until(lambda: of(proxy, "failed") == 1)
        third = await Session.open(proxy, gemini, KEY)
        # Nobody asks again at once, and sessions that are on their own ask for themselves.
        gemini.status = None
        fourth = await Session.open(proxy, gemini, KEY)
        for session in (first, second, third, fourth):
            await session.turn()
        assert of(proxy, "taken") == 2 and no_trouble(proxy)
        await until(lambda: gemini.ready(first, second, third, fourth))


async def test_while_a_model_fails_none_is_opened(start, monkeypatch):
    breaker = "recovery: { attempts: 0 }\nmodels: { breaker: { failures: 1, sessions: 1 } }"
    breaker = breaker.replace("models: {", f"models: {{ fallback: {{ {MODEL}: gemini-3.8-live }},")
    async with warm(start, monkeypatch, breaker) as (gemini, proxy):
        first = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        ready = gemini.ready(first)
        await first.client.send(json.dumps({"clientContent": QUESTION}))
        await soon(first.gemini.recv())
        await first.gemini.close(1011, "Internal error encountered.")
        await until(lambda: proxy.count("breaker_open") == 1)
        for _ in range(WARM):
            assert (await Session.open(proxy, gemini, KEY)).gemini in ready
        await Session.open(proxy, gemini, KEY)
        assert gemini.dials == 1 + WARM + 1


async def test_a_shortage_of_memory_closes_them_first(start, monkeypatch):
    async with warm(start, monkeypatch, "", "--memory", "96MiB") as (gemini, proxy):
        session = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        ready = gemini.ready(session)
        # The client's session is within its limits, and goes on.
        greedy = [await Session.open(proxy, gemini, KEY, path=OTHER_PATH) for _ in range(6)]
        for one in greedy:
            if not all(one.state is State.OPEN for one in ready):
                break
            # Without its end.
            one.client.transport.write(frame(0x2, bytes(12 << 20), fin=False))
            await asyncio.sleep(0.2)
        for one in ready:
            assert await closed(one) == (1000, "")
        await session.turn()


class Few(Tenants):
    def launcher(self):
        return ["prlimit", "--nofile=128:128", "--"]


async def test_a_shortage_of_descriptors_closes_them(start, monkeypatch):
    async with warm(start, monkeypatch, kind=Few) as (gemini, proxy):
        session = await Session.open(proxy, gemini, KEY)
        await opened(gemini, 1 + WARM)
        ready = gemini.ready(session)
        others = []
        while all(one.state is State.OPEN for one in ready):
            # Nobody is refused for them.
            others.append(await Session.open(proxy, gemini, KEY, path=OTHER_PATH))
        for one in ready:
            assert await closed(one) == (1000, "")
        for one in (session, *others):
            await one.turn()
