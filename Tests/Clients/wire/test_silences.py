"""Whether a model that says nothing is asked again: not while it says that it works, or listens; and for
a short word as for a long one."""

import asyncio
import base64
import contextlib
import json

import pytest
from relay import MANUAL_SETUP, SETUP, messages_of, relay

# Longer than the clocks of any family take to the first nudge.
LONG = 9


def asking(model, manual=True):
    return {"setup": {**(MANUAL_SETUP if manual else SETUP)["setup"], "model": f"models/{model}"}}


def sound(level, ms=20):
    data = base64.b64encode(level.to_bytes(2, "little") * 16 * ms).decode()
    blob = {"mimeType": "audio/pcm;rate=16000", "data": data}
    return json.dumps({"realtimeInput": {"audio": blob}})


async def ask(client):
    await client.send('{"realtimeInput":{"activityStart":{}}}')
    for _ in range(30):
        await client.send(sound(8000))
    await client.send('{"realtimeInput":{"activityEnd":{}}}')


async def nudges_within(connection, seconds):
    """What asks without a sound of the client's."""
    found = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for message in messages_of(connection):
                value = json.loads(message)
                if "text" in value.get("realtimeInput", value) or "clientContent" in value:
                    found.append(value)
    return found


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("gemini-3.8-live-extended-thinking", {"interactionStatus": "IN_PROGRESS"}),
        ("gemini-3.8-live-extended-thinking", {"serverContent": {"interactionStatus": "IN_PROGRESS"}}),
        ("gemini-3.1-flash-live-preview", {"serverContent": {"waitingForInput": True}}),
        ("gemini-2.5-flash-native-audio-preview-12-2025", {"serverContent": {"waitingForInput": True}}),
    ],
)
async def test_a_model_that_says_what_it_does_is_not_nudged(start, model, says):
    async with relay(start) as both:
        client, connection = await both.session(asking(model))
        await ask(client)
        await asyncio.sleep(0.3)
        await connection.send(json.dumps(says))
        assert await nudges_within(connection, LONG) == []


@pytest.mark.parametrize("ms", [300, 500])
async def test_a_short_word_that_gets_nothing_is_asked_again(start, ms):
    """Automatic detection, without transcripts: a "yes" takes 200 to 400 ms (failure catalogue 1.6)."""
    async with relay(start) as both:
        client, connection = await both.session(asking("gemini-3.1-flash-live-preview", manual=False))
        listening = asyncio.create_task(nudges_within(connection, 14))
        for index in range(550):
            await client.send(sound(8000 if index < ms // 20 else 0))
            await asyncio.sleep(0.02)
        assert await listening != []


async def test_a_door_is_no_question(start):
    async with relay(start) as both:
        client, connection = await both.session(asking("gemini-3.1-flash-live-preview", manual=False))
        listening = asyncio.create_task(nudges_within(connection, 14))
        for index in range(550):
            await client.send(sound(8000 if index < 8 else 0))
            await asyncio.sleep(0.02)
        assert await listening == []
