"""`mode: observe`: both legs hear what a plain relay would have let them hear.

Plans are drawn from a seed: clients that break every rule of order, a service that stalls, says
strange things and closes as it likes. Each is played twice, straight and through the proxy; what
each side received, opcode and payload, and how it was closed, must be the same.
"""

import asyncio
import base64
import contextlib
import json
import random

import pytest
from turnkeeper import PATH, Proxy
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

SESSIONS = 40
SILENCE = base64.b64encode(bytes(640)).decode()
VOICE = base64.b64encode(b"\x10\x27\xf0\xd8" * 160).decode()


def audio(data):
    return {"realtimeInput": {"audio": {"data": data, "mimeType": "audio/pcm;rate=16000"}}}


def content(**members):
    return {"serverContent": members}


CLIENT_SAYS = [
    {"realtimeInput": {"activityStart": {}}},
    {"realtimeInput": {"activityEnd": {}}},
    audio(SILENCE),
    audio(VOICE),
    {"realtimeInput": {"activityStart": {}, "activityEnd": {}, **audio(VOICE)["realtimeInput"]}},
    {"realtimeInput": {"audioStreamEnd": True}},
    {"realtimeInput": {"text": "Hello?"}},
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hm."}]}], "turnComplete": True}},
    {"toolResponse": {"functionResponses": [{"id": "c1", "name": "look", "response": {"a": 1}}]}},
    {"setup": {"model": "models/gemini-3.1-flash-live-preview"}},
    {"somethingNew": {"x": [1, 2, 3]}},
    "no JSON at all",
    '{"realtimeInput":{"text":"a"},"realtimeInput":{"text":"b"}}',
]
SOUND = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AQAB" * 160}}
GEMINI_SAYS = [
    {"setupComplete": {}},
    content(modelTurn={"parts": [SOUND]}),
    content(modelTurn={"parts": [SOUND]}, somethingNew={"y": None}),
    content(generationComplete=True),
    content(turnComplete=True),
    content(interrupted=True),
    content(inputTranscription={"text": "hello"}),
    {"toolCall": {"functionCalls": [{"id": "c1", "name": "look", "args": {}}]}},
    {"toolCallCancellation": {"ids": ["c1"]}},
    {"sessionResumptionUpdate": {"newHandle": "h1", "resumable": True}},
    {"goAway": {"timeLeft": "10s"}},
    {"usageMetadata": {"totalTokenCount": 7}},
    "no JSON either",
]
CLOSES = [(1000, ""), (1011, "Internal error encountered."), (1008, "nope"), (1007, "bad"), None]


class Plan:
    """What either side says in which order, and who closes how."""

    def __init__(self, seed):
        dice = random.Random(seed)
        manual = {"automaticActivityDetection": {"disabled": True}}
        setup = {"model": f"models/{dice.choice(['gemini-3.1-flash-live-preview', 'gemini-3.8-live', 'gemini-2.5-flash-native-audio-latest'])}"}
        if dice.random() < 0.6:
            setup["realtimeInputConfig"] = manual
        if dice.random() < 0.3:
            setup["proactivity"] = {"proactiveAudio": True}
        if dice.random() < 0.3:
            setup["sessionResumption"] = {"handle": "of-google"}
        self.steps = [("client", self.written(dice, {"setup": setup}))]
        for _ in range(dice.randint(5, 60)):
            side = dice.choice(["client", "gemini"])
            what = dice.choice(CLIENT_SAYS if side == "client" else GEMINI_SAYS)
            self.steps.append((side, self.written(dice, what)))
        self.closer = dice.choice(["client", "gemini"])
        self.close = dice.choice(CLOSES)

    @staticmethod
    def written(dice, what):
        text = what if isinstance(what, str) else json.dumps(what, indent=dice.choice([None, 1]))
        return text if dice.random() < 0.5 else text.encode()


async def play(plan, url_of):
    """Plays both sides, each message after the one before has arrived. Returns what each got."""
    heard = {"client": [], "gemini": []}
    closes = {}
    arrivals = {"client": asyncio.Queue(), "gemini": asyncio.Queue()}
    sockets = {}
    accepted = asyncio.Event()

    async def listen(side, socket):
        with contextlib.suppress(ConnectionClosed):
            async for message in socket:
                heard[side].append(message)
                arrivals[side].put_nowait(True)
        received = socket.protocol.close_rcvd
        closes[side] = (received.code, received.reason) if received else 1006
        arrivals[side].put_nowait(False)

    async def serve_one(socket):
        sockets["gemini"] = socket
        accepted.set()
        await listen("gemini", socket)

    options = {"compression": None, "max_size": None, "ping_interval": None}
    async with serve(serve_one, "127.0.0.1", 0, **options) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(url_of(port), proxy=None, **options) as client:
            sockets["client"] = client
            listener = asyncio.create_task(listen("client", client))
            await accepted.wait()
            for side, message in plan.steps:
                await sockets[side].send(message)
                other = "gemini" if side == "client" else "client"
                assert await asyncio.wait_for(arrivals[other].get(), 20), (side, message)
            closer = sockets[plan.closer]
            if plan.close is None:
                closer.transport.abort()
            else:
                await closer.close(*plan.close)
            await asyncio.wait_for(listener, 20)
            await asyncio.wait_for(sockets["gemini"].wait_closed(), 20)
            await asyncio.sleep(0.01)
    return heard, closes


@pytest.mark.parametrize("seed", range(SESSIONS))
async def test_both_legs_equal_those_of_a_plain_relay(start, seed):
    plan = Plan(seed)
    straight, closes = await play(plan, lambda port: f"ws://127.0.0.1:{port}{PATH}?key=any")

    def through(port):
        proxy = start(Proxy, f"ws://127.0.0.1:{port}", "mode: observe")
        return f"{proxy.ws}{PATH}?key=any"

    observed, observed_closes = await play(plan, through)
    assert observed == straight
    # Who closes hears the echo of its own close; what counts is what the other side is told.
    other = "gemini" if plan.closer == "client" else "client"
    assert observed_closes[other] == closes[other]
