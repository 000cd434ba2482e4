"""More of each kind of small input: other families, forms, orders and lengths."""

import asyncio
import base64
import itertools
import json

import pytest

from adversary import clients, sound
from adversary.answers import wrong_with
from adversary.clients import setup
from test_small_inputs import assert_answers, settle, told

CALLS = [{"name": "look_up", "args": {"of": one}} for one in ("one", "two", "three")]
FORMS = ["voice", "aloud", "text"]


async def ask(client, question: int, form: str, seconds: float = 1.0, **more) -> None:
    if form == "text":
        await client.write(question)
    elif form == "voice":
        await client.say(question, seconds, **more)
    else:
        await client.say_aloud(question, seconds)


class Microphone:
    """Automatic detection: silence between the words, as long as it is open."""

    def __init__(self, client, form: str):
        self.client, self.is_open = client, form == "aloud"

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.client.quiet(200)) if self.is_open else None

    async def __aexit__(self, *_):
        if self.task:
            self.task.cancel()


async def converse(client, form: str, questions, seconds: float = 60) -> None:
    for at, question in enumerate(questions):
        await ask(client, question, form)
        async with Microphone(client, form):
            await client.turn_ended(at + 1, seconds)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("family,kind", [
    *itertools.product(["2.5", "2.5-vertex", "3.1"], ["text", "empty", "nothing", "quiet", "freeze"]),
    *itertools.product(["3.8", "3.8-et"], ["text", "nothing", "freeze"]),
])
async def test_a_mute_connection(stage, family, kind, form):
    mute = {"freeze": 2} if kind == "freeze" else {"kind": kind, "peak": 50, "chunks": 30, "every": 0.02}
    world = stage.world(family, attempts={2: [mute | {"sticks": True}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=form == "voice"))
        await converse(client, form, (1, 2, 3))
        for at in range(3):
            assert not (wrong := wrong_with(client.turns[at].chunks, at + 1, world)), wrong
        assert len(client.turns) == 3 and client.closed is None
        await settle(client)


@pytest.mark.parametrize("kind", ["text", "empty", "nothing", "quiet"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_mute_turn_after_a_result(stage, family, kind):
    mute = {"deaf": True} if kind == "nothing" else {"kind": kind, "peak": 50, "chunks": 30, "every": 0.02}
    world = stage.world(family, attempts={2: [{"calls": CALLS[:1]} | mute]})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup(family, tools=True))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        assert await client.until(lambda: client.is_answered(2), 60), "never answered"
        made = [call for turn in [*client.turns, client.turn] for call in turn.calls]
        assert len(made) == 1, f"the tool was asked for {len(made)} times"


@pytest.mark.parametrize("order", ["reversed", "one before the close", "together", "apart"])
@pytest.mark.parametrize("memory", ["asks anew", "calls again", "waits"])
@pytest.mark.parametrize("family", ["2.5", "2.5-vertex", "3.1"])
async def test_three_results_around_a_close(stage, family, memory, order):
    attempts = [{"calls": CALLS, "die_in_call": {"at": 0, "after": 0.4}}]
    world = stage.world(family, attempts={2: attempts + [{"calls": CALLS}]},
                        switches={"reissues": memory == "calls again", "handle_in_call": memory != "asks anew"})
    async with stage.client(world) as client:
        await client.begin(setup(family, tools=True))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        assert await client.until(lambda: client.turn.calls or len(client.turns) > 1, 10)
        made = client.turn.calls or client.turns[1].calls
        left = list(made)
        if order == "one before the close":
            await client.respond([left.pop(1)])
        await world.until(lambda: world.events("closed"), 5)
        await asyncio.sleep(0.05)
        if order == "reversed":
            left.reverse()
        for some in [left] if order == "together" else [[each] for each in left]:
            await client.respond(some)
            await asyncio.sleep(0.5 if order == "apart" else 0.02)
        assert await client.until(lambda: client.is_answered(2), 60), "never answered"
        await asyncio.sleep(1)
        results = [each for reply in world.replies.values() if reply.whole and 2 in reply.questions
                   for each in world.connections[reply.connection].memory.results]
        assert sorted(set(results)) == ["result-one", "result-three", "result-two"], results
        assert len(results) == 3 or order == "one before the close", results
        seen = [call for turn in [*client.turns, client.turn] for call in turn.calls]
        assert len(seen) == 3, f"tools were asked for {len(seen)} times"


@pytest.mark.parametrize("where", ["end", "middle", "goaway", "reply", "twice"])
@pytest.mark.parametrize("family,form,seconds,rate,chunk_ms", [
    ("2.5", "voice", 30, 16000, 20), ("2.5", "voice", 40, 24000, 100), ("2.5-vertex", "voice", 49, 16000, 100),
    ("3.1", "voice", 75, 8000, 100), ("3.8", "voice", 40, 48000, 100), ("3.8-et", "voice", 60, 16000, 200),
    ("2.5", "aloud", 20, 16000, 100), ("3.1", "aloud", 20, 24000, 20), ("3.8", "aloud", 20, 16000, 100),
])
async def test_a_long_turn(stage, family, form, seconds, rate, chunk_ms, where):
    count, inputs, attempts = seconds * 1000 // chunk_ms, {}, {}
    if where == "end":
        inputs = {2: [{"at": -1}]}
    elif where == "middle":
        inputs = {2: [{"at": count // 2, "how": "reset"}]}
    elif where == "twice":
        inputs = {2: [{"at": count // 3}, {"at": 2 * count // 3}]}
    elif where == "goaway":
        inputs = {2: [{"at": count // 2, "goaway": 3}]}
    else:
        attempts = {2: [{"die": {"at": 2}}]}
    world = stage.world(family, inputs=inputs, attempts=attempts)
    async with stage.client(world) as client:
        client.ways["rate"] = rate
        await client.begin(setup(family, manual=form == "voice"))
        await ask(client, 1, form)
        async with Microphone(client, form):
            await client.turn_ended(1, 20)
        if form == "voice":
            await client.say(2, seconds, speed=5 if seconds < 50 else 2, chunk_ms=chunk_ms)
        else:
            await client.say_aloud(2, seconds, chunk_ms=chunk_ms)
        async with Microphone(client, form):
            await client.turn_ended(2, 150)
        missing = set(range(count)) - told(world, 2)
        assert not missing, f"{len(missing) * chunk_ms / 1000} s gone: from {min(missing)} to {max(missing)}"
        assert_answers(client, [1, 2])
        assert not world.crimes, world.crimes


@pytest.mark.parametrize("how", [{"how": "reset"}, {"goaway": 2}, {"how": "asleep"}])
@pytest.mark.parametrize("form", ["voice", "text"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8", "3.8-et"])
async def test_an_answered_tool_turn_is_not_told_again(stage, family, form, how):
    world = stage.world(family, attempts={1: [{"calls": CALLS[:2]}]}, idle={1: {"after": 0.5} | how})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup(family, tools=True))
        await ask(client, 1, form)
        assert await client.until(lambda: client.is_answered(1), 20)
        await asyncio.sleep(5)
        again = [each for each in world.events("result", "nudged") if each["c"] > 0]
        assert not again, f"told unasked: {again}"
        assert len(world.events("begins")) == 1, "the model speaks unasked"
        await ask(client, 2, form)
        assert await client.until(lambda: client.is_answered(2), 40)
        assert len([call for turn in [*client.turns, client.turn] for call in turn.calls]) == 2


@pytest.mark.parametrize("kind", ["nothing", "text", "empty", "quiet", "freeze"])
@pytest.mark.parametrize("family", ["2.5", "2.5-vertex", "3.1", "3.8-et"])
async def test_automatic_without_transcription(stage, family, kind):
    if family == "3.8-et" and kind == "empty":
        pytest.skip("a legal silence there")
    mute = {"freeze": 2} if kind == "freeze" else {"kind": kind, "peak": 50, "chunks": 30, "every": 0.02}
    world = stage.world(family, attempts={2: [mute]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=False, transcription=False))
        await converse(client, "aloud", (1, 2, 3), 40)
        for at in range(3):
            assert not (wrong := wrong_with(client.turns[at].chunks, at + 1, world)), wrong
        assert client.closed is None


@pytest.mark.parametrize("nudge", ["nothing", "restarts", "adds"])
@pytest.mark.parametrize("family,form,first", [
    ("2.5", "text", 7), ("2.5", "aloud", 9), ("2.5-vertex", "voice", 9), ("3.1", "text", 5), ("3.1", "aloud", 7),
    ("3.8", "voice", 9), ("3.8", "aloud", 5), ("3.8-et", "voice", 10), ("2.5", "text", 12),
])
async def test_a_slow_model(stage, family, form, first, nudge):
    world = stage.world(family, usual={"first": first}, switches={"nudge": nudge})
    waits = []
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=form == "voice"))
        for question in (1, 2, 3, 4):
            await ask(client, question, form)
            async with Microphone(client, form):
                turn = await client.turn_ended(question, first * 4 + 20)
            waits.append(round(turn.first_sound - client.ended_at[question], 1))
        remedies = len(world.events("nudged")) + len(world.events("opened")) - 1
        assert_answers(client, [1, 2, 3, 4])
        assert remedies <= 1, f"{remedies} needless remedies, waits {waits}"
        assert max(waits[2:]) <= first * 1.3 + 0.3, f"waits {waits}"


@pytest.mark.parametrize("how", ["reset", "setup", "refused", "mixed"])
@pytest.mark.parametrize("form", ["voice", "text"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8-et"])
async def test_a_storm_of_another_kind(stage, family, form, how):
    """Eight failures before each answer, in the reply, at setup, at the upgrade."""
    deaths = [{"die": {"at": 0, "after": 0.05, "how": "reset"}, "first": 0}] * (8 if how in ("reset",) else 2)
    bad = {"setup": [{"close": [1011, "The service is currently unavailable."]}], "refused": [{"refused": 503}],
           "mixed": [{"refused": 503}, {"close": [1011, "Internal error encountered."]}]}.get(how, [])
    setups = {at: bad[at % len(bad)] for at in range(1, 60) if at % 3} if bad else {}
    world = stage.world(family, attempts={question: list(deaths) for question in range(1, 8)}, setups=setups)
    async with stage.client(world) as client:
        await client.begin(setup(family))
        for question in range(1, 8):
            await ask(client, question, form)
            await client.turn_ended(question, 90)
        assert_answers(client, range(1, 8))


@pytest.mark.parametrize("snaky", [False, True])
@pytest.mark.parametrize("cancelled", [[0], [1], [2], [0, 1], [0, 2]])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_live_results_keep_what_rides_along(stage, family, cancelled, snaky):
    world = stage.world(family, attempts={1: [{"calls": CALLS, "cancels": {"after": 0.2, "calls": cancelled}}]})
    async with stage.client(world) as client:
        client.ways["snake"] = snaky
        await client.begin(setup(family, tools=True, behavior="BLOCKING" if family == "3.8" else None))
        await client.say(1)
        assert await client.until(lambda: len(client.cancelled) == len(cancelled), 10)
        picture = [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]
        await client.respond([call for turn in [*client.turns, client.turn] for call in turn.calls], parts=picture,
                             scheduling="WHEN_IDLE", futureField={"kept": 1})
        assert await client.until(lambda: client.is_answered(1), 20)
        live = [each for each in world.events("result") if each["known"]]
        assert len(live) == 3 - len(cancelled), live
        for each in live:
            assert json.loads(each["parts"] or "[]") == picture, each
            assert each["raw"].get("futureField") == {"kept": 1} and each["raw"].get("scheduling") == "WHEN_IDLE", each


@pytest.mark.parametrize("gap", [2.5, 8, 20])
@pytest.mark.parametrize("family,form", [("2.5", "aloud"), ("2.5-vertex", "voice"), ("3.1", "text"),
                                         ("3.8-et", "voice")])
async def test_a_late_end(stage, family, form, gap):
    world = stage.world(family, attempts={1: [{"gap": gap}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=form == "voice"))
        await ask(client, 1, form)
        async with Microphone(client, form):
            await client.turn_ended(1, gap + 10)
        await ask(client, 2, form)
        async with Microphone(client, form):
            await client.turn_ended(2, 20)
        await asyncio.sleep(0.5)
        assert_answers(client, [1, 2])
        heard = sum(turn.usage for turn in client.turns)
        assert heard == world.usage, f"client counted {heard} of {world.usage}"


@pytest.mark.parametrize("gap", [0.3, 2.5])
@pytest.mark.parametrize("what", ["video", "text, sound", "sound, text", "video, sound"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_what_an_activity_holds_stays_inside(stage, family, what, gap):
    world = stage.world(family)
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.start()
        for each in (what + ", " + what if "," not in what else what).split(", "):
            if each == "text":
                await client.send({"realtimeInput": {"text": "question q1 please"}})
            elif each == "video":
                await client.show(20_000)
            else:
                await client.speak(1, 1.0, 4)
            await asyncio.sleep(gap if each != "sound" else 0.2)
        await client.end()
        if "text" in what or "sound" in what:
            await client.turn_ended(1, 15)
            assert_answers(client, [1])
        await world.until(lambda: world.events("end"), 5)
        order = [each["what"] for each in world.events("start", "text", "video", "end")]
        assert order[0] == "start" and order[-1] == "end" and order.count("start") == 1, order
        assert not world.crimes, world.crimes


@pytest.mark.parametrize("peak", [10, 45, 59])
@pytest.mark.parametrize("form", ["aloud", "text"])
@pytest.mark.parametrize("family", ["2.5", "2.5-vertex", "3.1", "3.8"])
async def test_a_nearly_silent_answer(stage, family, form, peak):
    world = stage.world(family, usual={"chunks": 30, "every": 0.02},
                        attempts={2: [{"kind": "quiet", "peak": peak, "chunks": 30}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=False))
        await converse(client, form, (1, 2), 40)
        assert client.is_answered(2), "accepted as an answer"
        assert len(client.turns) == 2


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 48000])
@pytest.mark.parametrize("family", ["3.8", "3.8-et"])
async def test_silence_of_another_rate(stage, family, rate):
    world = stage.world(family)
    async with stage.client(world) as client:
        client.ways["rate"] = rate
        await client.begin(setup(family, manual=False))
        for question in (1, 2):
            await client.speak(question, 1.5)
            await client.turn_ended(question, 15)
        made_up = {each["rate"] for each in world.events("audio") if not each["codes"]}
        assert made_up == {rate}, made_up
        assert_answers(client, [1, 2])


@pytest.mark.parametrize("rate", [8000, 24000, 48000])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_silence_in_an_empty_activity_has_the_rate_of_the_client(stage, family, rate):
    world = stage.world(family)
    async with stage.client(world) as client:
        client.ways["rate"] = rate
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 15)
        await client.start()
        await client.end()
        await asyncio.sleep(1)
        await client.say(2)
        await client.until(lambda: client.is_answered(2), 20)
        rates = {each["rate"] for each in world.events("audio")}
        assert rates == {rate}, rates
        assert not world.crimes, world.crimes


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("form", ["aloud", "voice"])
@pytest.mark.parametrize("family", ["2.5", "2.5-vertex", "3.1", "3.8"])
async def test_phantoms(stage, family, form, times):
    """Once or twice in a question, at its first and at its tenth chunk."""
    inputs = [{"at": at, "phantom": 0.05} for at in (0, 9)[:times]]
    world = stage.world(family, inputs={2: list(inputs), 3: list(inputs)})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=form == "voice"))
        for question in (1, 2, 3, 4):
            await ask(client, question, form, 2.0, **({"speed": 1} if form == "voice" else {}))
            async with Microphone(client, form):
                await client.turn_ended(question, 20)
        assert_answers(client, [1, 2, 3, 4])
        await settle(client)


@pytest.mark.parametrize("which", ["audio and end", "start and audio", "all three"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_several_things_in_one_message(stage, family, which):
    """Legal by the schema: what a rule keeps of a message goes on, and the turn is answered."""
    world = stage.world(family)
    blob = lambda place: {"mimeType": "audio/pcm;rate=16000",  # noqa: E731
                          "data": base64.b64encode(sound.chunk(1, place)).decode()}
    async with stage.client(world) as client:
        await client.begin(setup(family))
        if which == "all three":
            await client.send({"realtimeInput": {"activityStart": {}, "audio": blob(0), "activityEnd": {}}})
        else:
            if which == "start and audio":
                await client.send({"realtimeInput": {"activityStart": {}, "audio": blob(0)}})
            else:
                await client.start()
                await client.pcm(sound.chunk(1, 0))
            for place in range(1, 9):
                await client.pcm(sound.chunk(1, place))
                await asyncio.sleep(0.02)
            if which == "audio and end":
                await client.send({"realtimeInput": {"audio": blob(9), "activityEnd": {}}})
            else:
                await client.end()
        await client.turn_ended(1, 20)
        assert_answers(client, [1])
        wanted = {"all three": 1, "start and audio": 9, "audio and end": 10}[which]
        assert told(world, 1) == set(range(wanted))
        assert not world.crimes, world.crimes
