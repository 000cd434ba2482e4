"""Pictures while there is no connection to gemini: they cost the user no word, and nobody is closed for one."""

import asyncio
import json

import pytest
from relay import MANUAL_SETUP, messages_of, relay, soon

SOUND = {"mimeType": "audio/pcm;rate=16000", "data": "AAEC" * 213 + "AAE="}


def picture(bytes):
    return json.dumps({"realtimeInput": {"video": {"mimeType": "image/jpeg", "data": "/9j/" + "A" * (bytes - 4)}}})


@pytest.mark.parametrize("megabytes", [0.6, 1.5, 2.7, 4.0, 6.7])
async def test_a_question_survives_the_pictures_of_an_outage(start, megabytes):
    """Asked, not answered, and then gemini is away for four seconds; the default buffer has 4 MiB."""
    async with relay(start) as both:
        client, connection = await both.session(MANUAL_SETUP)
        both.gemini.answers_setup = False
        await client.send('{"realtimeInput":{"activityStart":{}}}')
        for _ in range(40):
            await client.send(json.dumps({"realtimeInput": {"audio": SOUND}}))
        await client.send(picture(int(megabytes * 1e6)))
        await client.send('{"realtimeInput":{"activityEnd":{}}}')
        async with asyncio.timeout(20):
            async for message in messages_of(connection):
                if "activityEnd" in message:
                    break
        await connection.close(1011, "Internal error encountered.")
        second = await both.gemini.accepted()
        await soon(second.recv())
        for _ in range(5):
            await client.send(picture(int(megabytes * 1e6)))
            await asyncio.sleep(0.8)
        await second.send('{"setupComplete":{}}')
        heard = []
        async with asyncio.timeout(20):
            async for message in messages_of(second):
                heard.append(json.loads(message)["realtimeInput"])
                if "activityEnd" in heard[-1]:
                    break
        assert [each["audio"] for each in heard if "audio" in each] == [SOUND] * 40
        assert sum("activityStart" in each for each in heard) == 1
        assert client.state.name == "OPEN"
