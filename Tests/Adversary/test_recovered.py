"""What `docs/FAILURES.md` calls recovered, and no random plan contains."""

import pytest

from adversary.answers import wrong_with
from adversary.clients import setup

FAMILIES = ["2.5", "3.1", "3.8"]
SIBLING = "gemini-2.5-flash-native-audio-preview-09-2025"


def assert_answers(client, world, questions) -> None:
    assert client.closed is None, client.closed
    assert len(client.turns) == len(questions), f"{len(client.turns)} ends for {len(questions)} questions"
    for at, question in enumerate(questions):
        assert not (wrong := wrong_with(client.turns[at].chunks, question, world)), f"turn {at + 1}: {wrong}"


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_connection_that_falls_silent_after_goaway(stage, family):
    world = stage.world(family, idle={1: {"goaway": 8, "after": 0.1}})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        assert await world.until(lambda: world.events("go away"), 10)
        await world.connections[0].die({"how": "asleep"})
        for question in (2, 3):
            await client.say(question)
            await client.turn_ended(question, 40)
        assert_answers(client, world, (1, 2, 3))


@pytest.mark.parametrize("update", [{}, {"newHandle": "", "resumable": True}, {"resumable": False}])
@pytest.mark.parametrize("family", FAMILIES)
async def test_an_update_without_a_handle_takes_none_away(stage, family, update):
    world = stage.world(family, idle={2: {"after": 0.5}})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        for question in (1, 2):
            await client.say(question)
            await client.turn_ended(question, 20)
        await world.connections[0].send({"sessionResumptionUpdate": update})
        assert await world.until(lambda: len(world.events("ready")) == 2, 20), "nobody came back"
        assert world.events("ready")[1]["resumed"], "the handle was forgotten"
        await client.say(3)
        await client.turn_ended(3, 20)
        assert_answers(client, world, (1, 2, 3))


@pytest.mark.parametrize("family", FAMILIES)
async def test_an_interruption_without_its_end(stage, family):
    world = stage.world(family, usual={"chunks": 12, "every": 0.1})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        connection = world.connections[0]
        send, owed = connection.send, []

        async def without_end(message: dict, *rest, **more) -> None:
            content = message.get("serverContent", {})
            if owed and content.get("turnComplete"):
                owed.clear()
                return
            if content.get("interrupted"):
                owed.append(True)
            await send(message, *rest, **more)

        connection.send = without_end
        await client.say(1)
        assert await client.until(lambda: len(client.turn.chunks) > 3, 10)
        await client.say(2)
        await client.turn_ended(2, 30)
        await client.say(3)
        await client.turn_ended(3, 20)
        assert client.turns[0].interrupted and len(client.turns) == 3 and client.closed is None
        for at in (1, 2):
            assert not (wrong := wrong_with(client.turns[at].chunks, at + 1, world)), wrong
        assert len(world.connections) == 1, "a healthy connection was given up"


async def test_a_model_that_is_gone_has_a_sibling(stage):
    gone = "models/gemini-2.5-flash-native-audio-preview-12-2025 is not found for API version v1beta, or is not " \
           "supported for bidiGenerateContent."
    world = stage.world("2.5", setups={0: {"close": [1008, gone[:123]]}})
    async with stage.client(world) as client:
        await client.begin(setup("2.5"))
        for question in (1, 2):
            await client.say(question)
            await client.turn_ended(question, 20)
        assert [event["model"] for event in world.events("other model")] == [SIBLING]
        assert_answers(client, world, (1, 2))


test_a_model_that_is_gone_has_a_sibling.policy = {
    "policy": f"models: {{ fallback: {{ gemini-2.5-flash-native-audio-preview-12-2025: [{SIBLING}] }} }}\n"}
