"""`transcription_inserted`: what nobody asked to have written down can be told as words, or its loss is told."""

import asyncio
import json

import pytest

from adversary import clients
from adversary.answers import wrong_with
from adversary.clients import setup

ASKED = ("inputAudioTranscription", "outputAudioTranscription")
TOLD = ("inputTranscription", "outputTranscription", "interimInputTranscription")
CALL = [{"name": "look_up", "args": {"of": "one"}}]


def rule(mode: str):
    def mark(function):
        function.policy = {"policy": f"turns: {{ rules: {{ transcription_inserted: {mode} }} }}\n"}
        return function
    return mark


def asked_for(world) -> list[set[str]]:
    """What each connection's setup asked to have written down."""
    return [set(ASKED) & set(event["setup"]) for event in world.events("setup")]


def shown(client) -> set[str]:
    return {key for _, message, *_ in client.received for key in message.get("serverContent") or {} if key in TOLD}


def assert_riders(client, world) -> None:
    """Every field of the future that gemini sent arrives, in order, whatever it rode beside."""
    sent = [json.loads(payload)["serverContent"]["futureField"] for _, payload, _ in world.sent
            if b"futureField" in payload and b"serverContent" in payload]
    heard = [message["serverContent"]["futureField"] for _, message, *_ in client.received
             if "futureField" in (message.get("serverContent") or {})]
    assert heard == sent, f"{len(sent)} sent, {len(heard)} arrived, missing {sorted(set(sent) - set(heard))[:5]}"


async def converse(client, manual: bool, questions) -> None:
    for question in questions:
        if manual:
            await client.say(question)
        else:
            client.is_talking = True
            await client.say_aloud(question)
            client.is_talking = False
        await client.turn_ended(question, 30)


@rule("enforce")
@pytest.mark.parametrize("bundles", [False, True])
@pytest.mark.parametrize("manual", [True, False])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8", "3.8-et"])
async def test_it_is_asked_for_and_hidden(stage, family, manual, bundles):
    world = stage.world(family, switches={"bundles": bundles, "interim": True})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=manual, transcription=False))
        await converse(client, manual, (1, 2))
        await asyncio.sleep(0.5)
        assert asked_for(world) == [set(ASKED)]
        assert not shown(client), f"nobody asked to be shown {shown(client)}"
        assert_riders(client, world)
        for at in (0, 1):
            assert not (wrong := wrong_with(client.turns[at].chunks, at + 1, world)), wrong


@rule("enforce")
@pytest.mark.parametrize("wanted", ASKED)
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_what_was_asked_for_is_shown_as_before(stage, family, wanted):
    world = stage.world(family)
    async with stage.client(world) as client:
        await client.begin(setup(family, transcription=False, **{wanted: {"languageCodes": ["en-US"]}}))
        await converse(client, True, (1, 2))
        await asyncio.sleep(0.5)
        assert asked_for(world) == [set(ASKED)]
        assert world.events("setup")[0]["setup"][wanted] == {"languageCodes": ["en-US"]}
        other = "inputTranscription" if wanted == ASKED[0] else "outputTranscription"
        assert shown(client) == {other}
        assert_riders(client, world)


@rule("enforce")
@pytest.mark.parametrize("handles", ["never", "start"])
@pytest.mark.parametrize("manual", [True, False])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_fresh_connection_is_told_the_words(stage, family, manual, handles):
    world = stage.world(family, idle={2: {"after": 0.2}}, switches={"handles": handles})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=manual, transcription=False))
        await converse(client, manual, (1, 2))
        assert await world.until(lambda: len(world.events("ready")) > 1, 20), "never reconnected"
        await asyncio.sleep(0.5)
        begun = len(world.events("begins"))
        await client.say(3) if manual else await client.say_aloud(3)
        microphone = None if manual else asyncio.ensure_future(client.quiet(20))
        await client.turn_ended(3, 30)
        if microphone:
            microphone.cancel()
        spoke = [event for event in world.events("begins")[begun:] if 3 in event["questions"]]
        for question in (1, 2):
            missing = set(range(10)) - spoke[-1]["known"].get(question, set())
            assert not missing, f"answers 3 and lacks {sorted(missing)} of {question}"
        assert not (wrong := wrong_with(client.turns[2].chunks, 3, world)), wrong
        assert not shown(client)
        assert asked_for(world) == [set(ASKED)] * len(asked_for(world))
        assert not world.crimes, world.crimes


