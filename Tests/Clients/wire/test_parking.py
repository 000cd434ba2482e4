"""Clients that vanish and come back: to the session they had, or to what is left of it."""

import asyncio
import contextlib
import json
import signal
import sqlite3

import pytest
from relay import MANUAL_SETUP, SETUP, SOON, Gemini, closed, noticed, relay, soon, speech
from tenants import Tenants
from turnkeeper import PATH, Proxy
from watching import is_said, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

OTHER_MODEL = "models/gemini-2.5-flash-native-audio-preview-12-2025"


def update(handle):
    return json.dumps(
        {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}}
    ).encode()


def said(message):
    return json.dumps({"serverContent": message}).encode()


def words(text):
    return json.dumps(
        {"clientContent": {"turns": [{"role": "user", "parts": [{"text": text}]}], "turnComplete": True}}
    )


def with_handle(handle, setup=SETUP):
    return {"setup": {**setup["setup"], "sessionResumption": {"handle": handle}}}


async def handle_of(client, connection, google="google-1"):
    """Gemini gives a handle; what the client is shown."""
    await connection.send(update(google))
    shown = json.loads(await soon(client.recv()))["sessionResumptionUpdate"]
    assert shown["resumable"] is True
    assert shown["newHandle"].startswith("turnkeeper.") and google not in shown["newHandle"]
    return shown["newHandle"]


async def come_back(both, handle, setup=SETUP, **options):
    client = await both.connect(**options)
    await client.send(json.dumps(with_handle(handle, setup)))
    return client


async def is_refused(client):
    code, reason = await closed(client)
    return code == 1008 and "BidiGenerateContent session not found" in reason


async def test_only_the_handle_is_ours(start):
    """Every other byte of the message is gemini's."""
    async with relay(start) as both:
        client, connection = await both.session()
        odd = b'{ "sessionResumptionUpdate" :{"resumable":true, "newHandle"  :"AbC\\u0041"} }\n'
        await connection.send(odd)
        shown = await soon(client.recv())
        handle = json.loads(shown)["sessionResumptionUpdate"]["newHandle"]
        assert shown == odd.replace(b"AbC\\u0041", handle.encode())
        assert len(handle.rsplit(".", 1)[1]) >= 43, "256 bits"
        empty = b'{"sessionResumptionUpdate":{}}'
        await connection.send(empty)
        assert await soon(client.recv()) == empty
        await connection.send(update("another"))
        again = json.loads(await soon(client.recv()))["sessionResumptionUpdate"]["newHandle"]
        assert again == handle


async def test_the_rest_of_an_answer_waits(start):
    """From whatever worker lets the client in: the same gemini connection, one setupComplete."""
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        for round in range(8):
            await client.send(words(f"question {round}"))
            assert f"question {round}" in await soon(connection.recv())
            first = speech(4000)
            await connection.send(first)
            assert await soon(client.recv()) == first
            client.transport.abort()
            await noticed(client, connection)
            rest = [speech(4000), speech(4000), said({"generationComplete": True}), said({"turnComplete": True})]
            for message in rest:
                await connection.send(message)
            client = await come_back(both, handle)
            assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
            for message in rest:
                assert await soon(client.recv()) == message
        await both.assert_passes(client, connection)
        await client.close()
        assert (await closed(connection))[0] == 1000
        # One that never answered a setup for each return.
        assert len(both.gemini.setups) == 1


async def test_a_client_that_is_not_known_to_be_gone(start):
    """The network has changed under it; its old connection is still open here."""
    async with relay(start) as both:
        old, connection = await both.session()
        handle = await handle_of(old, connection)
        client = await come_back(both, handle)
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        await both.assert_passes(client, connection)
        code, reason = await closed(old)
        assert code == 1000 and "another connection" in reason
        await client.close()


async def test_what_is_said_right_behind_the_setup_arrives(start):
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        client.transport.abort()
        client = await both.connect()
        await client.send(json.dumps(with_handle(handle)))
        for number in range(20):
            await client.send(words(f"number {number}"))
        for number in range(20):
            assert f'"number {number}"' in await soon(connection.recv())
        await client.close()


