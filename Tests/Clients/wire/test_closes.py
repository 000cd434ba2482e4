"""How one side ends is how the other side learns of it: code and reason, both ways."""

import asyncio
import struct

from relay import Raw, closed, frame, messages_of, relay, soon
from watching import until

CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
CODES += [3000, 3999, 4000, 4001, 4999]
LONGEST = 123
REASONS = [
    "",
    "Request contains an invalid argument.",
    "r" * LONGEST,
    "é" * 61 + "e",
    "🙂" * 30 + "end",
]
# Closes of gemini's are the session's own trouble; here is what is left where none is cured.
UNCURED = "recovery: { attempts: 0 }"
PAIRS = [(code, "reason with ümlaut") for code in CODES] + [(1011, reason) for reason in REASONS]


async def test_closes_of_gemini_reach_the_client(start):
    wrong = []
    async with relay(start, UNCURED) as both:
        for code, reason in PAIRS:
            client, connection = await both.session()
            await connection.close(code, reason)
            if (got := await closed(client)) != (code, reason):
                wrong.append(((code, reason), got))
    assert not wrong


async def test_closes_of_the_client_reach_gemini(start):
    wrong = []
    async with relay(start) as both:
        for code, reason in PAIRS:
            client, connection = await both.session()
            await client.close(code, reason)
            if (got := await closed(connection)) != (code, reason):
                wrong.append(((code, reason), got))
    assert not wrong


async def test_client_is_answered_with_its_own_code(start):
    """RFC 6455 section 5.5.1; libraries report what they received."""
    async with relay(start) as both:
        for code in (1000, 1011, 4321):
            client, _ = await both.session()
            await client.close(code)
            assert (await closed(client))[0] == code


async def test_closes_without_a_code(start):
    async with relay(start, UNCURED) as both:
        raw, connection = await Raw.upgraded(both)
        raw.send(frame(0x8))
        assert (await closed(connection))[0] in (1000, 1005)
        raw, connection = await Raw.upgraded(both)
        connection.transport.write(b"\x88\x00")
        assert await raw.close_code() in (1000, 1005)


async def test_what_was_sent_before_a_close_arrives(start):
    """A close overtakes nothing, even behind megabytes."""
    async with relay(start, UNCURED) as both:
        client, connection = await both.session()
        messages = [b'{"serverContent":{"n":"%d%s"}}' % (n, b"x" * 300_000) for n in range(10)]
        for message in messages:
            await connection.send(message)
        await connection.close(1011, "Internal error encountered.")
        assert [message async for message in messages_of(client)] == messages
        assert await closed(client) == (1011, "Internal error encountered.")


async def test_gemini_gone_without_a_close(start):
    """The client is told in words; 1006 never travels."""
    async with relay(start, UNCURED) as both:
        for end in ("abort", "close"):
            raw, connection = await Raw.upgraded(both)
            getattr(connection.transport, end)()
            code = await raw.close_code()
            assert code in (1001, 1011, 1012, 1013, 1014), (end, code)
            raw.close()


async def test_client_gone_without_a_close(start):
    """Gemini's side does not stay open for ever (parked for 15 s at most, and some to spare)."""
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        raw.writer.transport.abort()
        await closed(connection, 40)


async def test_nothing_is_sent_behind_a_close(start):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        raw.send(frame(0x8, struct.pack("!H", 1000)) + frame(0x1, b'{"clientContent":{}}'))
        assert await raw.close_code() == 1000
        assert [message async for message in messages_of(connection)] == []


async def test_half_a_message_before_a_close_is_not_a_message(start):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        raw.send(frame(0x1, b'{"clientContent":', fin=False))
        raw.send(frame(0x8, struct.pack("!H", 1001)))
        assert [message async for message in messages_of(connection)] == []
        assert (await closed(connection))[0] == 1001


async def test_connection_ends_after_the_closing_handshake(start):
    """The server closes TCP first (RFC 6455 section 7.1.1), soon, whoever began."""
    async with relay(start, UNCURED) as both:
        raw, _ = await Raw.upgraded(both)
        raw.send(frame(0x8, struct.pack("!H", 1000)))
        await raw.answer()
        assert raw.ended
        raw, connection = await Raw.upgraded(both)
        closing = asyncio.create_task(connection.close(4000))
        assert await raw.close_code() == 4000
        raw.send(frame(0x8, struct.pack("!H", 4000)))
        await raw.answer()
        assert raw.ended
        await soon(closing)


async def test_many_sessions_come_and_go(start):
    """Afterwards none is left, on either side."""
    async with relay(start, UNCURED) as both:
        for number in range(200):
            client, connection = await both.session()
            first, second = (connection, client) if number % 3 else (client, connection)
            await first.close(1000)
            await closed(second)
        await until(lambda: both.proxy.count("sessions_active") == 0)