@rule("enforce")
async def test_tools_and_transcripts_of_a_client_that_asked_for_none(stage):
    world = stage.world("3.1", attempts={2: [{"calls": CALL, "before_call": 2}]})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup("3.1", transcription=False, tools=True))
        await converse(client, True, (1, 2, 3))
        assert not shown(client)
        assert_riders(client, world)


async def untouched(stage, family: str) -> list[str]:
    """The setup goes as it came; the lines of metrics that count the rule."""
    world = stage.world(family)
    async with stage.client(world) as client:
        await client.begin(setup(family, transcription=False))
        await converse(client, True, (1, 2))
        assert asked_for(world) == [set()]
        sent, got = client.sent_payloads[0], world.events("setup")[0]
        wanted = json.loads(sent)["setup"]
        assert {key: each for key, each in got["setup"].items() if key != "sessionResumption"} == wanted
        return [line for line in (await stage.proxy.metrics()).splitlines()
                if line.startswith("turnkeeper_rule_total") and 'rule="transcription_inserted"' in line
                and not line.endswith(" 0")]


@rule("observe")
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_an_observer_counts_it(stage, family):
    counted = await untouched(stage, family)
    assert counted and all('mode="observe"' in line for line in counted), counted


@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_the_default_is_to_observe(stage, family):
    counted = await untouched(stage, family)
    assert counted and all('mode="observe"' in line for line in counted), counted


@rule("off")
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_off_is_off(stage, family):
    assert not await untouched(stage, family)


@pytest.mark.parametrize("form", ["voice", "aloud"])
@pytest.mark.parametrize("handles", ["never", "start"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_what_cannot_be_told_as_words_is_told_to_be_lost(stage, family, handles, form):
    """Without transcription nobody has its words: the session's record says so where it happens, and only then."""
    world = stage.world(family, idle={2: {"after": 0.3}}, switches={"handles": handles})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=form == "voice", transcription=False))
        await converse(client, form == "voice", (1, 2))
        assert await world.until(lambda: len(world.events("ready")) > 1, 20), "never reconnected"
        await asyncio.sleep(0.3)
        await client.say(3) if form == "voice" else await client.say_aloud(3)
        microphone = asyncio.ensure_future(client.quiet(20)) if form == "aloud" else None
        await client.turn_ended(3, 30)
        if microphone:
            microphone.cancel()
        assert not (wrong := wrong_with(client.turns[2].chunks, 3, world)), wrong
        await client.leave()
        events = (await stage.proxy.show(client.session))["events"]
        closed = min(event["t"] for event in events if event["what"] == "closed")
        lost = [event["t"] for event in events if "lost" in event["what"]]
        assert lost, f"nothing says so: {sorted({event['what'] for event in events})}"
        assert min(lost) >= closed, "told before it happened"


@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_nothing_is_told_to_be_lost_where_a_handle_covers_it(stage, family):
    world = stage.world(family, idle={2: {"after": 0.5}})
    async with stage.client(world) as client:
        await client.begin(setup(family, transcription=False))
        await converse(client, True, (1, 2))
        assert await world.until(lambda: len(world.events("ready")) > 1, 20), "never reconnected"
        await converse(client, True, (3,))
        await client.leave()
        events = (await stage.proxy.show(client.session))["events"]
        assert not [event for event in events if "lost" in event["what"]]
