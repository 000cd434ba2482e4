"""What rides along with a client's sound survives whatever becomes of the sound, in every spelling."""

import asyncio
import base64
import contextlib
import json
import re
import subprocess

import pytest
from numbered_gemini import MODELS, pcm, spelled
from relay import MANUAL_SETUP, closed, relay, soon, text
from turnkeeper import PROGRAM, REPOSITORY

START, END = {"realtimeInput": {"activityStart": {}}}, {"realtimeInput": {"activityEnd": {}}}
PICTURE = {"mimeType": "image/jpeg", "data": "/9j/4AAQ"}


def blob(sample=3000, milliseconds=100):
    data = base64.b64encode(pcm(sample, milliseconds)).decode()
    return {"mimeType": "audio/pcm;rate=16000", "data": data}


def sound(form, **of):
    """The forms in which clients send it."""
    parts = {"audio": blob(**of)} if form == "audio" else {"mediaChunks": [blob(**of)]}
    return {"realtimeInput": parts}


async def arrived(client, connection):
    """Everything that comes before what is sent now, and shortly behind it."""
    mark = text(200, "That was all.")
    await client.send(mark)
    found = []
    while (message := await soon(connection.recv())) != mark:
        found.append(json.loads(message))
    with contextlib.suppress(TimeoutError):
        while True:
            found.append(json.loads(await asyncio.wait_for(connection.recv(), 0.3)))
    return found


def parts(messages, name):
    return [
        inner[name]
        for message in messages
        for inner in (message.get("realtimeInput") or message.get("realtime_input") or {},)
        if name in inner
    ]


RIDERS = {
    "beside": lambda message: message | {"future": {"a": 1}},
    "within": lambda message: {"realtimeInput": message["realtimeInput"] | {"future": {"a": 1}}},
    "a picture": lambda message: {"realtimeInput": message["realtimeInput"] | {"video": PICTURE}},
}


def has_rider(messages, rider):
    if rider == "a picture":
        return parts(messages, "video") == [PICTURE]
    found = [m["future"] for m in messages if "future" in m] + parts(messages, "future")
    return found == [{"a": 1}]


async def hold(both, messages):
    """A client whose input waits for a new connection's setup, and gemini's side of that."""
    client, connection = await both.session(MANUAL_SETUP)
    both.gemini.answers_setup = False
    connection.transport.abort()
    connection = await both.gemini.accepted()
    await soon(connection.recv())
    for message in messages:
        await client.send(json.dumps(message))
    # Until the last of them has been read.
    await soon((await client.ping()))
    await connection.send('{"setupComplete":{}}')
    return client, connection


def leave(*connections):
    """Without a handshake, for which what is still on its way would have to be read."""
    for connection in connections:
        connection.transport.abort()


# What a policy may say, so that seconds suffice for what takes minutes by default.
BRIEFLY = "recovery: { hold_audio: 4s }"


@pytest.mark.parametrize("spelling", ["camel", "snake"])
@pytest.mark.parametrize("form", ["audio", "mediaChunks"])
async def test_sound_that_waits_gives_way_to_newer_sound_in_every_form(start, form, spelling):
    many = [spelled(sound(form, sample=2000 + n), spelling) for n in range(120)]
    async with relay(start, BRIEFLY) as both:
        client, connection = await hold(both, [spelled(START, spelling), *many])
        assert await arrived(client, connection) == [spelled(START, spelling), *many[80:]]
        leave(client, connection)


async def test_nobody_is_closed_for_the_form_of_their_sound(start):
    """More of the deprecated form than a new user's policy keeps."""
    async with relay(start) as both:
        client, connection = await both.session(MANUAL_SETUP)
        both.gemini.answers_setup = False
        connection.transport.abort()
        await client.send(json.dumps(START))
        for _ in range(120):
            await client.send(json.dumps(sound("mediaChunks", milliseconds=2000)))
        await soon((await client.ping()))
        assert client.protocol.close_rcvd is None, await closed(client)
        leave(client)


async def test_sound_is_held_for_as_long_as_explain_says(start):
    """With a new user's policy, whichever of the two it prints is less: the duration, or what fits."""
    asked = [PROGRAM, "explain", "--policies", REPOSITORY / "Policies", "--model", MODELS["3.1"]]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True).stdout
    line = next(line for line in said.splitlines() if line.startswith("recovery.hold_audio"))
    minutes, fits = re.search(r"hold_audio +(\d+)m .*limits\.buffer holds (\d+)s at 16 kHz", line).groups()
    seconds = min(60 * int(minutes), int(fits))
    many = [sound("audio", sample=n % 30_000, milliseconds=1000) for n in range(seconds + 10)]
    async with relay(start) as both:
        client, connection = await hold(both, [START, *many])
        start_of_activity, *sounds = await arrived(client, connection)
        assert start_of_activity == START
        assert sounds == many[-seconds:], f"{len(sounds)} s are held"
        leave(client, connection)


@pytest.mark.parametrize("rider", RIDERS)
@pytest.mark.parametrize("form", ["audio", "mediaChunks"])
async def test_what_rides_along_with_sound_that_had_to_go_arrives(start, form, rider):
    many = [sound(form, sample=2000 + n) for n in range(120)]
    many[3] = RIDERS[rider](many[3])
    async with relay(start, BRIEFLY) as both:
        client, connection = await hold(both, [START, *many])
        got = await arrived(client, connection)
        assert has_rider(got[:2], rider), "lost with its sound, or not in its place"
        assert got[2:] == many[80:]
        leave(client, connection)