async def test_by_the_sessions_name_and_secret(start):
    async with relay(start) as both:
        client, connection = await both.session(additional_headers={"x-goog-api-key": "k-1"})
        name = client.response.headers["x-turnkeeper-session"]
        session, secret = name.split(".")
        # The id stands in logs, so it takes over nothing; nor does the secret, while the client is
        # there.
        strangers = []
        for shown in (session, session + ".", f"{session}.{secret[:-1]}", f"x.{secret}", name):
            back = {"x-turnkeeper-session": shown, "x-goog-api-key": "k-1"}
            stranger, other = await both.session(additional_headers=back)
            assert other is not connection
            assert "x-turnkeeper-session" not in both.gemini.requests[-1].headers
            strangers.append(stranger)
        await both.assert_passes(client, connection)
        client.transport.abort()
        await noticed(client, connection)
        for shown in (session, f"{session}.{secret[1:]}"):
            back = {"x-turnkeeper-session": shown, "x-goog-api-key": "k-1"}
            stranger, other = await both.session(additional_headers=back)
            assert other is not connection
            strangers.append(stranger)
        back["x-turnkeeper-session"] = name
        client = await both.connect(additional_headers=back)
        await client.send(json.dumps(SETUP))
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        await both.assert_passes(client, connection)
        for stranger in strangers:
            await stranger.close()
        await client.close()
        # The line of the session's end is written behind the client's back.
        await until(lambda: is_said(both.proxy, session))
        assert secret not in both.proxy.log_path.read_text()


async def test_resumed_after_the_time_is_up(start):
    async with relay(start, "client: { park: 300ms }") as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        client.transport.abort()
        assert (await closed(connection))[0] == 1000
        client = await come_back(both, handle)
        connection = await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        sent = json.loads(both.gemini.setups[-1])["setup"]
        assert sent["sessionResumption"] == {"handle": "google-1"}
        assert await handle_of(client, connection, "google-2") == handle
        await both.assert_passes(client, connection)
        await client.close()


async def test_resumed_after_a_clean_close(start):
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        await client.close()
        client = await come_back(both, handle)
        await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        assert json.loads(both.gemini.setups[-1])["setup"]["sessionResumption"] == {
            "handle": "google-1"
        }
        await client.close()


async def test_rebuilt_for_another_model(start):
    """A handle belongs to its model; what was said does not."""
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        await client.send(words("my name is Ada"))
        await soon(connection.recv())
        await connection.send(said({"outputTranscription": {"text": "Hello, Ada."}}))
        await connection.send(said({"turnComplete": True}))
        for _ in range(2):
            await soon(client.recv())
        client.transport.abort()
        other = {"setup": {**SETUP["setup"], "model": OTHER_MODEL}}
        client = await come_back(both, handle, other)
        connection = await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        assert "handle" not in json.loads(both.gemini.setups[-1])["setup"]["sessionResumption"]
        seed = await soon(connection.recv())
        assert "my name is Ada" in seed and "Hello, Ada." in seed
        await client.close()


BRIEF = {"setup": {**SETUP["setup"], "systemInstruction": {"parts": [{"text": "Be brief."}]}}}


async def test_a_question_goes_along_to_another_setup(start):
    """The parked session cannot take the client; what it asked is asked again, once."""
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        await client.send(words("where is the harbour"))
        assert "where is the harbour" in await soon(connection.recv())
        client.transport.abort()
        await noticed(client, connection)
        client = await come_back(both, handle, BRIEF)
        connection = await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        sent = json.loads(both.gemini.setups[-1])["setup"]
        assert sent["sessionResumption"] == {"handle": "google-1"}
        assert "where is the harbour" in await soon(connection.recv())
        await both.assert_passes(client, connection)
        await client.close()


