"""Music (`BidiGenerateMusic`) is passed on, and is bounded, watched and ended like a session."""

import asyncio
import contextlib
import json
import signal

from relay import Gemini, Raw, closed, frame, soon, upgrade_request
from tenants import Tenants
from turnkeeper import PATH
from watching import resident, until
from websockets.datastructures import Headers
from websockets.http11 import Response

MUSIC = PATH.replace("BidiGenerateContent", "BidiGenerateMusic")
KEY, OURS = "acme-client-key", "gemini-key-of-the-tenant"
SETUP = json.dumps({"setup": {"model": "models/lyria-realtime-exp"}})
SOUND = {"serverContent": {"audioChunks": [{"data": "AAAA" * 100, "mimeType": "audio/l16;rate=48000"}]}}
MIB = 1 << 20


@contextlib.asynccontextmanager
async def musical(start, monkeypatch, more="", *arguments, upstream="", **options):
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("GEMINI_KEY", OURS)
    async with Gemini(**options) as gemini:
        policy = (
            f"match: {{ keys: [env:ACME_KEY] }}\n{more}\n"
            f"upstream: {{ url: {gemini.url}, key: env:GEMINI_KEY, rest: pass, {upstream} }}"
        )
        proxy = start(Tenants, {"acme.yaml": policy}, *arguments)
        proxy.address = ("127.0.0.1", proxy.listening)
        yield gemini, proxy


async def playing(proxy, gemini):
    client = await proxy.connect(KEY, MUSIC)
    await client.send(SETUP)
    connection = await gemini.accepted()
    assert json.loads(await soon(client.recv())) == {"setupComplete": {}}
    return client, connection


async def silent(proxy, gemini):
    """One by hand, which answers no ping; past its setup."""
    raw = await Raw.open(proxy)
    raw.send(upgrade_request(MUSIC, headers=[f"x-goog-api-key: {KEY}"]))
    assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
    raw.send(frame(0x1, SETUP.encode()))
    await gemini.accepted()
    assert json.loads((await raw.frame())[1]) == {"setupComplete": {}}
    return raw


async def test_it_ends_with_1001_as_the_process_leaves(start, monkeypatch):
    async with musical(start, monkeypatch) as (gemini, proxy):
        client, connection = await playing(proxy, gemini)
        waiting = await proxy.connect(KEY, MUSIC)
        proxy.process.send_signal(signal.SIGTERM)
        for ended in (client, waiting):
            code, reason = await closed(ended)
            assert code == 1001 and "going away" in reason
        assert (await closed(connection))[0] == 1000
        # Nobody is waited for any longer.
        assert await asyncio.to_thread(proxy.process.wait, 10) == 0
        proxy.was_ended = True


async def test_what_gemini_says_of_our_key_is_not_passed_on(start, monkeypatch):
    async with musical(start, monkeypatch) as (gemini, proxy):
        client, connection = await playing(proxy, gemini)
        for message in (
            json.dumps({"error": {"code": 403, "message": f"Consumer 'api_key:{OURS}' suspended"}}),
            json.dumps({"filteredPrompt": {"text": "x", "filteredReason": f"for {OURS}"}}),
            json.dumps({"warning": OURS}),
            f"not JSON {OURS}",
        ):
            await connection.send(message.encode())
            assert await soon(client.recv()) == message.replace(OURS, "x" * len(OURS)).encode()
        # What is content passes as it came.
        await connection.send(json.dumps(SOUND))
        assert await soon(client.recv()) == json.dumps(SOUND)
        await client.close()


async def test_a_refusal_says_when_to_come_again(start, monkeypatch):
    async def refuse(connection, request):
        headers = Headers({"Retry-After": "7", "Content-Length": "3", "X-Other": OURS})
        return Response(429, "Too Many", headers, b"no\n")

    async with musical(start, monkeypatch, process_request=refuse) as (_, proxy):
        raw = await Raw.open(proxy)
        raw.send(upgrade_request(MUSIC, headers=[f"x-goog-api-key: {KEY}"]))
        answer = await raw.answer()
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 429 ") and b"\r\nRetry-After: 7" in head, answer
        assert b"gemini refuses the upgrade with 429" in body and OURS.encode() not in answer


async def test_its_time_ends(start, monkeypatch):
    async with musical(start, monkeypatch, "limits: { session: 1s }") as (gemini, proxy):
        client, connection = await playing(proxy, gemini)
        code, reason = await closed(client)
        assert code == 1008 and "limits.session" in reason
        assert (await closed(connection))[0] == 1000
        assert await asyncio.to_thread(proxy.count, "limits_total", limit="limits.session") == 1


async def test_the_place_of_a_dead_client_is_free(start, monkeypatch):
    clocks = "client: { ping: 500ms, dead: 2s }\nlimits: { sessions: 1 }"
    async with musical(start, monkeypatch, clocks) as (gemini, proxy):
        raw = await silent(proxy, gemini)
        assert await raw.close_code() == 1006
        client, connection = await playing(proxy, gemini)
        # One that answers pings is alive, however little it says.
        await asyncio.sleep(4)
        await connection.send(json.dumps(SOUND))
        assert json.loads(await soon(client.recv())) == SOUND
        await client.close()


async def test_a_dead_gemini_is_not_waited_for(start, monkeypatch):
    async with musical(start, monkeypatch, upstream="ping: 500ms, dead: 2s") as (gemini, proxy):
        client, connection = await playing(proxy, gemini)
        connection.transport.pause_reading()
        assert (await closed(client))[0] == 1001


async def test_what_it_holds_is_counted_and_gives_way(start, monkeypatch):
    """Half-sent messages of its own, as long as they may be."""
    bound = 128
    async with musical(start, monkeypatch, "", "--memory", f"{bound}MiB") as (gemini, proxy):
        quiet = await silent(proxy, gemini)
        hoarders = [await silent(proxy, gemini) for _ in range(10)]
        hoarders[0].send(frame(0x2, bytes(3 * MIB), length=15 * MIB))
        await until(lambda: proxy.count("buffer_bytes", tenant="acme") >= 3 * MIB)

        async def code(raw):
            # Some are not read any more, and write for ever.
            raw.send(frame(0x2, bytes(14 * MIB), length=15 * MIB))
            return await raw.close_code(60)

        asked = [asyncio.create_task(code(raw)) for raw in hoarders[1:]]
        done, rest = await asyncio.wait(asked, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in done} == {1013}
        for task in rest:
            task.cancel()
        assert resident(proxy) < bound * MIB
        for raw in hoarders:
            raw.writer.transport.abort()
        # Who held nothing is there.
        quiet.send(frame(0x9, b"there?"))
        opcode = None
        while opcode != 0xA:
            opcode, _ = await quiet.frame()
        await until(lambda: proxy.count("memory_bytes") < 0.75 * bound * MIB)
