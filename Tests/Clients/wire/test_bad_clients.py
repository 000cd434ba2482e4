"""Clients that do what they must not: a clear close for them, nothing for their neighbours."""

import asyncio
import contextlib
import json

import pytest
from relay import SETUP, Raw, closed, frame, messages_of, relay, soon, speech, text
from websockets.exceptions import ConnectionClosed

MIB = 1 << 20
DEEP = 100_000

CLOSED = {
    "not JSON": ({1007}, "hello"),
    "half of it": ({1007}, '{"clientContent":{"turns":['),
    "two of it": ({1007}, '{"clientContent":{}}{"clientContent":{}}'),
    "an array": ({1007}, "[]"),
    "a number": ({1007}, "17"),
    "a comment": ({1007}, '{"clientContent":{}/**/}'),
    "a trailing comma": ({1007}, '{"clientContent":{},}'),
    "single quotes": ({1007}, "{'clientContent':{}}"),
    "a control byte in a string": ({1007}, '{"clientContent":"a\nb"}'),
    "a bad escape": ({1007}, '{"clientContent":"\\x"}'),
    "NaN": ({1007}, '{"clientContent":NaN}'),
    "a zero byte": ({1007}, "\0"),
    "deep arrays": ({1007, 1009}, '{"clientContent":' + "[" * DEEP + "]" * DEEP + "}"),
    "deep arrays that never end": ({1007, 1009}, '{"clientContent":' + "[" * DEEP),
    "deep objects": ({1007, 1009}, '{"a":' * DEEP + "1" + "}" * DEEP),
    "deep in the audio": (
        {1007, 1009},
        '{"realtimeInput":{"audio":' + '{"data":' * DEEP + "1" + "}" * DEEP + "}}",
    ),
    "17 MiB": ({1009}, text(17 * MIB)),
    "a second setup": ({1007}, json.dumps(SETUP)),
}


@pytest.mark.parametrize("as_bytes", [False, True], ids=["text", "bytes"])
async def test_each_is_closed_with_its_reason(start, as_bytes):
    wrong = []
    async with relay(start) as both:
        neighbour = await both.session()
        for name, (codes, message) in CLOSED.items():
            client, connection = await both.session()
            await client.send(message.encode() if as_bytes else message)
            code, reason = await closed(client)
            if code not in codes or not reason:
                wrong.append((name, code, reason))
            arrived = [len(each) async for each in messages_of(connection)]
            if arrived:
                wrong.append((name, "reached gemini", arrived))
            await both.assert_passes(*neighbour)
    assert not wrong


async def test_a_client_that_does_not_answer_its_close_keeps_nobody_out(start):
    async with relay(start, "limits: { sessions: 1 }") as both:
        for _ in range(3):
            raw, _ = await Raw.upgraded(both)
            raw.send(frame(0x1, b"{"))
            assert await raw.close_code() == 1007
            # It is still connected, but its place is free.
            neighbour = await both.session()
            await both.assert_passes(*neighbour)
            await neighbour[0].close()


async def test_too_much_in_fragments(start):
    """The bound is on the message, however it is cut; it is not waited for to the end."""
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        piece = frame(0x0, b"x" * MIB, fin=False, mask=b"\0\0\0\0")
        raw.send(frame(0x1, b'{"a":"', fin=False))
        reading = asyncio.create_task(raw.close_code())
        for _ in range(40):
            if reading.done():
                break
            try:
                raw.send(piece)
                await raw.writer.drain()
            except ConnectionError:
                break
        # What is still on its way may reset the connection before the close frame is read.
        assert await soon(reading) in (1009, 1006)
        assert [message async for message in messages_of(connection)] == []


async def test_a_million_empty_fragments(start):
    """They cost time, not memory, and hold nobody up."""
    async with relay(start) as both:
        raw, _ = await Raw.upgraded(both)
        neighbour = await both.session()
        raw.send(frame(0x1, b'{"a":"', fin=False))
        empty = frame(0x0, fin=False) * 10_000
        try:
            for _ in range(100):
                raw.send(empty)
                await asyncio.wait_for(raw.writer.drain(), 20)
                await both.assert_passes(*neighbour)
        except (ConnectionError, TimeoutError):
            pass
        await both.assert_passes(*neighbour)
        raw.close()


