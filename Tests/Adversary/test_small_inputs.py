"""Small inputs that once broke a conversation, each with the default policy on real sockets."""

import asyncio
import json

import pytest

from adversary import clients, sound
from adversary.clients import setup


def policy(**text):
    def mark(function):
        function.policy = text
        return function
    return mark


def told(world, question: int) -> set[int]:
    """What the connection that answered it (or the last one) knows of a question: sound or words."""
    replies = [reply for reply in world.replies.values() if question in reply.questions and reply.whole]
    index = replies[-1].connection if replies else len(world.connections) - 1
    memory = world.connections[index].memory
    return memory.sound.get(question, set()) | memory.words.get(question, set())


def asks(world, question: int) -> list[dict]:
    return [each for each in world.events("begins") if question in each["questions"]]


def assert_answers(client, questions, ends: int | None = None) -> None:
    """Each question's answer in a turn of its own, whole, in order, and nothing else."""
    spoken = [sorted(client.questions_of(turn)) for turn in client.turns]
    assert spoken == [[question] for question in questions], spoken
    assert all(client.is_answered(question) for question in questions)
    assert client.closed is None, client.closed


async def settle(client, seconds: float = 3.0) -> None:
    """Long enough for what nobody asked for to show."""
    count, chunks = len(client.turns), len(client.turn.chunks)
    await asyncio.sleep(seconds)
    assert (len(client.turns), len(client.turn.chunks)) == (count, chunks), "something came unasked"


# -- The table of small inputs


