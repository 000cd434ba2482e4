"""The first users' reports, told again with google-genai.

Each story is played twice: straight at the simulator it fails as the report says, and through the
proxy the conversation goes on.
"""

import asyncio
import functools
import random
import struct

import pytest
from google.genai import live
from speech import spoken
from talkers import ANSWER_SECONDS, MANUAL, connect_genai as connect
from turnkeeper import Proxy, Simulator

FLASH_31 = "gemini-3.1-flash-live-preview"
NATIVE_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
NATIVE_25_SEPTEMBER = "gemini-2.5-flash-native-audio-preview-09-2025"
NATIVE_25_LATEST = "gemini-2.5-flash-native-audio-latest"
VERTEX_25 = "gemini-live-2.5-flash-native-audio"

QUESTIONS = ("What is the capital of France?", "And how many people live there?", "Thank you.")

# What a user would call silence. An answer takes the simulator two seconds at the most.
SILENCE_SECONDS = 4


class Told:
    """The simulator telling a story, and the proxy where there is one."""

    def __init__(self, simulator, proxy):
        self.simulator = simulator
        self.proxy = proxy

    @property
    def conversations(self):
        return self.simulator.record()["conversations"]

    def answers(self):
        """How often each typed turn was answered, over all conversations."""
        counts = {}
        for conversation in self.conversations:
            for turn in conversation["turns"]:
                if turn["text"].strip():
                    counts[turn["text"]] = counts.get(turn["text"], 0) + turn["answers"]
        return counts


@pytest.fixture
def tell(start, lead, time_recoveries, tmp_path):
    """Starts a story; the SDK then finds the simulator, or the proxy, by URL alone."""

    def tell(story, through_proxy, *, scale=1, policy="", seed=1):
        data = tmp_path / "simulator-data"
        simulator = start(
            Simulator, "--scenario", story, "--scale", scale, "--seed", seed, "--data", data
        )
        proxy = start(Proxy, simulator.url, policy) if through_proxy else None
        if proxy:
            time_recoveries(proxy)
        ca = proxy.ca if proxy else data / "ca.pem"
        lead(proxy.https if proxy else f"https://localhost:{simulator.listening}", ca)
        return Told(simulator, proxy)

    return tell


@pytest.fixture
def impatient(monkeypatch):
    """The library's keepalive, which nobody can configure, at a tenth of its 20 s."""
    hasty = functools.partial(live.ws_connect, ping_interval=2, ping_timeout=2, close_timeout=1)
    monkeypatch.setattr(live, "ws_connect", hasty)


def assert_keepalive_timeout(error):
    """The library gave up on pongs; the SDK shows it as 1011, or as no close frame at all."""
    assert error is not None
    assert error.code in (1006, 1011), error


# -- 000: the candidate's track dies; the end of the activity is ignored --------------------------


async def dead_track(client):
    assert await client.hears_answer(await client.type("Please greet the candidate."))
    mark = len(client.messages)
    await client.send_start()
    await client.stream(spoken(QUESTIONS[0]), pace=4)
    return mark


async def test_dead_track_without(tell, impatient):
    tell("000-dead-track", False, scale=0.4)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        mark = await dead_track(client)
        assert_keepalive_timeout(await client.ends())
        assert client.contents(mark) == []


async def test_dead_track_with(tell, impatient):
    told = tell("000-dead-track", True, scale=0.4)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        assert await client.hears_answer(await dead_track(client))
        await client.send_end()
        assert await client.hears_answer(await client.say(QUESTIONS[1]))
        assert client.error is None
    assert told.simulator.record()["violations"] == []


async def test_end_ignored_without(tell, impatient):
    tell("000-end-ignored", False)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        assert await client.hears_answer(await client.type("Please greet the candidate."))
        mark = await client.say(QUESTIONS[0])
        assert_keepalive_timeout(await client.ends())
        assert client.contents(mark) == []


async def test_end_ignored_with(tell, impatient):
    tell("000-end-ignored", True)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        assert await client.hears_answer(await client.type("Please greet the candidate."))
        for question in QUESTIONS:
            assert await client.hears_answer(await client.say(question))
        assert client.error is None


# -- 001: noise, the second turn, text instead of speech ------------------------------------------


def noise(seconds):
    dice = random.Random(7)
    samples = [dice.randint(-5000, 5000) for _ in range(round(seconds * 16_000))]
    return struct.pack(f"<{len(samples)}h", *samples)


