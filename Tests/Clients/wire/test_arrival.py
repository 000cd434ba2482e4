"""Connections that do not say what they are here for: what they may cost, and whom."""

import asyncio
import contextlib
import json
import time

import pytest
from relay import SETUP, Gemini, Raw, Relay, closed, relay, soon, upgrade_request
from tenants import CONSTRAINED, Minter, Session, tenants
from turnkeeper import Proxy
from watching import until
from websockets.exceptions import ConnectionClosed, InvalidStatus

KEY, OTHER = "acme-client-key", "neighbour-client-key"


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("NEIGHBOUR_KEY", OTHER)
    monkeypatch.setenv("OUR_KEY", "the-company-s-own-gemini-key")


def policies(more=""):
    common = "upstream: { url: UPSTREAM, key: env:OUR_KEY }\n"
    return {
        "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\n{common}{more}",
        "neighbour.yaml": f"match: {{ keys: [env:NEIGHBOUR_KEY] }}\n{common}",
    }


async def test_silence_is_closed_on_both_sides(start):
    async with relay(start, "client: { setup: 500ms }", answers_setup=False) as both:
        client = await both.connect()
        connection = await both.gemini.accepted()
        code, reason = await closed(client)
        assert code == 1008 and "client.setup" in reason
        assert client.response.headers["x-turnkeeper-session"].split(".")[0] in reason
        await closed(connection)
        await until(lambda: both.proxy.count("limits_total", limit="client.setup") == 1)


async def test_who_has_sent_a_setup_has_all_the_time_there_is(start):
    async with relay(start, "client: { setup: 2s }") as both:
        client, connection = await both.session()
        await asyncio.sleep(3)
        await both.assert_passes(client, connection)


async def test_the_silent_take_no_places(start):
    async with tenants(start, policies("limits: { sessions: 3 }")) as (gemini, proxy):
        gemini.answers_setup = False
        silent = [await proxy.connect(KEY) for _ in range(3)]
        for _ in silent:
            await gemini.accepted()
        gemini.answers_setup = True
        for _ in range(3):
            await Session.open(proxy, gemini, KEY)
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            await Session.open(proxy, gemini, KEY)


async def test_a_token_holds_few_connections_and_locks_nobody_out(start):
    async with tenants(start, policies()) as (gemini, proxy):
        token = await Minter(proxy, KEY)(uses=1)
        gemini.answers_setup = False
        silent = []
        for _ in range(60):
            with contextlib.suppress(InvalidStatus):
                silent.append(await proxy.connect(token, CONSTRAINED))
        await asyncio.sleep(1.1)
        silent.append(await proxy.connect(token, CONSTRAINED))
        await until(lambda: sum(client.close_code is None for client in silent) <= 16)
        while not gemini._connections.empty():
            await gemini.accepted()
        gemini.answers_setup = True
        for key in (OTHER, KEY):
            await Session.open(proxy, gemini, key)
        # Its own holder gets in too: the oldest of the silent makes room.
        await Session.open(proxy, gemini, token, path=CONSTRAINED)


async def test_a_tenant_holds_few_connections_and_locks_nobody_out(start):
    """From however many addresses they come: one for each of its sessions, and 64 more."""
    async with tenants(start, policies("limits: { sessions: 3 }\nclient: { setup: 60s }")) as (gemini, proxy):
        gemini.answers_setup = False

        async def silent(number):
            with contextlib.suppress(InvalidStatus):
                return await proxy.connect(KEY, local_addr=(f"127.0.1.{number}", 0))

        found = filter(None, [await silent(1 + number) for number in range(67)])
        await asyncio.sleep(1.1)
        found = [*found, *filter(None, [await silent(101 + number) for number in range(20)])]
        assert len(found) > 70
        await until(lambda: sum(client.close_code is None for client in found) <= 67)
        # The oldest have left, the others have not.
        assert [client.close_code is None for client in found] == [False] * (len(found) - 67) + [True] * 67
        while not gemini._connections.empty():
            await gemini.accepted()
        gemini.answers_setup = True
        for key in (OTHER, KEY):
            await Session.open(proxy, gemini, key)


async def test_a_client_that_says_nothing_has_ten_seconds(start):
    """Without a word about it in the policy."""
    async with relay(start, answers_setup=False) as both:
        client = await both.connect()
        await asyncio.sleep(5)
        assert client.close_code is None
        code, reason = await closed(client, 60)
        assert code == 1008 and "client.setup" in reason, reason