async def test_an_answer_goes_along_to_another_setup(start):
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        await client.send(words("where is the harbour"))
        await soon(connection.recv())
        client.transport.abort()
        await noticed(client, connection)
        answer = [said({"outputTranscription": {"text": "Down."}}), said({"turnComplete": True})]
        for message in (*answer, update("google-2")):
            await connection.send(message)
        client = await come_back(both, handle, BRIEF)
        connection = await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        for message in answer:
            assert await soon(client.recv()) == message
        assert json.loads(await soon(client.recv()))["sessionResumptionUpdate"]["newHandle"] == handle
        # It is answered, and not asked again.
        await both.assert_passes(client, connection)
        await client.close()


@pytest.mark.parametrize("seen", ["generationComplete", "turnComplete"])
async def test_another_setup_waits_for_the_handle_of_an_answer_that_is_complete(start, seen):
    """A second before its handle comes: without that gemini would forget the turn."""
    async with relay(start) as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)
        await client.send(words("where is the harbour"))
        await soon(connection.recv())
        sound = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAEC" * 800}}
        ends = ["generationComplete", "turnComplete"]
        done = ends[: ends.index(seen) + 1]
        for content in ({"modelTurn": {"parts": [sound]}}, *({end: True} for end in done)):
            await connection.send(said(content))
        await soon(client.recv())
        client.transport.abort()
        await noticed(client, connection)
        client = await come_back(both, handle, BRIEF)
        await asyncio.sleep(0.6)
        for end in ends[len(done) :]:
            await connection.send(said({end: True}))
        await connection.send(update("google-2"))
        await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        assert json.loads(both.gemini.setups[-1])["setup"]["sessionResumption"] == {"handle": "google-2"}
        await client.close()


@pytest.mark.parametrize("way", ["the same setup", "another setup", "its name"])
async def test_at_the_limit_a_caller_keeps_its_place(start, way):
    async with relay(start, "limits: { sessions: 1 }") as both:
        client, connection = await both.session()
        handle = await handle_of(client, connection)

        async def is_full(setup=SETUP):
            other = await both.connect()
            await other.send(json.dumps(setup))
            code, reason = await closed(other)
            assert code == 1008 and "limits.sessions" in reason

        await is_full()
        name = client.response.headers["x-turnkeeper-session"]
        client.transport.abort()
        await is_full(with_handle(handle[:-1] + "x"))
        if way == "its name":
            client = await both.connect(additional_headers={"x-turnkeeper-session": name})
            await client.send(json.dumps(SETUP))
        else:
            client = await come_back(both, handle, MANUAL_SETUP if way == "another setup" else SETUP)
        if way == "another setup":
            connection = await both.gemini.accepted()
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        if way == "the same setup":
            await both.assert_passes(client, connection)
        await is_full()
        await client.close()

        async def has_room():
            with contextlib.suppress(ConnectionClosed):
                return await both.session()

        async with asyncio.timeout(SOON):
            while not await has_room():
                await asyncio.sleep(0.1)


async def test_another_tenants_handle_is_unknown(start, monkeypatch):
    monkeypatch.setenv("KEY_OF_A", "key-of-a")
    monkeypatch.setenv("KEY_OF_B", "key-of-b")
    async with Gemini() as gemini:
        upstream = f"upstream: {{ url: {gemini.url} }}"
        proxy = start(
            Tenants,
            {
                "a.yaml": f"match: {{ keys: [env:KEY_OF_A] }}\n{upstream}",
                "b.yaml": f"match: {{ keys: [env:KEY_OF_B] }}\n{upstream}",
            },
        )
        async with proxy.connect("key-of-a") as client:
            await client.send(json.dumps(SETUP))
            connection = await gemini.accepted()
            await soon(client.recv())
            handle = await handle_of(client, connection)
            for claimed in (handle, handle[:-1] + "!", "turnkeeper.made.up", "turnkeeper."):
                async with proxy.connect("key-of-b") as thief:
                    await thief.send(json.dumps(with_handle(claimed)))
                    assert await is_refused(thief)
            # The owner noticed nothing.
            await connection.send(said({"turnComplete": True}))
            await soon(client.recv())
        async with proxy.connect("key-of-b") as thief:
            await thief.send(json.dumps(with_handle(handle)))
            assert await is_refused(thief)
    assert len(gemini.setups) == 1


