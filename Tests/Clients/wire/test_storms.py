"""Storms: connections that die after the question, drawn anew each time, with the default policy.

The upstream is written from the wire alone: it sets up, hears a question, and closes 1011 before a
word, or answers. What is counted is what a user has: answers, and whether the conversation stands.
"""

import asyncio
import collections
import json
import random

import pytest
from relay import closed
from turnkeeper import PATH, Proxy
from watching import until
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

MODEL = "gemini-3.1-flash-live-preview"
# Of one question in a storm that is drawn: fewer than the attempts at a model and at its sibling, which
# one question in six hundred would use up.
MOST_DEATHS = 50
# What a climb may take, on a machine that is busy with other things.
CLIMB_SECONDS = 200
ANSWER = {
    "serverContent": {
        "modelTurn": {
            "parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AQAB" * 160}}]
        }
    }
}
END = {"serverContent": {"generationComplete": True}}, {"serverContent": {"turnComplete": True}}


class Storm:
    """A service that closes some of its connections between 50 ms and `most` after a question."""

    def __init__(self, dies, seed, most=0.4):
        self.dies = dies
        self.most = most
        self.dice = random.Random(seed)
        self.attempts = 0
        self.connections = 0
        # Running, by who asks what.
        self.deaths = collections.Counter()

    async def __aenter__(self):
        self.server = await serve(self.converse, "127.0.0.1", 0, compression=None, max_size=None)
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def converse(self, socket):
        self.connections += 1
        handles = 0
        async for message in socket:
            message = json.loads(message)
            if "setup" in message:
                await self.say(socket, {"setupComplete": {}})
            # Content is history here, and asks nothing.
            if "text" not in message.get("realtimeInput", {}):
                continue
            self.attempts += 1
            question = socket.request.path, json.dumps(message)
            if self.deaths[question] < MOST_DEATHS and self.dies(self, message):
                self.deaths[question] += 1
                await asyncio.sleep(self.dice.uniform(0.05, self.most))
                return await socket.close(1011, "Internal error encountered.")
            await asyncio.sleep(0.02)
            for part in (ANSWER, *END):
                await self.say(socket, part)
            handles += 1
            update = {"resumable": True, "newHandle": f"h{id(socket)}-{handles}"}
            await self.say(socket, {"sessionResumptionUpdate": update})

    async def say(self, socket, message):
        await socket.send(json.dumps(message).encode())


def often(share):
    return lambda storm, _: storm.dice.random() < share


async def talk(proxy, turns, key="any"):
    """One user's turns, each after the end of the one before; what became of each."""
    outcomes = []
    async with connect(f"{proxy.ws}{PATH}?key={key}", max_size=None, proxy=None) as client:
        await client.send(json.dumps({"setup": {"model": f"models/{MODEL}"}}))
        assert "setupComplete" in json.loads(await client.recv())
        for turn in range(turns):
            await client.send(json.dumps({"realtimeInput": {"text": f"question {turn}"}}))
            heard = False
            async with asyncio.timeout(CLIMB_SECONDS):
                while True:
                    message = json.loads(await client.recv())
                    content = message.get("serverContent", {})
                    heard = heard or "modelTurn" in content
                    if content.get("turnComplete"):
                        break
            outcomes.append(heard)
    return outcomes


@pytest.mark.parametrize("share, least", [(0.85, 0.99), (0.9, 1)])
async def test_a_storm_ends_no_conversation(start, share, least):
    """The profile names a sibling, which is drawn like the model itself."""
    async with Storm(often(share), seed=1) as storm:
        proxy = start(Proxy, storm.url)
        told = await asyncio.gather(*(talk(proxy, 4, f"user-{n}") for n in range(5)))
    outcomes = [outcome for session in told for outcome in session]
    assert sum(outcomes) >= least * len(outcomes), outcomes
    assert storm.attempts > 3 * len(outcomes), "the day was not bad enough"
    assert proxy.count("client_closes_total", code=1011) == 0


async def test_an_exhausted_climb_ends_the_turn_and_the_next_is_answered(start):
    """No sibling: thirty attempts and the first one die, the turn ends without a word."""
    is_over = False

    def dies(storm, message):
        nonlocal is_over
        if "question 1" in json.dumps(message):
            is_over = True
        return not is_over

    async with Storm(dies, seed=2, most=0.1) as storm:
        proxy = start(Proxy, storm.url, "models: { fallback: {} }")
        assert await talk(proxy, turns=2) == [False, True]
    assert storm.attempts == 1 + 30 + 1
    await until(lambda: proxy.count("turns_total", outcome="lost") == 1)


async def test_what_is_exhausted_twice_running_ends_the_session_and_says_why(start):
    async with Storm(often(1), seed=3, most=0.1) as storm:
        policy = "recovery: { per_10_minutes: 3 }\nmodels: { fallback: {} }"
        proxy = start(Proxy, storm.url, policy)
        async with connect(f"{proxy.ws}{PATH}?key=any", max_size=None, proxy=None) as client:
            session = client.response.headers["x-turnkeeper-session"].split(".")[0]
            await client.send(json.dumps({"setup": {"model": f"models/{MODEL}"}}))
            for _ in range(2):
                await client.send(json.dumps({"realtimeInput": {"text": "Hello?"}}))
                async for message in client:
                    if "turnComplete" in json.loads(message).get("serverContent", {}):
                        break
            code, reason = await closed(client)
    assert code == 1011
    assert "reconnect limit reached: 3 in 10 minutes (recovery.per_10_minutes)" in reason
    assert session in reason
    # The question, three more connections for it, and three for the next.
    assert storm.attempts == 1 + 3 + 3


async def test_four_connections_die_within_two_seconds_three_times(start):
    deaths = iter([True] * 4 + [False] + [True] * 4 + [False] + [True] * 4 + [False])
    async with Storm(lambda *_: next(deaths, False), seed=4, most=0.1) as storm:
        proxy = start(Proxy, storm.url)
        assert await talk(proxy, turns=3) == [True] * 3
    assert storm.attempts == 15