async def test_of_pictures_beside_sound_that_had_to_go_the_newest_is_kept(start):
    """A screen and a microphone in one message each."""
    many = [sound("audio") for _ in range(60)]
    for n, message in enumerate(many):
        message["realtimeInput"]["video"] = PICTURE | {"data": f"{n:08}"}
    later = [sound("audio") for _ in range(60)]
    async with relay(start, BRIEFLY) as both:
        client, connection = await hold(both, [START, *many, *later])
        got = await arrived(client, connection)
        assert parts(got, "video") == [PICTURE | {"data": "00000059"}]
        assert parts(got, "audio") == [blob()] * 40
        leave(client, connection)


@pytest.mark.parametrize("lead_in", ["0ms", "300ms"])
@pytest.mark.parametrize("rider", RIDERS)
@pytest.mark.parametrize("form", ["audio", "mediaChunks"])
async def test_what_rides_along_with_sound_outside_an_activity_arrives(start, form, rider, lead_in):
    async with relay(start, f"turns: {{ lead_in: {lead_in} }}") as both:
        client, connection = await both.session(MANUAL_SETUP)
        await client.send(json.dumps(RIDERS[rider](sound(form))))
        # Longer than a lead-in is kept.
        await asyncio.sleep(0.5)
        await client.send(json.dumps(START))
        await client.send(json.dumps(sound("audio", sample=3001)))
        got = await arrived(client, connection)
        assert has_rider(got, rider), got
        assert parts(got, "audio") == [blob(3001)] and not parts(got, "mediaChunks")
        leave(client, connection)


@pytest.mark.parametrize("form", ["audio", "mediaChunks"])
async def test_a_lead_in_is_the_sound_alone_and_comes_inside(start, form):
    async with relay(start, "turns: { lead_in: 2s }") as both:
        client, connection = await both.session(MANUAL_SETUP)
        await client.send(json.dumps(sound(form) | {"future": 1}))
        await client.send(json.dumps({"realtimeInput": {"audioStreamEnd": True}}))
        await client.send(json.dumps(START))
        got = await arrived(client, connection)
        assert got == [{"future": 1}, START, sound(form)]
        leave(client, connection)


@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
@pytest.mark.parametrize("rider", ["alone", "audio", "picture", "beside", "within", "false", "null"])
async def test_a_stream_end_in_manual_detection(start, family, rider):
    """It has no place there; false and null are none."""
    setup = {"setup": MANUAL_SETUP["setup"] | {"model": MODELS[family]}}
    messages = {
        "alone": ({"audioStreamEnd": True}, None),
        "audio": ({"audio": blob(3001), "audioStreamEnd": True}, {"audio": blob(3001)}),
        "picture": ({"audioStreamEnd": True, "video": PICTURE}, {"video": PICTURE}),
        "within": ({"audioStreamEnd": True, "future": 1}, {"future": 1}),
        "false": ({"audioStreamEnd": False}, {"audioStreamEnd": False}),
        "null": ({"audioStreamEnd": None}, {"audioStreamEnd": None}),
    }
    async with relay(start) as both:
        client, connection = await both.session(setup)
        if rider == "beside":
            middle = {"realtimeInput": {"audioStreamEnd": True}, "future": 1}, {"future": 1}
        else:
            sent, left = messages[rider]
            middle = {"realtimeInput": sent}, left and {"realtimeInput": left}
        for message in (START, sound("audio"), middle[0], END):
            await client.send(json.dumps(message))
            # A shorter activity would be another rule's.
            await asyncio.sleep(0.25)
        got = await arrived(client, connection)
        assert got == [START, sound("audio"), *filter(None, [middle[1]]), END]
        leave(client, connection)


@pytest.mark.parametrize("spelling", ["camel", "snake"])
async def test_a_null_is_absent(start, spelling):
    """As programs write it that serialise every field."""
    none = {"activityStart": None, "activityEnd": None, "text": None, "audioStreamEnd": None}
    others = {"setup": None, "clientContent": None, "toolResponse": None}
    said = [
        {"realtimeInput": none | {"activityStart": {}}} | others,
        {"realtimeInput": none | {"audio": blob()}} | others,
        {"realtimeInput": none | {"activityEnd": {}}} | others,
        {"realtimeInput": none | {"audio": blob()}} | others,
    ]
    said = [spelled(message, spelling) for message in said]
    async with relay(start) as both:
        client, connection = await both.session(MANUAL_SETUP)
        for message in said:
            await client.send(json.dumps(message))
            await asyncio.sleep(0.35)
        got = await arrived(client, connection)
        assert got[:3] == said[:3]
        # The last was outside an activity.
        assert not [m for m in got[3:] if "data" in json.dumps(m)]
        leave(client, connection)


async def test_what_no_client_knows_never_stands_alone(start):
    """google-genai ends at a message in which it knows nothing (wire reference 1.3)."""
    async with relay(start) as both:
        client, connection = await both.session({"setup": {"model": "models/gemini-3.1-flash-live-preview"}})
        update = {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}, "serverTime": "noon"}
        await connection.send(json.dumps(update))
        assert json.loads(await soon(client.recv())) == {"serverContent": {}, "serverTime": "noon"}
        # What gemini itself sends so is passed on as it is.
        await connection.send('{"serverTime":"noon"}')
        assert await soon(client.recv()) == '{"serverTime":"noon"}'