async def test_googles_own_handle_passes(start):
    """From before the proxy was put in between."""
    async with relay(start) as both:
        setup = with_handle("CihpZ2dsZXM")
        client, _ = await both.session(setup)
        assert json.loads(both.gemini.setups[-1]) == setup
        await client.close()


@pytest.mark.parametrize("keeps", (True, False))
async def test_after_a_restart(start, tmp_path, keeps):
    async with Gemini() as gemini:
        policy = "" if keeps else "log: { transcripts: false }"
        proxy = start(Proxy, gemini.url, policy, data=tmp_path)
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(MANUAL_SETUP))
            connection = await gemini.accepted()
            await soon(client.recv())
            handle = await handle_of(client, connection)
            await client.send(words("remember the harbour"))
            await soon(connection.recv())
        await closed(connection)
        proxy.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(proxy.process.wait, SOON)
        proxy.was_ended = True
        for file in tmp_path.glob("ledger.db*"):
            assert handle.encode() not in file.read_bytes()
            assert keeps or b"harbour" not in file.read_bytes()
        proxy = start(Proxy, gemini.url, policy, data=tmp_path)
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(with_handle(handle, MANUAL_SETUP)))
            connection = await gemini.accepted()
            assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
            resumption = json.loads(gemini.setups[-1])["setup"]["sessionResumption"]
            assert resumption == {"handle": "google-1"}


def are_kept(data):
    """Gemini's handles in the books."""
    with contextlib.closing(sqlite3.connect(f"file:{data}/ledger.db?mode=ro", uri=True)) as books:
        return [row[0] for row in books.execute("SELECT handle FROM returns")]


async def test_after_a_crash(start, tmp_path):
    """Gemini's handle is in the books a moment after it came."""
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, data=tmp_path)
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(SETUP))
            connection = await gemini.accepted()
            await soon(client.recv())
            handle = await handle_of(client, connection)
            await until(lambda: are_kept(proxy.data) == ["google-1"])
            proxy.process.kill()
            await asyncio.to_thread(proxy.process.wait, SOON)
            proxy.was_ended = True
        proxy = start(Proxy, gemini.url, data=tmp_path)
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(with_handle(handle)))
            await gemini.accepted()
            assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
            resumption = json.loads(gemini.setups[-1])["setup"]["sessionResumption"]
            assert resumption == {"handle": "google-1"}


async def test_rebuilt_where_gemini_forgot(start):
    async with relay(start, answers_setup=False) as both:
        client = await both.connect()
        await client.send(json.dumps(SETUP))
        connection = await both.gemini.accepted()
        await soon(connection.recv())
        await connection.send(b'{"setupComplete":{}}')
        await soon(client.recv())
        handle = await handle_of(client, connection)
        await client.send(words("remember the harbour"))
        await soon(connection.recv())
        await client.close()

        client = await come_back(both, handle)
        connection = await both.gemini.accepted()
        assert "google-1" in await soon(connection.recv())
        await connection.close(1008, "BidiGenerateContent session not found")
        connection = await both.gemini.accepted()
        assert "google-1" not in await soon(connection.recv())
        await connection.send(b'{"setupComplete":{}}')
        assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
        assert "remember the harbour" in await soon(connection.recv())
        await client.close()


async def test_many_come_and_go(start):
    """Twenty clients drop and return, all at a time; nobody gets anybody else's words."""

    async def live(both, name, client, connection):
        handle = await handle_of(client, connection, google=name)
        for round in range(5):
            client.transport.abort()
            # What is sent before the reset has come is sent to nobody.
            await noticed(client, connection)
            await connection.send(said({"outputTranscription": {"text": f"{name} {round}"}}))
            client = await come_back(both, handle)
            heard = [json.loads(await soon(client.recv())) for _ in range(2)]
            assert heard[0] == {"setupComplete": {}}
            assert heard[1]["serverContent"]["outputTranscription"]["text"] == f"{name} {round}"
        await client.close()

    async with relay(start) as both:
        # Set up one after another, to know whose connection is whose.
        pairs = [await both.session() for _ in range(20)]
        await asyncio.gather(
            *(live(both, f"client {number}", *pair) for number, pair in enumerate(pairs))
        )
