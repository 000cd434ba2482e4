"""`mode: observe`: with every fault on, both legs are those of a plain relay, message by message and close by close."""

import asyncio
import dataclasses
import os

import pytest

from adversary import clients, sound
from adversary.messages import parsed
from adversary.plans import plan
from adversary.play import converse
from adversary.relay import Relay
from adversary.service import Service
from adversary.world import World

SEEDS = range(1, 1 + int(os.environ.get("OBSERVED", "40")))
# How the client ends it: a code and a reason, or without a frame.
LEAVES = [(1000, ""), (1000, "done"), (4001, "back to the menu"), (1011, ""), None]
ON_THE_WAY = 0.3      # seconds before the end of a connection in which what was sent may be lost


def observing(function):
    function.policy = {"policy": "mode: observe\n"}
    return function


def alone(function):
    function.alone = True
    return function


@dataclasses.dataclass
class Record:
    """What passed on both legs. A message is its payload: text and bytes are different opcodes."""
    up: list[str | bytes]
    down: list[str | bytes]
    gemini_saw: tuple | None        # the close, where the client ended it
    client_saw: tuple | None        # the close, where gemini ended it
    wrong: list[str]

    def course(self) -> tuple:
        """What happened in which order, without what only the clock decides: how often, how much, which numbers."""
        return course(self.up), course(self.down), self.gemini_saw, self.client_saw


def course(payloads: list[str | bytes]) -> list[tuple]:
    found = []
    for payload in payloads:
        if is_silence(payload):
            continue
        message = parsed(payload)
        kinds = sorted(f"{name}.{inner}" for name, each in message.items() if name not in ("usageMetadata", "setup")
                       for inner in (each if isinstance(each, dict) else {}) if inner != "futureField")
        if not {"serverContent.modelTurn", "serverContent.outputTranscription"}.isdisjoint(kinds):
            kinds = ["speaks"]      # its sound and its words, in any number
        each = (type(payload).__name__, *(kinds or message))
        if "voiceActivity" in message or kinds == ["realtimeInput.video"]:
            continue                # noise of gemini's, and a screen that is shown beside the talk
        if not found or found[-1] != each:
            found.append(each)
    return found


def is_silence(payload: str | bytes) -> bool:
    realtime = parsed(payload).get("realtimeInput") or {}
    blobs = [blob for blob in [realtime.get("audio"), *(realtime.get("mediaChunks") or [])] if blob]
    return bool(blobs) and not any(sound.is_voiced(clients.decoded(blob["data"])) for blob in blobs)


@observing
@pytest.mark.parametrize("seed", SEEDS)
async def test_an_observer_is_a_plain_relay(stage, seed):
    """Each leg has what the other had, byte by byte; and the session takes the course that it takes by a relay."""
    for left in (2, 1, 0):
        *relayed, observed = await asyncio.gather(
            by_relay(seed), by_relay(seed), record(stage.service, stage.proxy, seed))
        assert not observed.wrong, observed.wrong
        if observed.course() in [each.course() for each in relayed]:
            return
        if not left and relayed[0].course() == relayed[1].course():
            one, other = relayed[0].course(), observed.course()
            unlike = [difference(first, second) for first, second in zip(one[:2], other[:2]) if first != second]
            raise AssertionError(f"not as by a relay: {unlike}, closes {one[2:]} and {other[2:]}")


@alone
@pytest.mark.parametrize("seed", SEEDS[::4])
async def test_a_plain_relay_is_one(stage, seed):
    """What the observer is held to can be done."""
    relayed = await by_relay(seed)
    assert not relayed.wrong, relayed.wrong


def difference(expected, seen) -> str:
    unlike = (at for at, (one, other) in enumerate(zip(expected, seen)) if one != other)
    at = next(unlike, min(len(expected), len(seen)))
    one, other = (f"{some[at:at + 1]}"[:160] for some in (expected, seen))
    return f"{len(expected)} messages became {len(seen)}; at {at} {one} became {other}"


async def by_relay(seed: int) -> Record:
    async with Service() as service, Relay(service.port, is_plain=True) as relay:
        return await record(service, relay, seed)


async def quiet(world, seconds: float = 20) -> None:
    """Until gemini has said nothing for a moment."""
    count = -1
    while count != len(world.sent) and seconds > 0:
        count = len(world.sent)
        await asyncio.sleep(0.8)
        seconds -= 0.8


async def record(service, proxy, seed: int) -> Record:
    made = plan(seed) | {"patience": 6}
    for step in made["steps"]:
        step.pop("returns", None)       # a client that returns makes a connection of its own
        step.pop("freeze", None)        # only the proxy can stand still
    world = service.add(World("observed", made["family"], made["attempts"], made["setups"], made["inputs"],
                              made["idle"], made["switches"], made["usual"]))
    client = clients.Client(proxy, world)
    client.tool = clients.after(made.get("tool_seconds", 0.15))
    client.ways |= made.get("client", {})
    if made.get("token"):
        client.use_token()
    try:
        await converse(made, world, client)
        await quiet(world)
        is_left = client.closed is None
        how = LEAVES[seed % len(LEAVES)]
        if is_left:
            await leave(client, how)
            await world.until(lambda: world.events("closed"), 4)
        return compared(client, world, how if is_left else None, is_left)
    finally:
        await client.leave()


async def leave(client, how: tuple | None) -> None:
    client.is_closing = True
    if how is None:
        client.socket.transport.abort()
    else:
        await client.socket.close(*how)


def compared(client, world, how: tuple | None, is_left: bool) -> Record:
    """One leg against the other."""
    wrong = []
    if len(world.connections) != 1:
        wrong.append(f"{len(world.connections)} connections: an observer does not dial again")
    closing, closed = world.events("closing"), world.events("closed")
    ended = closing[0]["t"] if closing else float("inf")
    is_asleep = bool(world.events("asleep"))

    up = [*world.setup_payloads[:1], *(payload for index, payload in world.got if index == 0)]
    meant = [payload for payload, _ in client.sent]
    owed = sum(when < ended - ON_THE_WAY for _, when in client.sent)
    if not is_asleep and (up != meant[: len(up)] or len(up) < owed):
        wrong.append(f"up, {owed} owed: {difference(meant, up)}")

    down = [payload.decode() if world.switches["as_text"] else payload for _, payload, _ in world.sent]
    is_reset = bool(closing) and closing[0]["code"] == 1006
    owed = sum(when < ended - ON_THE_WAY for *_, when in world.sent) if is_reset else len(down)
    heard = [payload for _, _, payload, _ in client.received]
    if heard != down[: len(heard)] or len(heard) < owed:
        wrong.append(f"down, {owed} owed: {difference(down, heard)}")

    client_saw = gemini_saw = None
    if closing and not is_left:
        client_saw = client.closed
        if client.closed != (closing[0]["code"], "" if is_reset else closing[0]["reason"]):
            wrong.append(f"gemini closed {closing[0]['code']} {closing[0]['reason']!r}, the client saw {client.closed}")
    elif not is_left and not is_asleep:
        wrong.append(f"the client was closed by nobody's wish: {client.closed}")
    if is_left and not is_asleep:
        gemini_saw = (closed[0]["code"], closed[0]["reason"]) if closed else None
        if gemini_saw != (how or (1006, "")):
            wrong.append(f"the client left with {how}, gemini saw {gemini_saw}")
    return Record(up, down, gemini_saw, client_saw, wrong)
