"""`mode: observe`: with every fault on, both legs are those of a plain relay."""

import asyncio
import os

import pytest

from adversary import clients
from adversary.plans import plan
from adversary.play import converse
from adversary.relay import Relay
from adversary.service import Service
from adversary.world import World

SEEDS = range(1, 1 + int(os.environ.get("OBSERVED", "40")))


def observing(function):
    function.policy = {"policy": "mode: observe\n"}
    return function


def alone(function):
    function.alone = True
    return function


@observing
@pytest.mark.parametrize("seed", SEEDS)
async def test_an_observer_changes_nothing(stage, seed):
    await observe(stage.service, stage.proxy, seed)


@alone
@pytest.mark.parametrize("seed", SEEDS[::4])
async def test_a_plain_relay_changes_nothing(stage, seed):
    """What the observer is held to can be done."""
    async with Service() as service, Relay(service.port, is_plain=True) as relay:
        await observe(service, relay, seed)


async def quiet(world, seconds: float = 20) -> None:
    """Until gemini has said nothing for a moment."""
    count = -1
    while count != len(world.sent) and seconds > 0:
        count = len(world.sent)
        await asyncio.sleep(0.8)
        seconds -= 0.8


async def observe(service, proxy, seed: int) -> None:
    made = plan(seed) | {"patience": 6}
    for step in made["steps"]:
        step.pop("returns", None)       # a client that returns makes a connection of its own
    world = service.add(World("observed", made["family"], made["attempts"], made["setups"], made["inputs"],
                              made["idle"], made["switches"], made["usual"]))
    async with clients.Client(proxy, world) as client:
        client.tool = clients.after(made.get("tool_seconds", 0.15))
        client.ways |= made.get("client", {})
        await converse(made, world, client)
        await quiet(world)
        assert len(world.connections) == 1, "an observer does not dial again"
        up = [payload for _, payload in world.got]
        sent = [payload if client.ways["binary"] else payload.decode() for payload in client.sent_payloads]
        assert up == sent[1 : 1 + len(up)], "gemini was sent something else"
        is_reset = any(event["code"] == 1006 for event in world.events("closing"))
        down = [payload.decode() if world.switches["as_text"] else payload for _, payload, _ in world.sent]
        heard = [payload for _, _, payload, _ in client.received]
        assert heard == down[: len(heard)] and len(down) - len(heard) <= (4 if is_reset else 0), \
            f"gemini sent {len(down)} messages, the client got {len(heard)}"
        closing = world.events("closing")
        if closing and closing[0]["code"] != 1006:
            assert client.closed == (closing[0]["code"], closing[0]["reason"]), client.closed
        elif not closing and not world.events("asleep"):
            assert client.closed is None, client.closed
