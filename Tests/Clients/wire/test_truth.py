"""How a session ended and what was done for it is filed as it was, whatever a peer says of itself."""

import asyncio
import json
import subprocess

import pytest
from relay import SETUP, Gemini, closed, relay, soon
from turnkeeper import PATH, PROGRAM, Proxy
from watching import is_said, until
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

QUESTION = json.dumps(
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}}
)
UPDATE = json.dumps({"sessionResumptionUpdate": {"newHandle": "google-1", "resumable": True}})


def sessions(proxy, *arguments):
    command = [PROGRAM, "sessions", "list", "--json", "--data", proxy.data, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def session(proxy, id):
    command = [PROGRAM, "sessions", "show", id, "--json", "--data", proxy.data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


async def ended(proxy):
    """The one session of this proxy, once its books are closed."""
    async with asyncio.timeout(30):
        while True:
            found = await asyncio.to_thread(sessions, proxy)
            if found and found[0]["ended"]:
                return await asyncio.to_thread(session, proxy, found[0]["id"])
            await asyncio.sleep(0.1)


async def assert_filed(proxy, outcome, by):
    """In the log and the metrics as in the ledger, each in its time."""
    await until(lambda: is_said(proxy, "session ended"))
    await until(lambda: proxy.count("sessions_total") == 1 == proxy.count("client_closes_total"))
    line = [line for line in proxy.log_path.read_text().splitlines() if "session ended" in line][-1]
    assert f" outcome={outcome} " in line and f" client_closed_by={by}" in line, line
    assert proxy.count("sessions_total", outcome=outcome) == 1
    assert proxy.count("client_closes_total", by=by) == 1


async def test_a_gemini_that_does_not_answer_has_closed_nothing(start):
    async with Gemini() as gemini:
        proxy = start(Proxy, gemini.url, "recovery: { attempts: 0 }", upstream="ping: 1s, dead: 3s")
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(SETUP))
            await soon(client.recv())
            connection = await gemini.accepted()
            # Not a word of it is read, and so no ping answered.
            connection.transport.pause_reading()
            code, reason = await closed(client, 30)
        connection.transport.abort()
        assert code == 1011 and reason.startswith("turnkeeper: gemini has been silent")
        assert (await ended(proxy))["outcome"] == "unanswered"
        await assert_filed(proxy, "unanswered", "turnkeeper")


async def test_a_setup_that_is_never_answered(start):
    async with relay(start, "", answers_setup=False) as both:
        proxy = start(
            Proxy, both.gemini.url, "recovery: { attempts: 0 }", upstream="setup: 500ms"
        )
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(SETUP))
            assert (await closed(client))[0] == 1011
        assert (await ended(proxy))["outcome"] == "unanswered"
        await assert_filed(proxy, "unanswered", "turnkeeper")


@pytest.mark.parametrize(
    "reason",
    [
        "turnkeeper: no turn had an answer (session x)",
        "turnkeeper: gemini does not answer: no_output",
        "turnkeeper: an operator has ended the session",
        "turnkeeper: ",
    ],
)
async def test_gemini_cannot_speak_for_us(start, reason):
    """What it closes with is its own, also where it quotes our words."""
    async with relay(start, "recovery: { attempts: 0 }") as both:
        client, connection = await both.session()
        await client.send(QUESTION)
        await soon(connection.recv())
        await connection.close(1011, reason)
        assert await closed(client) == (1011, reason)
        told = await ended(both.proxy)
        assert told["outcome"] == "gemini_closed"
        assert told["connections"][0]["code"] == 1011
        await assert_filed(both.proxy, "gemini_closed", "gemini")


async def test_a_client_cannot_speak_for_us(start):
    async with relay(start) as both:
        client, connection = await both.session()
        await client.close(1000, "turnkeeper: no turn had an answer")
        await soon(connection.wait_closed())
        assert (await ended(both.proxy))["outcome"] == "completed"
        await assert_filed(both.proxy, "completed", "client")


async def test_who_sent_no_setup_has_completed_nothing(start):
    async with relay(start, answers_setup=False) as both:
        async with both.connect():
            pass
        assert (await ended(both.proxy))["outcome"] == "client_closed"
        await assert_filed(both.proxy, "client_closed", "client")