async def burst_of_noise(client):
    """An answer, and at once two seconds in which the client's detector takes noise for speech."""
    assert await client.hears_answer(await client.say(QUESTIONS[0]))
    mark = await client.say(QUESTIONS[1])
    await asyncio.sleep(0.1)
    await client.activity(noise(1.5))
    return mark


async def test_noise_burst_without(tell):
    tell("001-noise-burst", False)
    async with connect(FLASH_31, realtime_input_config=MANUAL) as client:
        mark = await burst_of_noise(client)
        assert not await client.hears_answer(mark, SILENCE_SECONDS)
        for _ in range(2):
            assert not await client.hears_answer(await client.say("Hello?"), SILENCE_SECONDS)
        # Two utterances were transcribed, the noise was not.
        assert client.heard_words(mark)
        assert await client.hears_answer(await client.say("Yes."))


async def test_noise_burst_with(tell):
    tell("001-noise-burst", True)
    async with connect(FLASH_31, realtime_input_config=MANUAL) as client:
        assert await client.hears_answer(await burst_of_noise(client))
        assert await client.hears_answer(await client.say(QUESTIONS[2]))
        assert client.error is None


async def two_turns(client):
    assert await client.hears_answer(await client.say_and_pause(QUESTIONS[0]))
    await asyncio.sleep(2.5)
    return await client.say_and_pause(QUESTIONS[1])


async def test_turn_two_dies_without(tell):
    tell("001-turn-two-dies", False)
    async with connect(FLASH_31) as client:
        mark = await two_turns(client)
        assert not await client.hears_answer(mark, SILENCE_SECONDS)
        assert client.contents(mark) == []


async def test_turn_two_dies_with(tell):
    tell("001-turn-two-dies", True)
    async with connect(FLASH_31) as client:
        assert await client.hears_answer(await two_turns(client))
        await asyncio.sleep(2.5)
        assert await client.hears_answer(await client.say_and_pause(QUESTIONS[2]))
        assert client.error is None


async def test_text_only_without(tell):
    tell("001-text-only", False)
    async with connect(VERTEX_25) as client:
        assert await client.hears_answer(await client.say_and_pause(QUESTIONS[0]))
        for question in QUESTIONS[1:]:
            mark = await client.say_and_pause(question)
            assert not await client.hears_answer(mark, SILENCE_SECONDS)
            assert client.audio(mark) == 0
            assert client.heard_words(mark)
            assert len(client.completed(mark)) == 1
            (receipt,) = client.receipts(mark)
            assert 1 <= receipt.response_token_count <= 6
            assert [d.modality.value for d in receipt.response_tokens_details] == ["TEXT"]


async def test_text_only_with(tell):
    tell("001-text-only", True)
    async with connect(VERTEX_25) as client:
        for question in QUESTIONS:
            assert await client.hears_answer(await client.say_and_pause(question))
        assert client.error is None


# -- 002: one alias answers one turn in ten -------------------------------------------------------


async def test_alias_storm_without(tell):
    tell("002-alias-storm", False)
    deaths = 0
    for number in range(10):
        async with connect(NATIVE_25_LATEST, realtime_input_config=MANUAL) as client:
            mark = await client.type(f"What is the resource limit of item {number}?")
            if await client.hears_answer(mark, ANSWER_SECONDS):
                continue
            assert (client.error.code, client.audio()) == (1011, 0)
            assert "Internal error encountered." in str(client.error)
            deaths += 1
    assert deaths >= 6


async def test_alias_storm_with(tell):
    told = tell("002-alias-storm", True)
    questions = [f"What is the resource limit of item {number}?" for number in range(10)]
    async with connect(NATIVE_25_LATEST, realtime_input_config=MANUAL) as client:
        for question in questions:
            assert await client.hears_answer(await client.type(question)), question
        assert client.error is None
        assert len(client.completed()) == len(questions)
    answers = told.answers()
    assert {text: answers.get(text) for text in questions} == dict.fromkeys(questions, 1)


async def test_alias_down_without(tell):
    tell("002-alias-down", False)
    async with connect(NATIVE_25_LATEST, realtime_input_config=MANUAL) as client:
        await client.type("What is the resource limit?")
        assert (await client.ends()).code == 1011
    async with connect(NATIVE_25_SEPTEMBER, realtime_input_config=MANUAL) as client:
        assert await client.hears_answer(await client.type("What is the resource limit?"))


