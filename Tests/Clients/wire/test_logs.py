"""One line per session, in words for people or JSON for collectors; and never a secret."""

import asyncio
import contextlib
import json
import signal
import sqlite3

import pytest
from relay import MANUAL_SETUP, SETUP, Gemini, Relay, closed, soon, speech
from tenants import session_id
from turnkeeper import PATH, Proxy
from websockets.exceptions import ConnectionClosed

KEY = "AIzaSyTHISISAVERYSECRETKEY0123456789abc"
CLOSELY = "recovery: { attempts: 0 }"

HOSTILE = [
    (1011, "two\nlines\r\nand\ttabs"),
    (1011, 'quotes " and \\ backslashes = signs'),
    (1008, "\x1b[2J\x07 terminal \x7f \x9b31m"),
    (4000, "turned \u202e round \u2028 and \u200b hidden"),
    (1011, "\U0001f600" * 30),
    (1008, f"API key not valid: {KEY}"),
    (1008, f"GET /x?key={KEY} Bearer ya29.abcdefghijklmnop"),
]


@contextlib.asynccontextmanager
async def logged(start, *arguments, policy=CLOSELY):
    async with Gemini() as gemini:
        yield Relay(gemini, start(Proxy, gemini.url, policy, *arguments))


def lines(proxy):
    """The log's lines, once the program has ended and so has written them all."""
    if not proxy.was_ended:
        proxy.end()
    return proxy.log_path.read_text().splitlines()


def endings(proxy):
    return [one for one in map(json.loads, lines(proxy)) if one["message"] == "session ended"]


async def test_every_session_leaves_one_line_that_parses(start):
    async with logged(start, "--log-format", "json") as both:
        ids = []
        for code, reason in HOSTILE:
            client, connection = await both.session()
            ids.append(session_id(client))
            await connection.send(speech(400))
            await soon(client.recv())
            await connection.close(code, reason)
            await closed(client)
        found = endings(both.proxy)
    # Of one that ends beside the next, the line may be behind the next one's.
    found.sort(key=lambda one: ids.index(one["session"]))
    assert [one["session"] for one in found] == ids
    for one, (code, _) in zip(found, HOSTILE):
        assert one["gemini_close"] == one["client_close"] == code
        assert one["gemini_closed_by"] == "gemini"
        assert one["outcome"] == "gemini_closed"
        assert one["tenant"] == "default" and "gemini-3.1" in one["model"]
        assert one["gemini_bytes"] > 400 and one["client_bytes"] > 50
        assert {"time", "level", "seconds", "turns", "tokens", "cost_usd"} <= set(one)
    assert found[0]["gemini_reason"] == HOSTILE[0][1]


async def test_a_rule_about_the_setup_counts_once_and_under_its_model(start):
    async with logged(start, "--log-format", "json") as both:
        model = MANUAL_SETUP["setup"]["model"]
        client, connection = await both.session({"setup": {"model": model}})
        # Each newer handle stays with the proxy, which alone has asked for them.
        for number in range(5):
            update = {"newHandle": f"handle-{number}", "resumable": True}
            await connection.send(json.dumps({"sessionResumptionUpdate": update}))
        await connection.send(speech(400))
        assert "handle-" not in str(await soon(client.recv()))
        counts = {
            model: both.proxy.count("rule_total", rule="resumption_inserted", model=model)
            for model in (model.split("/")[1], "unknown")
        }
        await client.close()
        (found,) = endings(both.proxy)
    assert list(counts.values()) == [1, 0], counts
    assert found["rules"] == "resumption_inserted:1"


async def test_text_has_no_line_that_a_peer_made(start):
    async with logged(start) as both:
        for code, reason in HOSTILE:
            _, connection = await both.session()
            await connection.close(code, reason)
        both.proxy.end()
    said = both.proxy.log_path.read_text()
    assert said.isprintable() or set(said) - {"\n"} == {c for c in said if c.isprintable()}
    ends = [line for line in said.splitlines() if " session ended " in line]
    assert len(ends) == len(HOSTILE)
    assert all(line[:4].isdigit() for line in said.splitlines())


async def test_a_hostile_model_name_is_cut_and_escaped(start):
    async with logged(start, "--log-format", "json") as both:
        name = "models/gemini-\n\x1b[31m" + "x" * 100_000
        client = await both.connect()
        await client.send(json.dumps({"setup": {"model": name, "sessionResumption": {}}}))
        # No pattern matches characters that no model's name has.
        code, reason = await closed(client)
        assert code == 1008 and "models.allow" in reason
        found = endings(both.proxy)
    assert len(found) == 1 and "gemini-\n" in found[0]["model"]
    assert all(len(line) < 5000 for line in lines(both.proxy))


