"""What rides along in a client's messages reaches gemini, whatever is held, said again or swallowed."""

import asyncio
import base64
import itertools
import json
import random

import pytest

from adversary import sound
from adversary.clients import setup

DEATHS = {"none": {}, "early": {"inputs": {2: [{"at": 2}]}}, "end": {"inputs": {2: [{"at": -1}]}},
          "reset": {"inputs": {2: [{"at": 5, "how": "reset"}]}}, "reply": {"attempts": {2: [{"die": {"at": 1}}]}},
          "mute": {"attempts": {2: [{"kind": "empty", "sticks": True}]}},
          "goaway": {"inputs": {2: [{"at": 3, "goaway": 2}]}}}


class Riders:
    """Adds a field that nobody knows beside what is known, somewhere in each message."""

    def __init__(self, seed: int):
        self.dice, self.serial, self.added = random.Random(seed), itertools.count(1), []

    def ride(self, message: dict) -> dict:
        places = [message]
        for place in places:
            for key, inner in place.items():
                if isinstance(inner, dict) and key not in ("args", "response", "activityStart", "activityEnd"):
                    places.append(inner)
                elif isinstance(inner, list):
                    places += [each for each in inner if isinstance(each, dict)]
        rider = f"rider-{next(self.serial)}"
        self.dice.choice(places[1:])[f"future{self.dice.randint(1, 9)}"] = self.dice.choice(
            [rider, {"deep": [rider, None]}, [rider]])
        self.added.append(rider)
        return message


def arrived(world, riders: Riders) -> set[str]:
    got = [payload if isinstance(payload, str) else payload.decode() for _, payload in world.got]
    return {rider for rider in riders.added if any(f'"{rider}"' in payload for payload in got)}


async def say(client, riders: Riders, question: int) -> None:
    await client.send(riders.ride({"realtimeInput": {"activityStart": {}}}))
    for place in range(10):
        blob = {"mimeType": "audio/pcm;rate=16000", "data": base64.b64encode(sound.chunk(question, place)).decode()}
        await client.send(riders.ride({"realtimeInput": {"audio": blob}}))
        await asyncio.sleep(0.05)
    await client.send(riders.ride({"realtimeInput": {"activityEnd": {}}}))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_riders_of_a_spoken_question(stage, family, death, seed):
    if (family, death) == ("3.8", "mute"):
        pytest.skip("a legal silence there")
    world = stage.world(family, **json.loads(json.dumps(DEATHS[death])))
    riders = Riders(seed)
    async with stage.client(world) as client:
        await client.begin(setup(family))
        for question in (1, 2, 3):
            await say(client, riders, question)
            await client.turn_ended(question, 40)
        missing = [rider for rider in riders.added if rider not in arrived(world, riders)]
        assert not missing, f"{missing} of {len(riders.added)}"
        last = [event for event in world.events("begins") if 2 in event["questions"]][-1]["c"]
        to_last = [payload for connection, payload in world.got if connection == last]
        again = {rider for rider in riders.added[12:24] if any(f'"{rider}"' in str(payload) for payload in to_last)}
        ends = {riders.added[12], riders.added[23]}      # boundaries may be made anew, sound is said again as it was
        assert set(riders.added[12:24]) - again <= ends, f"said again without {set(riders.added[12:24]) - again}"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("death", ["none", "in call", "after result"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_riders_of_text_and_results(stage, family, death, seed):
    call = {"calls": [{"name": "look_up", "args": {"of": "one"}}]}
    if death == "in call":
        call["die_in_call"] = {"at": 0, "after": 0.1}
    elif death == "after result":
        call["die_after_result"] = {"at": 0, "after": 0.05}
    world = stage.world(family, attempts={2: [call, {"calls": call["calls"]}]}, switches={"handle_in_call": True})
    riders = Riders(seed)

    async def answer(client, calls):
        await asyncio.sleep(0.4)
        made = [{"id": each["id"], "name": each["name"], "response": {"output": "result-one"}} for each in calls]
        await client.send(riders.ride({"toolResponse": {"functionResponses": made}}))

    async with stage.client(world) as client:
        client.tool = answer
        await client.begin(setup(family, tools=True))
        for question in (1, 2, 3):
            text = f"question q{question} please"
            if world.family.text_is_content:
                turn = {"role": "user", "parts": [{"text": text}]}
                await client.send(riders.ride({"clientContent": {"turns": [turn], "turnComplete": True}}))
            else:
                await client.send(riders.ride({"realtimeInput": {"text": text}}))
            assert await client.until(lambda: client.is_answered(question), 40), f"question {question}"  # noqa: B023
            await asyncio.sleep(0.3)
        missing = [rider for rider in riders.added if rider not in arrived(world, riders)]
        assert not missing, f"{missing} of {len(riders.added)}"


@pytest.mark.parametrize("what", ["late end", "second end", "second start", "stream end", "sound outside"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_riders_of_what_is_swallowed(stage, family, what):
    """A late end of an activity that dead_air ended, a boundary twice, what manual detection forbids."""
    world = stage.world(family)
    swallowed = {"second start": {"activityStart": {}}, "stream end": {"audioStreamEnd": True}, "sound outside": {
        "audio": {"mimeType": "audio/pcm;rate=16000", "data": base64.b64encode(sound.silence()).decode()}}}
    message = {"realtimeInput": swallowed.get(what, {"activityEnd": {}}) | {"futureField": "rider-1"}}
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.start()
        await client.speak(1, 1.0, 4)
        if what == "late end":
            await asyncio.sleep(2)
        elif what in ("second end", "sound outside"):
            await client.end()
        await client.send(message)
        if what in ("second start", "stream end"):
            await client.end()
        await client.turn_ended(1, 20)
        await asyncio.sleep(0.5)
        assert not world.crimes, world.crimes
        assert any('"rider-1"' in str(payload) for _, payload in world.got), "the rider is gone"