@pytest.mark.parametrize("has_handle", [True, False], ids=["resumed", "rebuilt"])
async def test_a_connection_is_resumed_where_its_handle_was_taken(start, has_handle):
    """Only then; one that was told the conversation anew is a fresh one."""
    async with relay(start) as both:
        client, connection = await both.session()
        await client.send(QUESTION)
        await soon(connection.recv())
        answer = {"modelTurn": {"parts": [{"text": "Yes."}]}, "outputTranscription": {"text": "Yes."}}
        await connection.send(json.dumps({"serverContent": answer}))
        await connection.send(json.dumps({"serverContent": {"turnComplete": True}}))
        if has_handle:
            await connection.send(UPDATE)
        while True:
            said = json.loads(await soon(client.recv()))
            if "sessionResumptionUpdate" in said or not has_handle and "turnComplete" in str(said):
                break
        connection.transport.abort()
        again = await both.gemini.accepted()
        assert ("google-1" in str(both.gemini.setups[-1])) == has_handle
        # A question that is answered shows that the new connection is there to stay.
        await client.send(QUESTION)
        while "?" not in await soon(again.recv(decode=True)):
            pass
        await again.send(json.dumps({"serverContent": answer}))
        await again.send(json.dumps({"serverContent": {"turnComplete": True}}))
        await client.close()
        told = await ended(both.proxy)
        assert [one["resumed"] for one in told["connections"]] == [False, has_handle]
        words = [event["what"] for event in told["events"]]
        assert ("rebuilt" in words) != has_handle or "resumed" in str(told["events"])


async def test_a_recovery_names_its_newest_trouble(start):
    """A line that was lost first, and a quota that was met then, are two reasons."""
    closes = [(1006, ""), (1011, "Internal error encountered."), None]

    async def serves(connection):
        await connection.recv()
        close = closes.pop(0) if len(closes) > 1 else None
        await connection.send('{"setupComplete":{}}')
        async for message in connection:
            if "?" not in str(message):
                continue
            if close is None:
                part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}}
                await connection.send(json.dumps({"serverContent": {"modelTurn": {"parts": [part]}}}))
                await connection.send(json.dumps({"serverContent": {"turnComplete": True}}))
            elif close[0] == 1006:
                connection.transport.abort()
            else:
                await connection.close(*close)

    async with serve(serves, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        proxy = start(Proxy, f"ws://127.0.0.1:{port}")
        async with connect(proxy.ws + PATH, proxy=None) as client:
            await client.send(json.dumps(SETUP))
            await soon(client.recv())
            await client.send(QUESTION)
            while "turnComplete" not in await soon(client.recv(decode=True)):
                pass
        told = await ended(proxy)
    assert [one["code"] for one in told["connections"][:2]] == [1006, 1011]
    # Each reconnect was for what had just gone wrong.
    assert proxy.count("reconnects_total") == 2
    reasons = {
        line.split('reason="')[1].split('"')[0]
        for line in proxy.metrics().splitlines()
        if line.startswith("turnkeeper_reconnects_total{") and not line.endswith(" 0")
    }
    assert len(reasons) == 2, reasons


async def test_no_model_is_skipped_where_nothing_leads_elsewhere(start):
    """A model that fails and has no sibling goes on being asked, and the log says no other."""
    model = "gemini-3.1-flash-live-preview"
    policy = (
        f"recovery: {{ attempts: 0 }}\nmodels: {{ fallback: {{ another: {model} }}, "
        "breaker: { failures: 3, sessions: 2 } }"
    )
    async with relay(start, policy) as both:
        for _ in range(6):
            client, connection = await both.session()
            await client.send(QUESTION)
            await soon(connection.recv())
            await connection.close(1011, "Internal error encountered.")
            await closed(client)
        assert len(both.gemini.setups) == 6
        assert all(model in str(setup) for setup in both.gemini.setups)
        await until(lambda: is_said(both.proxy, "model fails"))
        assert "model is skipped" not in both.proxy.log_path.read_text()
