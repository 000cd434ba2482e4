"""One question, one end: what a program that reads up to `turnComplete` sees of a reply that was cut."""

import asyncio
import ssl

import pytest

from adversary import sound
from adversary.answers import wrong_with
from adversary.clients import setup

CHUNKS = 5
CUTS = list(range(CHUNKS + 2))     # before every chunk, before generationComplete, before turnComplete
BEHIND = list(range(CHUNKS))       # and the close right behind a chunk, before its words
CONSUMERS = ["plays all", "drops after interrupted", "drops after generation"]


def assert_turns(client, world, questions) -> None:
    assert client.closed is None, client.closed
    wrong = []
    for at, question in enumerate(questions):
        if at >= len(client.turns):
            wrong.append(f"turn {at + 1} never ended")
            continue
        for consumer in CONSUMERS:
            if error := wrong_with(client.turns[at].kept(consumer), question, world):
                wrong.append(f"turn {at + 1}, a program that {consumer}: {error}")
                break
    if len(client.turns) > len(questions):
        wrong.append(f"{len(client.turns)} ends for {len(questions)} questions")
    wrong += wrongly_asked(world, questions)
    assert not wrong, "; ".join(wrong)


def wrongly_asked(world, questions) -> list[str]:
    """How often gemini was asked, and in which order: once, and once more for each attempt that was to fail."""
    begun = [event["questions"][-1] for event in world.events("begins") if event["questions"]]
    wrong = [f"asked out of order: {begun}"] if begun != sorted(begun) else []
    for question in questions:
        most = 1 + world.planned.get(question, 0)
        if not 1 <= begun.count(question) <= most:
            wrong.append(f"question {question} was asked {begun.count(question)} times of {most}")
    return wrong


def cut(place) -> dict:
    """What happens to the second answer: nothing, or a close before a chunk or behind it."""
    if place is None:
        return {}
    where, at = place
    return {2: [{"die": {"at": at} if where == "before" else {"at": 99, "behind": at}}]}


PLACES = [None, *(("before", at) for at in CUTS), *(("behind", at) for at in BEHIND)]


async def converse(client, world, ask, pause: float, questions=(1, 2, 3, 4)) -> None:
    for at, question in enumerate(questions):
        await ask(question)
        await client.turn_ended(at + 1, 40)
        await asyncio.sleep(pause)
    await asyncio.sleep(1.5)
    assert_turns(client, world, questions)