@pytest.mark.parametrize("balanced", [False, True], ids=["its own", "behind a balancer"])
async def test_one_address_holds_a_thousand_connections_and_locks_nobody_out(start, balanced):
    """Whoever opens more shows its own oldest out; another address gets in at any time."""
    # A balancer that is listed says whose a connection is.
    first, second = [{"X-Forwarded-For": f"192.0.2.{n}"} if balanced else {} for n in (1, 2)]
    other_address = None if balanced else ("127.0.0.2", 0)
    options = ("--balancers", "127.0.0.1") if balanced else ()
    policy = "client: { setup: 60s }\nlimits: { sessions: 3000 }\n"
    async with tenants(start, policies(policy), *options) as (gemini, proxy):
        gemini.answers_setup = False
        lines = [f"{name}: {value}" for name, value in first.items()]

        async def silent():
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.listening)
            writer.write(upgrade_request(headers=[f"x-goog-api-key: {KEY}", *lines]))
            head = await soon(reader.readuntil(b"\r\n\r\n"))
            return head.startswith(b"HTTP/1.1 101 "), reader, writer

        connections = []
        for _ in range(0, 1200, 50):
            connections += await asyncio.gather(*(silent() for _ in range(50)))
            await asyncio.sleep(0.1)
        accepted = [reader for is_open, reader, _ in connections if is_open]
        assert len(accepted) > 1024
        # Those that are shown out are told so, and the connection ends.
        ends = [asyncio.create_task(reader.read()) for reader in accepted]
        await until(lambda: sum(end.done() for end in ends) == len(accepted) - 1024)
        gemini.answers_setup = True
        while not gemini._connections.empty():
            await gemini.accepted()
        other = await proxy.connect(KEY, local_addr=other_address, headers=second)
        await other.send(json.dumps(SETUP))
        assert json.loads(await soon(other.recv())) == {"setupComplete": {}}
        # Nor was one more of them shown out since.
        assert sum(not end.done() for end in ends) == 1024
        for _, _, writer in connections:
            writer.close()
        await soon(asyncio.gather(*ends, return_exceptions=True))


ANYONE = "match: { anyone: true }"


async def test_our_credential_is_not_spent_on_strangers_that_say_nothing(start, tmp_path):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, f"client: {{ setup: 2s }}\n{ANYONE}", upstream="key: env:OUR_KEY")
        both = Relay(gemini, proxy)
        silent = await both.connect()
        code, reason = await closed(silent)
        assert code == 1008 and "client.setup" in reason
        assert gemini.requests == []
        client, connection = await both.session()
        assert gemini.requests[0].headers["x-goog-api-key"] == "the-company-s-own-gemini-key"
        await both.assert_passes(client, connection)


async def test_what_a_stranger_sends_right_behind_its_setup_is_not_lost(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, ANYONE, upstream="key: env:OUR_KEY")
        client = await Relay(gemini, proxy).connect()
        sent = [json.dumps({"clientContent": {"turns": [], "turnComplete": False, "n": n}}) for n in range(50)]
        await client.send(json.dumps(SETUP))
        for message in sent:
            await client.send(message)
        connection = await gemini.accepted()
        assert [await soon(connection.recv()) for _ in sent] == sent


async def test_a_stranger_is_told_that_gemini_is_not_there(start):
    proxy = start(Proxy, "ws://127.0.0.1:1", ANYONE, upstream="key: env:OUR_KEY, connect: 1s")
    client = await Relay(None, proxy).connect()
    await client.send(json.dumps(SETUP))
    code, reason = await closed(client)
    assert code == 1011 and "cannot be reached" in reason


@pytest.mark.parametrize("upstream", ["", "key: env:OUR_KEY"])
async def test_before_its_setup_nobody_has_more_than_a_megabyte(start, upstream):
    async with Gemini(answers_setup=False) as gemini:
        proxy = start(Proxy, gemini.url, ANYONE if upstream else "", upstream=upstream)
        raw = await Raw.open(proxy)
        raw.send(upgrade_request())
        await raw.head()
        # The head alone of a text of two megabytes.
        raw.send(b"\x81\xff" + (2 << 20).to_bytes(8, "big") + b"\0\0\0\0")
        assert await raw.close_code() == 1009
        # The same in pieces that are allowed, before a setup: together they are too much.
        client = await Relay(gemini, proxy).connect()
        filler = json.dumps({"clientContent": {"x": "y" * 300_000}})
        with contextlib.suppress(ConnectionClosed):
            for _ in range(6):
                await client.send(filler)
        code, reason = await closed(client)
        assert code == 1008 and "1048576" in reason


async def test_sessions_cannot_be_begun_faster_than_anybody_talks(start):
    async with tenants(start, policies("limits: { sessions: 1 }")) as (gemini, proxy):
        refused, tried = 0, 0
        began = time.monotonic()
        # More, where this machine is too slow to be too fast.
        while tried < 150 or refused == 0 and tried < 1000:
            tried += 1
            try:
                client = await proxy.connect(KEY)
                await client.close()
            except InvalidStatus as status:
                refused += status.response.status_code == 503
                assert int(status.response.headers["Retry-After"]) > 0
        assert refused >= tried - 100 - 5 * (time.monotonic() - began) - 1
        assert refused > 0
        await Session.open(proxy, gemini, OTHER)