@pytest.mark.parametrize("family,kind", [
    ("2.5", "text"), ("2.5", "empty"), ("2.5", "nothing"), ("3.1", "text"), ("3.1", "empty"), ("3.1", "nothing"),
    ("3.8", "text"), ("3.8", "nothing"),        # an empty turn is a legal silence there
])
async def test_a_turn_that_stays_mute_on_its_connection_is_answered_by_the_next(stage, family, kind):
    world = stage.world(family, attempts={2: [{"kind": kind, "sticks": True}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        await client.turn_ended(2, 60)
        assert_answers(client, [1, 2])
        await settle(client)


@pytest.mark.parametrize("late", [0.05, 1.0])
@pytest.mark.parametrize("memory", ["asks anew", "calls again", "waits"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_results_sent_in_two_messages_after_a_close_are_both_told(stage, family, memory, late):
    """The new connection knows nothing of the calls, calls again for them, or waits for their results."""
    calls = [{"name": "look_up", "args": {"of": "one"}}, {"name": "look_up", "args": {"of": "two"}}]
    attempts = [{"calls": calls, "die_in_call": {"at": 0, "after": 0.2}}]
    world = stage.world(family, attempts={2: attempts + [{"calls": calls}]},
                        switches={"reissues": memory == "calls again", "handle_in_call": memory != "asks anew"})
    async with stage.client(world) as client:
        await client.begin(setup(family, tools=True))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        assert await client.until(lambda: client.turn.calls or len(client.turns) > 1, 10)
        made = client.turn.calls or client.turns[1].calls
        await world.until(lambda: world.events("closed"), 5)
        await asyncio.sleep(late)
        for call in made:
            await client.respond([call])
            await asyncio.sleep(0.3)
        assert await client.until(lambda: client.is_answered(2), 60), "never answered"
        await asyncio.sleep(1)
        results = [each for reply in world.replies.values() if reply.whole and 2 in reply.questions
                   for each in world.connections[reply.connection].memory.results]
        assert sorted(results) == ["result-one", "result-two"], results
        seen = [call for turn in [*client.turns, client.turn] for call in turn.calls]
        assert len(seen) == 2, f"a tool was asked for twice: {seen}"


@pytest.mark.parametrize("where", ["end", "middle", "goaway", "reply"])
@pytest.mark.parametrize("seconds", [15, 45, 49, 60, 110])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_long_speech_is_heard_whole(stage, family, seconds, where):
    count, inputs, attempts = seconds * 10, {}, {}
    if where == "end":
        inputs = {2: [{"at": -1}]}
    elif where == "middle":
        inputs = {2: [{"at": count // 2}]}
    elif where == "goaway":
        inputs = {2: [{"at": count // 2, "goaway": 3}]}
    else:
        # 2.5 is asked twice on the way, where its transcription is flushed: no reply gets so far then.
        attempts = {2: [{"die": {"at": 2}}] * (3 if family == "2.5" else 1)}
    world = stage.world(family, inputs=inputs, attempts=attempts)
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2, seconds, speed=5 if seconds < 50 else 2)
        await client.turn_ended(2, 150)
        missing = set(range(count)) - told(world, 2)
        assert not missing, f"{len(missing) / 10} s gone: from {min(missing)} to {max(missing)}"
        assert_answers(client, [1, 2])
        assert not world.crimes, world.crimes
        if seconds < 50:
            assert_told_in_time(client, world, 2, count)


AT_MOST = 6       # seconds from `setupComplete` until a turn of less than the profile's burst is with the connection


def assert_told_in_time(client, world, question: int, count: int) -> None:
    """On the last connection: what had been said before it, and the end, if it had been said."""
    ready = world.events("ready")[-1]
    assert ready["c"] > 0, "nothing was lost"
    heard = [event for event in world.events("audio") if event["c"] < ready["c"]]
    before = {place for event in heard for one, place in event["codes"] if one == question}
    again = {place: event["t"] for event in world.events("audio") if event["c"] == ready["c"]
             for one, place in event["codes"] if one == question}
    known = world.connections[ready["c"]].memory.everything().get(question, set())
    assert before <= known, f"{len(before - known)} places were not said again"
    late = max((again[place] for place in before if place in again), default=ready["t"]) - ready["t"]
    assert late < AT_MOST, f"what had been said was said again in {late:.1f} s"
    ended = next(event["t"] for event in world.events("end") if event["c"] == ready["c"])
    late = ended - max(ready["t"], client.ended_at[question])
    assert late < AT_MOST, f"its end came after {late:.1f} s"


@pytest.mark.parametrize("where", ["end", "middle", "reply"])
@pytest.mark.parametrize("seconds", [60, 110])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_long_speech_without_a_transcript_is_paced_and_the_wait_is_shown(stage, family, seconds, where):
    """More than a burst can only be said again as sound, no faster than gemini takes it."""
    count = seconds * 10
    inputs = {"end": {2: [{"at": -1}]}, "middle": {2: [{"at": count * 3 // 4}]}}.get(where, {})
    attempts = {2: [{"die": {"at": 2}}]} if where == "reply" else {}
    world = stage.world(family, inputs=inputs, attempts=attempts)
    async with stage.client(world) as client:
        await client.begin(setup(family, transcription=False))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2, seconds, speed=2)
        await client.turn_ended(2, 150)
        index = world.events("ready")[-1]["c"]
        missing = set(range(count)) - world.connections[index].memory.sound.get(2, set())
        assert not missing, f"{len(missing) / 10} s gone: from {min(missing)} to {max(missing)}"
        assert not world.crimes, world.crimes
        assert_answers(client, [1, 2])
        await client.leave()
        # What follows a cut in the middle comes from the client as it speaks.
        again = seconds * 3 / 4 if where == "middle" else seconds
        if again - 50 > AT_MOST:
            shown = await stage.proxy.show(client.session)
            # Each piece that is said again is an entry, with its time.
            said = [event for event in shown["events"] if event["what"] == "replayed"][int(AT_MOST):]
            assert said, f"nothing says that the turn waits: {[event['what'] for event in shown['events']]}"


@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
@pytest.mark.parametrize("code", [1000, 1011])
async def test_an_answered_tool_turn_is_not_told_again(stage, family, code):
    calls = [{"name": "look_up", "args": {"of": "one"}}]
    world = stage.world(family, attempts={1: [{"calls": calls}]},
                        idle={1: {"after": 0.5, "code": code, "reason": ""}})
    async with stage.client(world) as client:
        client.tool = clients.answering
        await client.begin(setup(family, tools=True))
        await client.say(1)
        assert await client.until(lambda: client.is_answered(1), 20)
        await settle_after_reconnect(client, world)
        await client.say(2)
        assert await client.until(lambda: client.is_answered(2), 30)


async def settle_after_reconnect(client, world) -> None:
    assert await client.until(lambda: len(world.events("ready")) > 1, 20), "never reconnected"
    before = len(client.heard(1))
    await asyncio.sleep(6)
    again = [each for each in world.events("result", "nudged") if each["c"] > 0]
    assert not again, f"told unasked: {again}"
    assert len(world.events("begins")) == 1, "the model speaks unasked"
    assert len(client.heard(1)) == before


@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_automatic_detection_without_transcription_has_a_clock(stage, family):
    world = stage.world(family, attempts={2: [{"kind": "nothing"}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=False, transcription=False))
        await client.say_aloud(1)
        await client.turn_ended(1, 20)
        await client.say_aloud(2)
        asyncio.ensure_future(client.quiet(30))
        await client.turn_ended(2, 30)
        assert_answers(client, [1, 2])


@pytest.mark.parametrize("nudge", ["nothing", "restarts", "adds"])
@pytest.mark.parametrize("first", [5, 9, 12])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_slow_model_is_left_alone(stage, family, first, nudge):
    world = stage.world(family, usual={"first": first}, switches={"nudge": nudge})
    waits = []
    async with stage.client(world) as client:
        await client.begin(setup(family))
        for question in (1, 2, 3, 4):
            await client.say(question)
            turn = await client.turn_ended(question, first * 4 + 20)
            waits.append(round(turn.first_sound - client.ended_at[question], 1))
        remedies = len(world.events("nudged")) + len(world.events("opened")) - 1
        assert_answers(client, [1, 2, 3, 4])
        assert remedies <= 1, f"{remedies} needless remedies, waits {waits}"
        assert max(waits[2:]) <= first * 1.3, f"waits {waits}"


@pytest.mark.parametrize("at", [0, 1, 3, 6])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_connection_that_dies_early_in_speech_loses_no_syllable(stage, family, at):
    world = stage.world(family, inputs={2: [{"at": at}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=False))
        await client.say_aloud(1)
        await client.turn_ended(1, 20)
        await client.say_aloud(2, 2.0, chunk_ms=20)
        asyncio.ensure_future(client.quiet(20))
        await client.turn_ended(2, 30)
        missing = set(range(100)) - told(world, 2)
        assert not missing, f"{len(missing) * 20} ms missing: {sorted(missing)}"
        assert_answers(client, [1, 2])


@pytest.mark.parametrize("family", ["2.5", "3.1"])
@pytest.mark.parametrize("failures", [6, 9])
async def test_ten_turns_through_a_storm_of_1011(stage, family, failures):
    """Every turn fails as often as the mean of a day with 85 or 90 % failures; `test_bad_days.py` draws them."""
    failing = [{"die": {"at": 0, "after": 0.05}, "first": 0} for _ in range(failures)]
    world = stage.world(family, attempts={question: list(failing) for question in range(1, 11)})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        for question in range(1, 11):
            await client.say(question)
            await client.turn_ended(question, 90)
        assert_answers(client, range(1, 11))


async def test_the_live_result_of_two_keeps_its_picture(stage):
    calls = [{"name": "look_up", "args": {"of": "one"}}, {"name": "look_up", "args": {"of": "two"}}]
    world = stage.world("3.1", attempts={1: [{"calls": calls, "cancels": {"after": 0.2, "calls": [0]}}]})
    async with stage.client(world) as client:
        await client.begin(setup("3.1", tools=True))
        await client.say(1)
        assert await client.until(lambda: client.cancelled, 10)
        picture = [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]
        await client.respond(client.turn.calls, parts=picture, futureField={"kept": 1})
        await client.turn_ended(1, 20)
        live = [each for each in world.events("result") if each["known"]]
        assert len(live) == 1 and json.loads(live[0]["parts"] or "[]") == picture, live
        assert live[0]["raw"].get("futureField") == {"kept": 1}, live


@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
@pytest.mark.parametrize("gap", [4, 12])
async def test_usage_of_a_late_turn_complete_arrives(stage, family, gap):
    world = stage.world(family, attempts={1: [{"gap": gap}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.until(lambda: any(turn.usage for turn in client.turns), gap + 8)
        await asyncio.sleep(0.5)
        heard = sum(turn.usage for turn in [*client.turns, client.turn])
        assert heard == world.usage, f"client counted {heard} of {world.usage}"
        assert len(client.turns) == 1
        await client.say(2)
        await client.until(lambda: client.is_answered(2), 20)
        await asyncio.sleep(0.5)
        await client.leave()
        shown = await stage.proxy.show(client.session)
        total = sum(turn["tokens"]["total"] for turn in shown["turns"])
        assert total == world.usage, f"ledger has {total} of {world.usage}"
        assert_answers(client, [1, 2])


@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_text_alone_is_an_activity(stage, family):
    world = stage.world(family)
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.start()
        await client.send({"realtimeInput": {"text": "question q1 first half"}})
        await asyncio.sleep(2.5)
        await client.send({"realtimeInput": {"text": "question q1 second half"}})
        await client.end()
        await client.turn_ended(1, 15)
        order = [each["what"] for each in world.events("start", "text", "end")]
        assert order == ["start", "text", "text", "end"], order
        assert_answers(client, [1])


@pytest.mark.parametrize("peak", [30, 60])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_nearly_silent_answer_is_asked_again(stage, family, peak):
    world = stage.world(family, usual={"chunks": 30, "every": 0.02},
                        attempts={2: [{"kind": "quiet", "peak": peak, "chunks": 30}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        assert await client.until(lambda: client.is_answered(2), 40), "accepted as an answer"
        assert len(asks(world, 2)) == 2
        assert await client.until(lambda: len(client.turns) == 2, 5)


@pytest.mark.parametrize("rate", [8000, 24000])
async def test_made_up_silence_has_the_rate_of_the_client(stage, rate):
    world = stage.world("3.8")
    async with stage.client(world) as client:
        await client.begin(setup("3.8", manual=False))
        for question in (1, 2):
            await client.speak(question, 1.5, rate=rate)      # and the microphone pauses
            await client.turn_ended(question, 15)
        made_up = [each["rate"] for each in world.events("audio") if not each["codes"]]
        assert made_up and set(made_up) == {rate}, set(made_up)
        assert_answers(client, [1, 2])


@pytest.mark.parametrize("family", ["2.5", "3.8"])
async def test_a_screen_share_survives_an_outage(stage, family):
    world = stage.world(family, setups={1: {"delay": 4.9, "never": True}, 2: {"usual": 4}},
                        idle={1: {"after": 0.5}})
    picture = {"mimeType": "image/jpeg", "data": "/9j/" + "A" * 800_000}
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        for _ in range(14):
            await client.send({"realtimeInput": {"video": picture}})
            await asyncio.sleep(1)
            assert client.closed is None, client.closed
        await client.say(2)
        await client.turn_ended(2, 40)
        assert told(world, 2) == set(range(10))
        assert_answers(client, [1, 2])


@pytest.mark.parametrize("family", ["2.5", "3.1"])
@pytest.mark.parametrize("after", [0.05, 0.6])
async def test_a_phantom_interrupted_makes_nothing_up(stage, family, after):
    world = stage.world(family, inputs={2: [{"at": 0, "phantom": after}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2, 4.0, speed=1)
        await client.turn_ended(2, 15)
        assert_answers(client, [1, 2])
        await settle(client)


@pytest.mark.parametrize("kind", ["nothing", "text", "empty", "quiet"])
@pytest.mark.parametrize("manual", [True, False])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_phantom_interrupted_before_a_mute_turn(stage, family, manual, kind):
    """The question is asked again as after any mute turn: nobody interrupted anything (catalogue 2.1)."""
    mute = {"kind": kind, "peak": 30, "chunks": 30, "every": 0.02}
    world = stage.world(family, inputs={2: [{"at": 0, "phantom": 0.05}]}, attempts={2: [mute]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=manual))
        for question in (1, 2, 3):
            await (client.say(question) if manual else client.say_aloud(question))
            microphone = None if manual else asyncio.ensure_future(client.quiet(40))
            await client.turn_ended(question, 40)
            await asyncio.sleep(1)
            if microphone:
                microphone.cancel()
        assert await client.until(lambda: client.is_answered(2), 1), "never answered"
        assert_answers(client, [1, 2, 3])


REMOVED = "families:\n  gemini-2.5:\n    removed_setup_fields: [generationConfig.topK]\n"


@policy(models=REMOVED)
async def test_a_field_that_was_not_there_is_not_removed(stage):
    world = stage.world("2.5")
    async with stage.client(world) as client:
        await client.begin(setup("2.5"))
        await client.say(1)
        await client.turn_ended(1, 20)
        counted = [line for line in (await stage.proxy.metrics()).splitlines()
                   if "rule_total" in line and "setup_fields" in line and not line.endswith(" 0")]
        assert not counted, counted
        await client.leave()
        shown = await stage.proxy.show(client.session)
        assert not [each for each in shown["events"] if "setup_field" in each["what"]]


@policy(models=REMOVED)
async def test_a_field_that_was_there_is_removed(stage):
    world = stage.world("2.5")
    async with stage.client(world) as client:
        message = setup("2.5")
        message["setup"]["generationConfig"] |= {"topK": 40, "topP": 0.5}
        await client.begin(message)
        sent = world.events("setup")[0]["setup"]["generationConfig"]
        assert "topK" not in sent and sent["topP"] == 0.5, sent
