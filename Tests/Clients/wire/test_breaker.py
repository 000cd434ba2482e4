"""A model that fails: its sessions move to the sibling, new ones begin there, and it comes back."""

import asyncio
import contextlib
import json

from relay import closed, soon
from turnkeeper import PATH, Proxy, Simulator
from watching import is_said, until
from websockets.asyncio.client import connect

ALIAS = "gemini-2.5-flash-native-audio-latest"
SIBLING = "gemini-2.5-flash-native-audio-preview-09-2025"

# What a turn may take on a machine that is busy with other things.
TURN_SECONDS = 60

POLICY = f"""
recovery: {{ attempts: 1 }}
models: {{ fallback: {{ {ALIAS}: {SIBLING} }}, breaker: {{ failures: 5, sessions: 3, probe: 2s }} }}
"""


def scenario(directory, fault):
    path = directory / "regression.yaml"
    path.write_text(
        f"name: regression\nextends: quick\nlatency: 0.2\nfaults:\n  - {fault}\n"
    )
    return path


@contextlib.asynccontextmanager
async def session(proxy, model=ALIAS):
    async with connect(f"{proxy.ws}{PATH}?key=any", max_size=None, proxy=None) as client:
        await client.send(json.dumps({"setup": {"model": f"models/{model}"}}))
        yield client


async def is_answered(client, text):
    """Whether a typed turn is answered with sound and completed."""
    turn = {"role": "user", "parts": [{"text": text}]}
    await client.send(json.dumps({"clientContent": {"turns": [turn], "turnComplete": True}}))
    heard = False
    async with asyncio.timeout(TURN_SECONDS):
        async for message in client:
            content = json.loads(message).get("serverContent", {})
            heard = heard or "modelTurn" in content
            if content.get("turnComplete"):
                return heard
    return False


async def talk(proxy, text):
    """A session of one turn, which must be answered."""
    async with session(proxy) as client:
        assert await is_answered(client, text), (client.close_code, client.close_reason)


def is_open(proxy):
    name = f'turnkeeper_breaker_open{{tenant="default",model="{ALIAS}"}} '
    (line,) = [line for line in proxy.metrics().splitlines() if line.startswith(name)]
    return line.removeprefix(name) == "1"


def models(simulator):
    """The model of each conversation that was answered, by the text of its turn."""
    return {
        turn["text"]: conversation["model"].split("/")[-1]
        for conversation in simulator.record()["conversations"]
        for turn in conversation["turns"]
        if turn["answers"] > 0
    }


async def test_an_alias_that_fails_is_skipped_probed_and_taken_back(start, tmp_path):
    # Two for each of three sessions, two for a probe.
    fault = f"internal-error: {{ models: [{ALIAS}], delay: 50ms, total: 8 }}"
    simulator = start(Simulator, "--scenario", scenario(tmp_path, fault))
    proxy = start(Proxy, simulator.url, POLICY)
    assert not is_open(proxy)
    # Nobody's user notices, neither before nor after the breaker opens.
    await asyncio.gather(*(talk(proxy, f"before {number}") for number in range(3)))
    assert is_open(proxy)
    await talk(proxy, "right after")
    assert is_open(proxy)
    assert set(models(simulator).values()) == {SIBLING}
    log = proxy.log_path.read_text()
    assert log.count("model is skipped") == 1 and "model is back" not in log
    # One session after the other tries it, until it is well.
    async with asyncio.timeout(TURN_SECONDS):
        number = 0
        while is_open(proxy):
            number += 1
            await talk(proxy, f"meanwhile {number}")
            await asyncio.sleep(0.3)
    await until(lambda: is_said(proxy, "model is back"))
    await talk(proxy, "at last")
    answered = models(simulator)
    assert answered["at last"] == ALIAS and answered[f"meanwhile {number}"] == ALIAS
    assert {f"before {n}" for n in range(3)} | {"right after"} <= answered.keys()
    assert {f"meanwhile {n}" for n in range(1, number + 1)} <= answered.keys()


async def test_a_model_that_is_gone_is_left_at_once(start, tmp_path):
    simulator = start(
        Simulator, "--scenario", scenario(tmp_path, f"retired-model: {{ models: [{ALIAS}] }}")
    )
    proxy = start(Proxy, simulator.url, POLICY)
    await talk(proxy, "the first to find out")
    assert is_open(proxy)
    await talk(proxy, "the second")
    assert set(models(simulator).values()) == {SIBLING}


async def test_a_pinned_alias_and_a_model_that_is_not_allowed(start):
    simulator = start(Simulator, "--scenario", "quick")
    policy = f"models: {{ allow: [{ALIAS}], pin: {{ {ALIAS}: {SIBLING} }} }}"
    proxy = start(Proxy, simulator.url, policy)
    await talk(proxy, "pinned")
    assert models(simulator) == {"pinned": SIBLING}
    async with session(proxy, "gemini-3.8-live") as client:
        code, reason = await soon(closed(client))
    assert code == 1008 and "models.allow has no gemini-3.8-live" in reason