async def test_client_that_never_reads(start):
    """Gemini is slowed down no further than `limits.buffer`; then the client is closed, 1013."""
    async with relay(start, policy="limits: { buffer: 1MiB }") as both:
        neighbour = await both.session()
        client, connection = await both.session(max_queue=1)

        sent = [speech(MIB // 2) for _ in range(128)]

        async def flood():
            for message in sent:
                await connection.send(message)

        flooding = asyncio.create_task(flood())
        await closed(connection, 60)
        flooding.cancel()
        await both.assert_passes(*neighbour)
        arrived = [message async for message in messages_of(client)]
        code, reason = await closed(client)
        assert code == 1013 and reason
        # What it does get is whole and in order.
        assert arrived == sent[: len(arrived)] and len(arrived) < len(sent)


async def test_slow_client_is_waited_for(start):
    """A pause shorter than the buffer is deep costs nothing: all arrives, in order."""
    async with relay(start) as both:
        client, connection = await both.session(max_queue=1)
        messages = [speech(20_000) for _ in range(150)]
        for message in messages:
            await soon(connection.send(message))
        await asyncio.sleep(2)
        for message in messages:
            assert await soon(client.recv()) == message


async def test_gemini_that_never_reads(start):
    """The client is slowed down or closed with a reason; memory stays bounded."""
    async with relay(start, max_queue=1, policy="limits: { buffer: 1MiB }") as both:
        neighbour = await both.session()
        client, _ = await both.session()

        async def flood():
            for _ in range(256):
                await client.send(text(MIB // 2))

        flooding = asyncio.create_task(flood())
        await asyncio.wait({flooding}, timeout=5)
        assert not flooding.done() or flooding.exception(), "128 MiB went nowhere"
        await both.assert_passes(*neighbour)
        assert resident_mib(both.proxy.process.pid) < 200
        flooding.cancel()
        client.transport.abort()


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


async def test_input_before_setup_complete_is_held_and_then_released_in_order(start):
    async with relay(start, answers_setup=False) as both:
        client = await both.connect()
        await client.send(json.dumps(SETUP))
        early = [text(500, mark=str(number)) for number in range(50)]
        for message in early:
            await client.send(message)
        connection = await both.gemini.accepted()
        assert json.loads(await soon(connection.recv())) == SETUP
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.recv(), 0.5)
        await connection.send(b'{"setupComplete":{}}')
        for message in early:
            assert await soon(connection.recv()) == message
        assert await soon(client.recv()) == b'{"setupComplete":{}}'
        await both.assert_passes(client, connection)


async def test_flood_of_early_input_is_bounded(start):
    async with relay(start, answers_setup=False, policy="limits: { buffer: 1MiB }") as both:
        client = await both.connect()
        await client.send(json.dumps(SETUP))
        await both.gemini.accepted()

        async def flood():
            for _ in range(200):
                await client.send(text(MIB))

        flooding = asyncio.create_task(flood())
        await asyncio.wait({flooding}, timeout=5)
        flooding.cancel()
        assert resident_mib(both.proxy.process.pid) < 150
        client.transport.abort()


async def test_malformed_gemini_harms_only_its_own_session(start):
    """What gemini should not send is passed on or ends that session; it never ends the program."""
    async with relay(start) as both:
        neighbour = await both.session()
        for message in (b"not JSON", b"[" * DEEP, b"", b"\xff\xfe", b'{"serverContent":[]}'):
            client, connection = await both.session()
            await connection.send(message)
            with contextlib.suppress(ConnectionClosed):
                assert await soon(client.recv()) == message
            await both.assert_passes(*neighbour)
            await client.close()
            await soon(connection.wait_closed())