async def test_reason_header_and_log_name_the_same_session(start):
    async with logged(start, "--log-format", "json") as both:
        client, _ = await both.session()
        await client.send("this is not JSON")
        code, reason = await closed(client)
        (found,) = endings(both.proxy)
    name = session_id(client)
    assert code == 1007 and f"session {name}" in reason
    assert found["session"] == name
    assert found["outcome"] == "refused" and name in found["client_reason"]


@pytest.mark.parametrize(
    "place",
    [
        {"headers": {"x-goog-api-key": KEY}},
        {"headers": {"Authorization": f"Bearer {KEY}"}},
        {"query": f"?key={KEY}"},
        {"query": f"?access_token={KEY}"},
    ],
    ids=["header", "bearer", "key", "token"],
)
async def test_no_key_is_in_log_metrics_or_ledger(start, place):
    """Also where gemini quotes it, and where gemini cannot be reached."""
    async with logged(start, "--log-level", "debug") as both:
        path = PATH + place.get("query", "")
        options = {"additional_headers": place.get("headers", {})}
        client, connection = await both.session(MANUAL_SETUP, path, **options)
        await connection.close(1008, f"API key not valid: {KEY}")
        assert (await closed(client))[1] == "API key not valid: [redacted]"
        both.gemini.server.close()
        with contextlib.suppress(Exception):
            await both.session(SETUP, path, **options)
        metrics = both.proxy.metrics()
        both.proxy.end()
        assert KEY not in metrics
        places = [both.proxy.log_path, *both.proxy.data.iterdir()]
        assert any(place.name == "ledger.db" for place in places)
        assert not [place for place in places if place.is_file() and KEY.encode() in place.read_bytes()]


async def test_sessions_cut_off_by_the_end_of_a_drain_are_closed_in_the_books(start):
    """Two signals: the second does not wait for the open turn."""
    async with logged(start, "--log-format", "json") as both:
        client, connection = await both.session(MANUAL_SETUP)
        await client.send('{"realtimeInput":{"activityStart":{}}}')
        await soon(connection.recv())
        both.proxy.process.send_signal(signal.SIGTERM)
        # Two at once would be one.
        while "draining" not in both.proxy.log_path.read_text():
            await soon(asyncio.sleep(0.05))
        both.proxy.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as ended:
            await soon(client.recv())
        assert ended.value.rcvd.code == 1001
        (found,) = endings(both.proxy)
        assert both.proxy.process.returncode == 0
    name = session_id(client)
    assert (found["session"], found["outcome"]) == (name, "stopped")
    with contextlib.closing(sqlite3.connect(both.proxy.data / "ledger.db")) as ledger:
        rows = ledger.execute("SELECT id, outcome, ended_us IS NULL FROM sessions").fetchall()
    assert rows == [(name, "stopped", 0)]


async def test_the_cost_of_a_turn_can_be_watched_while_it_lasts(start):
    """And then has its final value, whatever was believed on the way."""
    async with logged(start, "--log-format", "json") as both:
        client, connection = await both.session(MANUAL_SETUP)
        for message in ({"activityStart": {}}, {"audio": AUDIO}, {"activityEnd": {}}):
            await client.send(json.dumps({"realtimeInput": message}))
            await soon(connection.recv())
        name = session_id(client)
        await connection.send(speech(400))
        await connection.send(json.dumps({"usageMetadata": used(1000, 20)}))
        while not (running := cost(both.proxy, name)):
            await soon(asyncio.sleep(0.1))
        assert turns(both.proxy, name) == [None]
        await connection.send(json.dumps({"usageMetadata": used(1000, 200)}))
        await connection.send('{"serverContent":{"turnComplete":true}}')
        while turns(both.proxy, name) != ["answered"]:
            await soon(asyncio.sleep(0.1))
        assert cost(both.proxy, name) > running
        await client.close()
        (found,) = endings(both.proxy)
    assert found["tokens"] == 1200 and found["turns"] == found["answered"] == 1
    assert abs(found["cost_usd"] * 1e6 - cost(both.proxy, name)) < 1


AUDIO = {"mimeType": "audio/pcm;rate=16000", "data": "AAAA" * 800}


def used(prompt, response):
    return {
        "promptTokenCount": prompt,
        "responseTokenCount": response,
        "totalTokenCount": prompt + response,
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": prompt}],
        "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": response}],
    }


def cost(proxy, session):
    """Millionths of a dollar in the books."""
    return asked(proxy, f"SELECT sum(cost_micro_usd) FROM turns WHERE session = '{session}'")[0]


def turns(proxy, session):
    return asked(proxy, f"SELECT outcome FROM turns WHERE session = '{session}' AND number > 0")


def asked(proxy, query):
    with contextlib.closing(sqlite3.connect(proxy.data / "ledger.db")) as ledger:
        return [row[0] for row in ledger.execute(query)]