async def test_alias_down_with(tell):
    fallback = f"models: {{ fallback: {{ {NATIVE_25_LATEST}: {NATIVE_25_SEPTEMBER} }} }}"
    tell("002-alias-down", True, policy=fallback)
    async with connect(NATIVE_25_LATEST, realtime_input_config=MANUAL) as client:
        for text in ("What is the resource limit?", "And of the next one?"):
            assert await client.hears_answer(await client.type(text))
        assert client.error is None


# -- 003: ten minutes, and half a minute of speech ------------------------------------------------

# Nine minutes pass in eleven seconds.
TEN_MINUTES = 0.02


async def long_talk(client):
    """Turn after turn, past the end of one connection. Returns how many were answered."""
    answered = 0
    end = asyncio.get_running_loop().time() + 600 * TEN_MINUTES + 6
    while asyncio.get_running_loop().time() < end and not client.error:
        try:
            mark = await client.say(QUESTIONS[answered % 2])
        except Exception:
            # Sending on a connection that has just died: what it died of is asserted.
            await client.ends()
            break
        if not await client.hears_answer(mark):
            break
        answered += 1
    return answered


async def test_ten_minutes_without(tell):
    tell("003-ten-minutes", False, scale=TEN_MINUTES)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        assert await long_talk(client) > 0
        assert (await client.ends()).code == 1011
        assert "Thread was cancelled" in str(client.error)
        assert [m.go_away.time_left for m in client.messages if m.go_away] == ["1s"]


async def test_ten_minutes_with(tell):
    told = tell("003-ten-minutes", True, scale=TEN_MINUTES)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        answered = await long_talk(client)
        assert answered > 3
        assert client.error is None
        assert not any(message.go_away for message in client.messages)
    (conversation,) = told.conversations
    assert conversation["connections"] > 1
    # What was cut off by the end of a connection was said again, and answered then.
    assert sum(turn["answers"] for turn in conversation["turns"]) == answered


# Thirty seconds are six.
THIRTY_SECONDS = 0.2


async def long_speech(client):
    """Two minutes without a pause, a fifth as long. Returns how many of the seconds were
    transcribed, and how many there were."""
    sentence = spoken("The quick brown fox jumps over the lazy dog and runs into the dark forest.")
    seconds = round(120 * THIRTY_SECONDS)
    pcm = (sentence * (1 + seconds * 32_000 // len(sentence)))[: seconds * 32_000]
    await client.activity(pcm)
    assert await client.hears_answer(0)
    return len(client.heard_words()), seconds


async def test_transcription_without(tell):
    tell("003-transcription-30s", False, scale=THIRTY_SECONDS)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        transcribed, seconds = await long_speech(client)
        assert transcribed * 3 < seconds


async def test_transcription_with(tell):
    flush = f"turns: {{ flush: {round(15_000 * THIRTY_SECONDS)}ms }}"
    tell("003-transcription-30s", True, scale=THIRTY_SECONDS, policy=flush)
    async with connect(NATIVE_25, realtime_input_config=MANUAL) as client:
        transcribed, seconds = await long_speech(client)
        assert transcribed * 10 >= seconds * 8
        # What the flushes led to is nobody's turn.
        assert len(client.completed()) == 1
        assert not any(content.interrupted for content in client.contents())


# -- 004: interrupted, though nobody spoke --------------------------------------------------------


async def greeting(client):
    assert await client.hears_answer(await client.type("Please greet the caller."))
    await asyncio.sleep(4)


async def test_phantom_interrupt_without(tell):
    tell("004-phantom-interrupt", False)
    async with connect(NATIVE_25_SEPTEMBER) as client:
        await greeting(client)
        assert any(content.interrupted for content in client.contents())
        spoken_bytes = client.audio()
        for question in QUESTIONS:
            mark = await client.say_and_pause(question)
            assert not await client.hears_answer(mark, SILENCE_SECONDS)
            assert client.heard_words(mark)
            assert client.completed(mark)
            assert all(not receipt.response_token_count for receipt in client.receipts(mark))
        assert client.audio() == spoken_bytes
        assert client.error is None


async def test_phantom_interrupt_with(tell):
    tell("004-phantom-interrupt", True)
    async with connect(NATIVE_25_SEPTEMBER) as client:
        await greeting(client)
        # The greeting may still be playing, so its interruption is shown, and nothing is made of it.
        assert sum(bool(content.turn_complete) for content in client.contents()) == 2
        for question in QUESTIONS:
            assert await client.hears_answer(await client.say_and_pause(question))
        assert client.error is None