@pytest.mark.parametrize("at", CUTS)
@pytest.mark.parametrize("obeys", [True, False])
@pytest.mark.parametrize("pause", [0, 1])
@pytest.mark.parametrize("form", ["voice", "text"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_reply_cut_once(stage, family, form, pause, obeys, at):
    world = stage.world(family, attempts={2: [{"die": {"at": at}}]}, switches={"obeys": obeys})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await converse(client, world, client.say if form == "voice" else client.write, pause)


@pytest.mark.parametrize("at", CUTS)
@pytest.mark.parametrize("again", [0, 1, 3])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_reply_cut_twice(stage, family, again, at):
    world = stage.world(family, attempts={2: [{"die": {"at": at}}, {"die": {"at": again}}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await converse(client, world, client.say, 0)


@pytest.mark.parametrize("at", [1, CHUNKS])
@pytest.mark.parametrize("kind", ["nothing", "text", "empty", "quiet", "freeze"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_cut_reply_that_is_spoken_anew_and_stays_mute(stage, family, kind, at):
    """What was heard before the cut makes no answer of what follows."""
    mute = {"freeze": 2} if kind == "freeze" else {"kind": kind, "peak": 40, "chunks": 30, "every": 0.02}
    world = stage.world(family, attempts={2: [{"die": {"at": at}}, mute]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await converse(client, world, client.say, 0, (1, 2, 3))


@pytest.mark.parametrize("at", [0, 2, CHUNKS, CHUNKS + 1])
@pytest.mark.parametrize("how", ["reset", "asleep"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_reply_cut_without_a_close(stage, family, how, at):
    world = stage.world(family, attempts={2: [{"die": {"at": at, "how": how}}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await converse(client, world, client.say, 0)


@pytest.mark.parametrize("at", CUTS)
@pytest.mark.parametrize("transcription", [True, False])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_reply_cut_under_automatic_detection(stage, family, transcription, at):
    world = stage.world(family, attempts={2: [{"die": {"at": at}}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=False, transcription=transcription))
        await converse(client, world, client.say_aloud, 0, (1, 2, 3))


@pytest.mark.parametrize("at", [1, 3])
@pytest.mark.parametrize("wait", [0.0, 0.3])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_the_user_barges_in_on_a_reply_that_was_cut(stage, family, wait, at):
    """`interrupted` and `turnComplete` come before anything of the new answer."""
    world = stage.world(family, attempts={2: [{"die": {"at": at}}, {"first": 3}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        await client.turn_ended(1, 20)
        await client.say(2)
        await world.until(lambda: world.events("dies"), 10)
        await asyncio.sleep(wait)
        await client.say(3)
        await client.turn_ended(3, 40)
        assert client.turns[1].interrupted, "nobody said that the cut reply is over"
        assert not wrong_with(client.turns[1].chunks, 2, world, must_be_whole=False)
        assert not (wrong := wrong_with(client.turns[2].chunks, 3, world)), wrong
        await client.say(4)
        await client.turn_ended(4, 20)
        assert not (wrong := wrong_with(client.turns[3].chunks, 4, world)), wrong
        assert len(client.turns) == 4 and client.closed is None


@pytest.mark.parametrize("after", [0.0, 0.05, 0.6])
@pytest.mark.parametrize("before", ["barge-in", "pieces", "nothing"])
@pytest.mark.parametrize("family", ["2.5", "3.1"])
async def test_a_phantom_interrupted_after_what_was_interrupted(stage, family, before, after):
    """One `interrupted` that the user caused is no reason to take the next for one."""
    world = stage.world(family, inputs={3: [{"at": 0, "phantom": after}]})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        if before == "barge-in":
            await client.say(1)
            assert await client.until(lambda: len(client.turn.chunks) > 2, 10)
        elif before == "pieces":
            await client.say(2, 0.5)
        first = int(before == "barge-in")
        await client.say(2, 0.5, first=5 if before == "pieces" else 0)
        await client.turn_ended(first + 1, 20)
        await client.say(3, 1.5, speed=1)
        await client.turn_ended(first + 2, 20)
        await asyncio.sleep(1)
        assert not (wrong := wrong_with(client.turns[first + 1].chunks, 3, world)), wrong
        assert len(client.turns) == first + 2, f"{len(client.turns)} ends"


@pytest.mark.parametrize("barge", ["voice", "text"])
@pytest.mark.parametrize("manual", [True, False])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_question_whose_answer_was_interrupted_is_not_asked_again(stage, family, manual, barge):
    """Interrupted by the user is answered: its sound is never sent again."""
    world = stage.world(family, usual={"chunks": 8, "every": 0.1}, attempts={2: [{"die": {"how": "reset", "at": 1}}]})
    async with stage.client(world) as client:
        await client.begin(setup(family, manual=manual))
        await (client.say(1) if manual else client.say_aloud(1))
        assert await client.until(lambda: len(client.turn.chunks) > 1, 10)
        if barge == "text":
            await client.write(2)
        else:
            await (client.say(2) if manual else client.say_aloud(2))
        microphone = None if manual else asyncio.ensure_future(client.quiet(30))
        await client.turn_ended(2, 30)
        if microphone:
            microphone.cancel()
        assert client.turns[0].interrupted
        assert not (wrong := wrong_with(client.turns[1].chunks, 2, world)), wrong
        again = [event["c"] for event in world.events("asked") if event["c"] > 0 and 1 in event["questions"]]
        assert not again, "asked again, though the user had interrupted its answer"


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_healthy_barge_in(stage, family, together):
    world = stage.world(family, usual={"chunks": 12, "every": 0.1},
                        switches={"ends_interrupted_together": together})
    async with stage.client(world) as client:
        await client.begin(setup(family))
        await client.say(1)
        assert await client.until(lambda: len(client.turn.chunks) > 3, 10)
        await client.say(2)
        await client.turn_ended(2, 20)
        assert client.turns[0].interrupted and not client.turns[1].interrupted
        assert not (wrong := wrong_with(client.turns[1].chunks, 2, world)), wrong


class Loop:
    """google-genai as its documentation has it."""

    def __init__(self, proxy, world):
        from google import genai
        from google.genai import types
        trust = ssl.create_default_context(cafile=str(proxy.directory / "data/ca.pem"))
        options = types.HttpOptions(base_url=f"https://localhost:{proxy.port}", async_client_args={"ssl": trust})
        self.world = world
        self.client = genai.Client(api_key=world.key, http_options=options)

    def connect(self, **config):
        config = {"response_modalities": ["AUDIO"], "output_audio_transcription": {},
                  "input_audio_transcription": {}} | config
        return self.client.aio.live.connect(model=self.world.family.model, config=config)

    @staticmethod
    async def heard(session) -> list[tuple[int, int]]:
        found = []
        async for message in session.receive():
            content = message.server_content
            for part in (content and content.model_turn and content.model_turn.parts) or []:
                if part.inline_data:
                    found += sound.codes(part.inline_data.data)
        return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("pause", [0, 1])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8", "3.8-et"])
async def test_the_documented_loop_of_google_genai(stage, family, pause, place):
    world = stage.world(family, attempts=cut(place))
    config = {"thinking_config": {"thinking_level": "LOW"}} if family == "3.8-et" else {}

    async def ask(session, question: int) -> None:
        turn = {"role": "user", "parts": [{"text": f"question q{question} please"}]}
        await session.send_client_content(turns=turn, turn_complete=True)

    await read_turn_by_turn(stage, world, config, ask, (1, 2, 3, 4), pause)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("pause", [0, 1])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_the_documented_loop_with_sound(stage, family, pause, place):
    from google.genai import types
    world = stage.world(family, attempts=cut(place))
    manual = {"realtime_input_config": {"automatic_activity_detection": {"disabled": True}}}

    async def ask(session, question: int) -> None:
        await session.send_realtime_input(activity_start=types.ActivityStart())
        for place in range(8):
            blob = types.Blob(data=sound.chunk(question, place), mime_type="audio/pcm;rate=16000")
            await session.send_realtime_input(audio=blob)
            await asyncio.sleep(0.02)
        await session.send_realtime_input(activity_end=types.ActivityEnd())

    await read_turn_by_turn(stage, world, manual, ask, (1, 2, 3, 4), pause)


async def read_turn_by_turn(stage, world, config: dict, ask, questions, pause: float) -> None:
    wrong = []
    async with Loop(stage.proxy, world).connect(**config) as session:
        for question in questions:
            await ask(session, question)
            if error := wrong_with(await asyncio.wait_for(Loop.heard(session), 40), question, world):
                wrong.append(f"question {question}: {error}")
            await asyncio.sleep(pause)
    wrong += wrongly_asked(world, questions)
    assert not wrong, "; ".join(wrong)
