"""Every message that no rule touches arrives as it was sent: bytes, kind, order, once."""

import asyncio
import hashlib
import json
import os
import random

import pytest
from relay import (
    SETUP,
    Raw,
    closed,
    frame,
    messages_of,
    relay,
    soon,
    speech,
    text,
    upgrade_request,
)

MIB = 1 << 20
SIZES = [125, 126, 127, 128, 4095, 4096, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1, 5 * MIB + 3]
LARGEST = 16 * MIB
# No client is that fast; what is asked here is whether anything is lost.
UNHURRIED = "limits: { messages_per_second: 100000 }"
# Each way, in the test of many; `MESSAGES=500000` for a million in all.
MANY = int(os.environ.get("MESSAGES", 10_000))


@pytest.mark.parametrize("size", [*SIZES, LARGEST])
async def test_every_size_both_ways_and_both_kinds(start, size):
    async with relay(start) as both:
        client, connection = await both.session()
        for as_bytes in (False, True):
            up = text(size, mark=f"{as_bytes}")
            up = up.encode() if as_bytes else up
            await client.send(up)
            assert digest(await soon(connection.recv())) == digest(up)
            down = speech(size)
            down = down if as_bytes else down.decode()
            await connection.send(down)
            assert digest(await soon(client.recv())) == digest(down)


def digest(message):
    """Kind, size and hash: what must be equal, in a form that a failure can print."""
    data = message if isinstance(message, bytes) else message.encode()
    return type(message).__name__, len(data), hashlib.sha256(data).hexdigest()


LAYOUTS = [
    '{"clientContent":{"turnComplete":true}}',
    '{\n  "clientContent" : {\r\n\t"turns" : [ ] ,\n "turnComplete":false\n}\n}\n',
    ' \t{"client_content":{"turns":[{"role":"user","parts":[{"text":"\\u00e9\\ud83d\\ude42 é🙂"}]}]}} ',
    '{"client_content":{"turns":[],"turn_complete":false},"unknownField":{"a":[1,2.5e-3,null]}}',
    '{"clientContent":{"turns":[{"role":"user","parts":[{"text":"\\"setup\\": {\\\\"}]}]}}',
    '{"toolResponse":{"functionResponses":[{"id":"1","name":"n","response":{"setup":{}}}]}}',
    '{"contextUpdate":{"tools":{"tools":[]}}}',
    '{"realtimeInput":{"text":""}}',
    '{"realtime_input":{"video":{"mime_type":"image/jpeg","data":"_-8="}}}',
    '{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"-_-_AAAA"}}}',
    '{"notOneOfTheMembers":{"deep":[[[[[[[[{}]]]]]]]]}}',
]


async def test_layout_of_client_messages_is_kept(start):
    async with relay(start) as both:
        client, connection = await both.session()
        for message in LAYOUTS:
            for kind in (message, message.encode()):
                await client.send(kind)
                assert await soon(connection.recv()) == kind


async def test_layout_of_gemini_messages_is_kept(start):
    messages = [
        b'{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]}},"usageMetadata":{}}',
        b'{\n  "serverContent": {\n    "outputTranscription": {"text": "\xc3\xa9"}\n  }\n}\n',
        b'{"voiceActivity":{"type":"ACTIVITY_START","audioOffset":"0.440s"},"serverContent":{}}',
        b'{"serverContent":{"generationComplete":true,"somethingNew":{"a":1}}}',
        b'{"somethingNewAltogether":[]}',
        b'{"toolCall":{"functionCalls":[{"id":"1","name":"n","args":{"turnComplete":true}}]}}',
        b"{}",
    ]
    async with relay(start) as both:
        client, connection = await both.session()
        for message in messages:
            # A call that comes again under the same id is no news.
            for kind in (message, message.decode().replace('"id":"1"', '"id":"2"')):
                await connection.send(kind)
                assert await soon(client.recv()) == kind


