"""livekit-plugins-google's realtime session, unmodified, by URL alone."""

import asyncio
import contextlib

import pytest
from google.genai import types
from livekit import rtc
from livekit.agents import llm
from livekit.plugins import google
from refusals import REFUSALS, refusing
from speech import CHUNK_MS, RATE, chunks, silence, spoken
from turnkeeper import turns

MODEL_3 = "gemini-3.1-flash-live-preview"
MODEL_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
SENTENCES = ("What is the capital of France?", "And how many people live there?", "Thank you.")
ANSWER_SECONDS = 30

MANUAL = types.RealtimeInputConfig(
    automatic_activity_detection=types.AutomaticActivityDetection(disabled=True)
)


@llm.function_tool
async def get_weather() -> str:
    """The weather outside."""
    return "sunny"


class Talk:
    """A realtime session with its generations in a queue and its errors in a list."""

    def __init__(self, session):
        self.session = session
        self.generations = asyncio.Queue()
        self.transcripts = []
        self.errors = []
        session.on("generation_created", self.generations.put_nowait)
        session.on("input_audio_transcription_completed", self.transcripts.append)
        session.on("error", self.errors.append)

    async def reply(self):
        """Seconds of audio, the transcript and the calls of the next generation."""
        async with asyncio.timeout(ANSWER_SECONDS):
            generation = await self.generations.get()
            seconds, text, calls = 0.0, "", []

            async def messages():
                nonlocal seconds, text
                async for message in generation.message_stream:
                    async for frame in message.audio_stream:
                        seconds += frame.duration
                    async for piece in message.text_stream:
                        text += str(piece)

            async def functions():
                async for call in generation.function_stream:
                    calls.append(call)

            await asyncio.gather(messages(), functions())
        return seconds, text, calls

    async def answered(self):
        """The next generation that says something; this SDK also opens empty ones."""
        while True:
            seconds, text, calls = await self.reply()
            if seconds or calls:
                break
        assert seconds > 0 and text.strip()

    async def speak(self, pcm, pace=1.0):
        for chunk in chunks(pcm):
            self.session.push_audio(rtc.AudioFrame(chunk, RATE, 1, len(chunk) // 2))
            await asyncio.sleep(CHUNK_MS / 1000 / pace)

    async def spoken_turn(self, sentence):
        self.session.start_user_activity()
        await self.speak(spoken(sentence), pace=4)
        reply = self.session.generate_reply()
        reply.add_done_callback(lambda future: future.cancelled() or future.exception())


@contextlib.asynccontextmanager
async def talk(model, tools=(), is_expected=lambda error: False, **options):
    realtime = google.realtime.RealtimeModel(model=model, api_version="v1beta", **options)
    session = realtime.session()
    run = Talk(session)
    try:
        if tools:
            await session.update_tools(list(tools))
        yield run
        assert [error for error in run.errors if not is_expected(error)] == []
    finally:
        await session.aclose()
        await realtime.aclose()


# On 3.1 this SDK follows each spoken turn with a `clientContent` of no turns, which the imitation
# takes for content in mid-session and refuses; hence the other family where several turns follow.
async def test_manual_detection_three_spoken_turns(conversation):
    async with talk(MODEL_25, realtime_input_config=MANUAL) as run:
        for sentence in SENTENCES:
            await run.spoken_turn(sentence)
            await run.answered()
        assert len(run.transcripts) >= 3
    conversation.assert_heard("activity", "activity", "activity")


async def test_automatic_detection_three_spoken_turns(conversation):
    async with talk(MODEL_3) as run:
        for sentence in SENTENCES:
            await run.speak(spoken(sentence) + silence(1.5))
            await run.answered()
    conversation.assert_heard("speech", "speech", "speech")


async def test_typed_turns_and_a_tool(conversation):
    """A typed turn of this SDK is two messages: the text, then a lone "." that completes it."""
    async with talk(MODEL_25, tools=[get_weather]) as run:
        await run.session.update_chat_ctx(said(run, "Good morning"))
        run.session.generate_reply()
        await run.answered()
        await run.session.update_chat_ctx(said(run, "call get_weather"))
        run.session.generate_reply()
        _, _, calls = await run.reply()
        assert [call.name for call in calls] == ["get_weather"]
        context = run.session.chat_ctx
        context.items.append(
            llm.FunctionCallOutput(
                call_id=calls[0].call_id, name="get_weather", output="sunny", is_error=False
            )
        )
        await run.session.update_chat_ctx(context)
        await run.answered()
    record = conversation.simulator.record()
    assert record["violations"] == [], record
    heard = turns(record)
    assert [turn["input"] for turn in heard if turn["input"] != "tool"] == ["content"] * 2, record
    assert heard[1]["text"].startswith("call get_weather"), record
    conversation.assert_tool_answered("get_weather")


def said(run, text):
    context = run.session.chat_ctx
    context.add_message(role="user", content=text)
    return context


async def test_audio_leaks_after_activity_end(conversation):
    async with talk(MODEL_25, realtime_input_config=MANUAL) as run:
        await run.speak(silence(0.2), pace=10)
        for sentence in SENTENCES:
            await run.spoken_turn(sentence)
            await run.speak(spoken("umm")[: 640 * 10], pace=4)
            await run.answered()
    conversation.assert_heard("activity", "activity", "activity")


async def test_track_dies_inside_an_activity(conversation):
    async with talk(MODEL_3, realtime_input_config=MANUAL) as run:
        run.session.start_user_activity()
        await run.speak(spoken(SENTENCES[0]), pace=4)
        await run.answered()
    conversation.assert_heard("activity")


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_refusal_shows_its_reason(start, lead, reason):
    """As the session's `error`, for each attempt."""
    async with refusing(start, lead, reason) as refusal:
        async with talk(MODEL_3, is_expected=lambda error: refusal.words in str(error.error)) as run:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not run.errors:
                    await asyncio.sleep(0.05)
            error = run.errors[0].error
        await refusal.assert_shown(f"{error} {error.__cause__}")
