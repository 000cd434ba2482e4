"""Results that come late, and calls whose ids repeat: nothing of them destroys an answer, and none is lost."""

import asyncio
import itertools

import pytest

from adversary import clients
from adversary.answers import wrong_with
from adversary.clients import setup

FAMILIES = ["2.5", "3.1", "3.8"]
CALL = {"id": "call-free", "name": "look_up", "args": {"of": "free"}}


def calls_beside(connection) -> None:
    """The model calls a tool that does not block it right behind its first sound, and speaks on."""
    send, called = connection.send, []

    async def calling(message: dict, *rest, **more) -> None:
        await send(message, *rest, **more)
        if "modelTurn" in message.get("serverContent", {}) and not called:
            called.append(True)
            await send({"toolCall": {"functionCalls": [CALL]}})

    connection.send = calling


async def ask(client, question: int, manual: bool = True) -> None:
    await (client.say(question) if manual else client.say_aloud(question))


async def ask_until_heard(client, question: int, chunks: int, manual: bool = True) -> None:
    await ask(client, question, manual)
    assert await client.until(lambda: len(client.turn.chunks) > chunks, 30), f"{question} is not answered"


def results_told(world) -> list[str]:
    return [each for connection in world.connections for each in connection.memory.results]


@pytest.mark.parametrize("scheduling", [None, "WHEN_IDLE", "SILENT", "in the response"])
@pytest.mark.parametrize("manual", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
async def test_a_result_that_comes_late_destroys_no_answer(stage, family, manual, scheduling):
    world = stage.world(family, idle={2: {"after": 0.4}}, attempts={3: [{"chunks": 30, "every": 0.05}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual, tools=True, behavior="NON_BLOCKING"))
        await ask(client, 1, manual)
        await client.turn_ended(1, 20)
        calls_beside(world.connections[0])
        await ask(client, 2, manual)
        await client.turn_ended(2, 20)
        assert await world.until(lambda: len(world.events("ready")) == 2, 20), "nobody came back"
        await ask_until_heard(client, 3, 4, manual)
        body = {"output": "result-free"} | ({"scheduling": "SILENT"} if scheduling == "in the response" else {})
        beside = {"scheduling": scheduling} if scheduling in ("WHEN_IDLE", "SILENT") else {}
        await client.respond([CALL], body, **beside)
        turn = await client.turn_ended(3, 30)
        assert not turn.interrupted, "the answer was cut off"
        assert not (wrong := wrong_with(turn.chunks, 3, world)), wrong
        if scheduling in (None, "WHEN_IDLE"):
            assert await world.until(lambda: "result-free" in results_told(world), 10), "the result was not told"


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_silent_result_is_not_sent_again_to_a_connection_that_cannot_know_its_call(stage, family):
    attempts = {3: [{"chunks": 30, "every": 0.05}], 4: [{"die": {"at": 0, "how": 1011}}]}
    world = stage.world(family, attempts=attempts)
    async with stage.client(world) as client:
        await client.begin(setup(family, tools=True, behavior="NON_BLOCKING"))
        await client.say(1)
        await client.turn_ended(1, 20)
        calls_beside(world.connections[0])
        await client.say(2)
        await client.turn_ended(2, 20)
        await ask_until_heard(client, 3, 4)
        await client.respond([CALL], scheduling="SILENT")
        await client.turn_ended(3, 30)
        await asyncio.sleep(0.5)
        await client.say(4)
        turn = await client.turn_ended(4, 40)
        assert not (wrong := wrong_with(turn.chunks, 4, world)), wrong
        sent = [each["c"] for each in world.events("result")]
        assert sent == [0], f"sent as a result to connections {sent}"


@pytest.mark.parametrize("seconds", [0.1, 2.0])
@pytest.mark.parametrize("family", FAMILIES)
async def test_an_id_that_repeats_keeps_no_result_from_the_call_that_waits(stage, family, seconds):
    first, second = ({"name": name, "args": {"of": name}} for name in ("look_up", "book"))
    world = stage.world(family, switches={"reissues": False}, attempts={2: [
        {"calls": [first], "die_in_call": {"at": 0, "after": 0.02, "how": 1011}}, {"calls": [second]}]})
    world.serials = itertools.repeat(7)
    async with stage.client(world) as client:
        client.tool = clients.after(seconds)
        await client.begin(setup(family, tools=True))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        assert await client.until(lambda: client.is_answered(2), 60), "never answered"
        made = [call for turn in [*client.turns, client.turn] for call in turn.calls]
        assert sorted(call["name"] for call in made) == ["book", "look_up"], made
        assert len({call["id"] for call in made}) == 2, f"two calls under one id: {made}"
        assert "result-book" in world.connections[-1].memory.results