async def test_many_messages_of_every_kind_both_ways_at_once(start):
    """Sizes spread over two decades and some beyond; one hash over all of each direction."""
    dice = random.Random(0x7E57)
    count = MANY

    def sizes():
        return [round(10 ** dice.uniform(2.1, 4.5)) for _ in range(count)]

    up_sizes, down_sizes = sizes(), sizes()
    for size in (MIB, 2 * MIB + 1, 5 * MIB, LARGEST):
        up_sizes[dice.randrange(count)] = down_sizes[dice.randrange(count)] = size

    async with relay(start, policy=UNHURRIED) as both:
        client, connection = await both.session()

        async def send(end, sizes, compose, seen):
            for number, size in enumerate(sizes):
                message = compose(size, str(number))
                if number % 3 == 0:
                    message = message.encode() if isinstance(message, str) else message.decode()
                seen.update(repr(digest(message)).encode())
                await end.send(message)

        async def receive(end, seen):
            for _ in range(count):
                seen.update(repr(digest(await soon(end.recv(), 60))).encode())

        up, up_seen, down, down_seen = (hashlib.sha256() for _ in range(4))
        await asyncio.gather(
            send(client, up_sizes, text, up),
            receive(connection, up_seen),
            send(connection, down_sizes, speech, down),
            receive(client, down_seen),
        )
        assert up_seen.digest() == up.digest()
        assert down_seen.digest() == down.digest()


@pytest.mark.parametrize("pieces", [1, 2, 7, 1000])
async def test_fragments_arrive_as_one_message(start, pieces):
    """Cut anywhere, also inside a character, and with empty fragments between."""
    message = text(3000, mark="é🙂" * 200).encode()
    cuts = sorted(random.Random(pieces).sample(range(1, len(message)), pieces - 1))
    parts = [message[a:b] for a, b in zip([0, *cuts], [*cuts, len(message)])]
    if pieces == 7:
        parts[3:3] = [b"", b""]
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        client, other = await both.session()
        # As a client sends them.
        for opcode, kind in ((0x1, message.decode()), (0x2, message)):
            for index, part in enumerate(parts):
                last = index == len(parts) - 1
                raw.send(frame(opcode if index == 0 else 0, part, fin=last))
                if index % 5 == 0:
                    raw.send(frame(0x9, b"between"))
            assert await soon(connection.recv()) == kind
        # And as gemini might.
        await other.send(parts)
        assert await soon(client.recv()) == message
        raw.close()


async def test_bytes_may_come_one_by_one(start):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        message = text(300)
        for byte in frame(0x1, message.encode()):
            raw.send(bytes([byte]))
            await raw.writer.drain()
            await asyncio.sleep(0)
        assert await soon(connection.recv()) == message
        raw.close()


async def test_one_segment_may_hold_many_messages(start):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        messages = [text(130 + n, mark=str(n)) for n in range(200)]
        raw.send(b"".join(frame(0x1, message.encode()) for message in messages))
        for message in messages:
            assert await soon(connection.recv()) == message
        raw.close()


