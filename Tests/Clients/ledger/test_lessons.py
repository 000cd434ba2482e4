"""What one node has learned about a model, no other has to learn."""

import asyncio
import contextlib
import functools
import json
import time

import watching
from faulty_relay import FaultyRelay
from nodes import another_round
from turnkeeper import PATH, Proxy, Simulator
from websockets.asyncio.client import connect

ALIAS = "gemini-2.5-flash-native-audio-latest"
SIBLING = "gemini-2.5-flash-native-audio-preview-09-2025"

until = functools.partial(watching.until, seconds=45)


@contextlib.asynccontextmanager
async def session(proxy):
    async with connect(f"{proxy.ws}{PATH}?key=any", max_size=None, proxy=None) as client:
        await client.send(json.dumps({"setup": {"model": f"models/{ALIAS}"}}))
        yield client


async def talk(proxy, text):
    """A session of one turn: the seconds until its first sound."""
    async with session(proxy) as client:
        turn = {"role": "user", "parts": [{"text": text}]}
        await client.send(json.dumps({"clientContent": {"turns": [turn], "turnComplete": True}}))
        began, waited = time.monotonic(), None
        async with asyncio.timeout(60):
            async for message in client:
                content = json.loads(message).get("serverContent", {})
                if "modelTurn" in content and waited is None:
                    waited = time.monotonic() - began
                if content.get("turnComplete"):
                    return waited
        raise AssertionError((client.close_code, client.close_reason))


def dialed(simulator):
    """How many connections each model has had."""
    models = [c["model"].split("/")[-1] for c in simulator.record()["conversations"]]
    return {model: models.count(model) for model in (ALIAS, SIBLING)}


def scenario(directory, text):
    path = directory / "scenario.yaml"
    path.write_text(f"name: learning\nextends: quick\n{text}\n")
    return path


def avoids(proxy):
    name = f'turnkeeper_breaker_open{{tenant="default",model="{ALIAS}"}} 1'
    return name in proxy.metrics()


def nudges(proxy):
    return proxy.count("nudges_total", result="sent")


async def started(start, postgres, simulator, policy, names=("one", "two"), port=None):
    to = f":{port or postgres.port}/"
    options = [str(option).replace(f":{postgres.port}/", to) for option in postgres.options]
    return await asyncio.gather(
        *(
            asyncio.to_thread(start, Proxy, simulator.url, policy, *options, "--node", name)
            for name in names
        )
    )


async def test_an_alias_storm_is_learned_once(start, postgres, tmp_path):
    fault = f"faults: [internal-error: {{ models: [{ALIAS}], delay: 50ms }}]"
    simulator = start(Simulator, "--scenario", scenario(tmp_path, f"latency: 0.2\n{fault}"))
    # All but the names is what a new user has.
    policy = f"models: {{ fallback: {{ {ALIAS}: {SIBLING} }} }}"
    one, two = await started(start, postgres, simulator, policy)
    await asyncio.gather(*(talk(one, f"at one {number}") for number in range(3)))
    await until(lambda: avoids(one))
    await until(lambda: avoids(two))
    told = "another node has learned that the model fails"
    await until(lambda: watching.is_said(two, told))
    assert two.log_path.read_text().count(told) == 1
    before = dialed(simulator)
    # Its first session is led elsewhere at once, and so is that of a node that comes later.
    await talk(two, "at two")
    (three,) = await started(start, postgres, simulator, policy, ("three",))
    await talk(three, "at three")
    after = dialed(simulator)
    assert after[ALIAS] == before[ALIAS] and after[SIBLING] == before[SIBLING] + 2, (before, after)


async def test_a_node_that_is_cut_off_keeps_its_own_view(start, postgres, tmp_path):
    fault = f"faults: [internal-error: {{ models: [{ALIAS}], delay: 50ms }}]"
    simulator = start(Simulator, "--scenario", scenario(tmp_path, f"latency: 0.2\n{fault}"))
    policy = f"models: {{ fallback: {{ {ALIAS}: {SIBLING} }} }}"
    async with FaultyRelay(postgres.port) as between:
        (one,) = await started(start, postgres, simulator, policy, ("one",))
        (two,) = await started(start, postgres, simulator, policy, ("two",), between.port)
        between.swallows = True
        await until(lambda: watching.is_said(two, "is cut off"))
        await asyncio.gather(*(talk(one, f"at one {number}") for number in range(3)))
        await until(lambda: avoids(one))
        await until(lambda: postgres.number("SELECT count(*) FROM lessons") > 0)
        for _ in range(2):
            await another_round(postgres, one)
        # It has heard nothing of that, and finds out by itself what its own sessions meet.
        assert not avoids(two)
        before = dialed(simulator)
        await asyncio.gather(*(talk(two, f"at two {number}") for number in range(3)))
        assert dialed(simulator)[ALIAS] > before[ALIAS]
        await until(lambda: avoids(two))
        before = dialed(simulator)
        await talk(two, "at two")
        assert dialed(simulator)[ALIAS] == before[ALIAS]
        assert not watching.is_said(two, "another node has learned")
        between.heal()
        between.reset()
        await until(lambda: watching.is_said(two, "shared database again"))
        assert avoids(one) and avoids(two)


async def test_how_slow_a_model_is_is_learned_once(start, postgres, tmp_path):
    # Longer than its family usually takes.
    simulator = start(Simulator, "--scenario", scenario(tmp_path, "latency: 10"))
    one, two = await started(start, postgres, simulator, "")
    waited = await talk(one, "at one")
    assert nudges(one) == 1, waited
    await until(lambda: postgres.number("SELECT count(*) FROM lessons WHERE kind = 'pace'") == 1)
    # The second of its rounds from here has begun behind it.
    for _ in range(2):
        await another_round(postgres, two)
    await talk(two, "at two")
    assert nudges(two) == 0
