"""Healthy models that are slow, and one that freezes in earnest; default policy.

The upstream is written from the wire alone. Each model has a pace of its own, always the same, and
one of three ways to take a nudge: as nothing, as a reason to begin again, or as a question of its
own. What it counts is what was done to it; what the client hears is counted there.
"""

import asyncio
import contextlib
import json

import pytest
from turnkeeper import PATH, Proxy
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

TURNS = 4
# A nudge is blank.
NUDGE = " "
SOUND = {
    "serverContent": {
        "modelTurn": {
            "parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AQAB" * 160}}]
        }
    }
}
END = {"serverContent": {"generationComplete": True}}, {"serverContent": {"turnComplete": True}}


class Slow:
    """`gemini-3.1-flash-live-PACE-MANNER`: first sound after so many seconds."""

    def __init__(self):
        self.connections, self.nudges = {}, {}

    async def __aenter__(self):
        self.server = await serve(self.converse, "127.0.0.1", 0, compression=None, max_size=None)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def converse(self, socket):
        setup = json.loads(await socket.recv())["setup"]
        name = setup["model"].removeprefix("models/")
        *_, pace, manner = name.split("-")
        self.connections[name] = self.connections.get(name, 0) + 1
        is_first = self.connections[name] == 1
        await self.say(socket, {"setupComplete": {}})
        work, is_frozen = None, False
        with contextlib.suppress(ConnectionClosed):
            async for message in socket:
                text = json.loads(message).get("realtimeInput", {}).get("text")
                if text is None:
                    continue
                if text != NUDGE:
                    is_frozen = text == "freeze" and is_first
                    if not is_frozen:
                        work = asyncio.create_task(self.answer(socket, float(pace)))
                    continue
                self.nudges[name] = self.nudges.get(name, 0) + 1
                if is_frozen or work is None:
                    continue
                if manner == "restarts" and not work.done():
                    work.cancel()
                    work = asyncio.create_task(self.answer(socket, float(pace)))
                elif manner == "answers":
                    work = asyncio.create_task(self.answer_after(work, socket, 1))

    async def answer_after(self, work, socket, seconds):
        await work
        await self.answer(socket, seconds)

    async def answer(self, socket, seconds):
        await asyncio.sleep(seconds)
        for part in (SOUND, *END):
            await self.say(socket, part)
        update = {"resumable": True, "newHandle": f"h-{id(socket)}"}
        await self.say(socket, {"sessionResumptionUpdate": update})

    async def say(self, socket, message):
        await socket.send(json.dumps(message).encode())


async def talk(proxy, service, model):
    """Some turns, then one that freezes. Returns the remedies before that, and the answers heard."""
    heard = asyncio.Queue()
    async with connect(f"{proxy.ws}{PATH}?key=any", max_size=None, proxy=None) as client:
        await client.send(json.dumps({"setup": {"model": f"models/{model}"}}))
        assert "setupComplete" in json.loads(await client.recv())

        async def listen():
            sounds = 0
            async for message in client:
                content = json.loads(message).get("serverContent", {})
                sounds += "modelTurn" in content
                if content.get("turnComplete"):
                    heard.put_nowait(sounds)
                    sounds = 0

        listener = asyncio.create_task(listen())
        for turn in range(TURNS):
            await client.send(json.dumps({"realtimeInput": {"text": f"question {turn}"}}))
            assert await heard.get() == 1, turn
            # What comes twice comes late.
            await asyncio.sleep(2)
            assert heard.empty(), "a second answer was heard"
        remedies = service.nudges.get(model, 0) + service.connections[model] - 1
        await client.send(json.dumps({"realtimeInput": {"text": "freeze"}}))
        assert await heard.get() == 1, "a real freeze was not found"
        listener.cancel()
    return remedies


@pytest.mark.parametrize("manner", ["ignores", "restarts", "answers"])
async def test_a_slow_model_costs_one_needless_remedy_and_a_freeze_is_found(start, manner):
    async with Slow() as service:
        proxy = start(Proxy, service.url)
        models = [f"gemini-3.1-flash-live-{pace}-{manner}" for pace in (5, 9, 12)]
        remedies = await asyncio.gather(*(talk(proxy, service, model) for model in models))
    assert all(count <= 1 for count in remedies), remedies
    assert proxy.count("turns_total", outcome="answered") == len(models) * (TURNS + 1)