@pytest.mark.parametrize("mask", [b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", os.urandom(4)])
async def test_any_mask_will_do(start, mask):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        for size in (125, 126, 127, 128, 129, 1000, 70_001):
            message = text(size)
            raw.send(frame(0x1, message.encode(), mask=mask))
            assert await soon(connection.recv()) == message
        raw.close()


VIOLATIONS = {
    "no mask": (1002, frame(0x1, b"{}", mask=None)),
    "RSV1 without an extension": (1002, frame(0x1, b"{}", rsv=4)),
    "RSV2": (1002, frame(0x1, b"{}", rsv=2)),
    "RSV3 on a ping": (1002, frame(0x9, rsv=1)),
    **{f"opcode {code:#x}": (1002, frame(code, b"{}")) for code in (3, 4, 5, 6, 7, 11, 12, 15)},
    "a ping in fragments": (1002, frame(0x9, b"a", fin=False)),
    "a ping of 126 bytes": (1002, frame(0x9, b"a" * 126)),
    "a close in fragments": (1002, frame(0x8, fin=False)),
    "a continuation of nothing": (1002, frame(0x0, b"{}")),
    "text inside a message": (1002, frame(0x1, b"{", fin=False) + frame(0x1, b"}")),
    "bytes inside a message": (1002, frame(0x1, b"{", fin=False) + frame(0x2, b"}")),
    "a close of one byte": (1002, frame(0x8, b"\x03")),
    "a close of 126 bytes": (1002, frame(0x8, b"\x03\xe8" + b"a" * 124)),
    **{
        f"close code {code}": (1002, frame(0x8, code.to_bytes(2, "big")))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    "a close reason not in UTF-8": (1007, frame(0x8, b"\x03\xe8\xff\xfe")),
    "text not in UTF-8": (1007, frame(0x1, b'{"a":"\xff"}')),
    "a surrogate": (1007, frame(0x1, b'{"a":"\xed\xa0\x80"}')),
    "an overlong slash": (1007, frame(0x1, b'{"a":"\xc0\xaf"}')),
    "half a character at the end": (1007, frame(0x1, b'{"a":"\xf0\x9f\x99')),
    "beyond Unicode": (1007, frame(0x1, b'{"a":"\xf4\x90\x80\x80"}')),
    "a length of 2^63": (1009, frame(0x1, b"{}", length=1 << 63)),
    "a length of 2^62": (1009, frame(0x1, b"{}", length=1 << 62)),
}


async def test_violations_of_the_protocol_are_closed_by_the_book(start):
    """The code says what was wrong, gemini sees nothing of it, and the neighbour goes on."""
    wrong = []
    async with relay(start) as both:
        neighbour = await both.session()
        for name, (code, bad) in VIOLATIONS.items():
            raw, connection = await Raw.upgraded(both)
            raw.send(bad)
            got = await raw.close_code()
            # A length whose top bit is set is a broken frame as much as a big one.
            if got != code and not (name.startswith("a length") and got == 1002):
                wrong.append((name, got))
            arrived = [message async for message in messages_of(connection)]
            if arrived:
                wrong.append((name, arrived))
            raw.close()
            await both.assert_passes(*neighbour)
    assert not wrong


async def test_empty_control_frames_and_unasked_pongs_do_no_harm(start):
    async with relay(start) as both:
        raw, connection = await Raw.upgraded(both)
        raw.send(frame(0xA, b"unasked") + frame(0xA) + frame(0x9))
        assert await raw.frame() == (0xA, b"")
        message = text(200)
        raw.send(frame(0x1, message.encode()))
        assert await soon(connection.recv()) == message
        raw.send(frame(0x8))
        assert (await closed(connection))[0] in (1000, 1005)
        assert await raw.close_code() in (1000, 1005)


async def test_unusual_first_messages(start):
    """What is not a setup at all ends in words, not in a hang."""
    async with relay(start, answers_setup=False) as both:
        for first in ("[]", "null", '"setup"', "", "{"):
            raw = await Raw.open(both.proxy)
            raw.send(upgrade_request())
            assert (await raw.head()).startswith(b"HTTP/1.1 101 ")
            raw.send(frame(0x1, first.encode()))
            assert await raw.close_code() == 1007, first
            raw.close()


async def test_setup_is_kept_but_for_what_rules_name(start):
    """With resumption asked for by the client there is nothing left to add."""
    setup = {"setup": {**SETUP["setup"], "unknownField": {"a": [1, "é"]}, "systemInstruction": {}}}
    async with relay(start) as both:
        await both.session(setup)
        assert json.loads(both.gemini.setups[0]) == setup
        assert both.gemini.setups[0] == json.dumps(setup)


async def test_resumption_is_asked_for_where_the_client_does_not(start):
    async with relay(start) as both:
        client, connection = await both.session({"setup": {"model": "models/gemini-3.8-live"}})
        assert json.loads(both.gemini.setups[0]) == {
            "setup": {"model": "models/gemini-3.8-live", "sessionResumption": {}}
        }
        await connection.send(b'{"sessionResumptionUpdate":{"newHandle":"h","resumable":true}}')
        await both.assert_passes(client, connection)
