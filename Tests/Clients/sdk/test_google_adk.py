"""google-adk's live runner, unmodified, by URL alone."""

import asyncio
import contextlib

import pytest
from google.adk.agents import Agent
from google.adk.agents.live_request_queue import LiveRequestQueue
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.runners import InMemoryRunner
from google.genai import errors, types
from refusals import REFUSALS, refusing
from speech import CHUNK_MS, chunks, silence, spoken

MODEL_3 = "gemini-3.1-flash-live-preview"
MODEL_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
SENTENCES = ("What is the capital of France?", "And how many people live there?", "Thank you.")
ANSWER_SECONDS = 30

MANUAL = types.RealtimeInputConfig(
    automatic_activity_detection=types.AutomaticActivityDetection(disabled=True)
)


def get_weather(city: str = "") -> dict:
    """The weather of a city."""
    return {"weather": "sunny", "city": city}


class Talk:
    """One live run of an agent: what goes in through its queue, what comes out as events."""

    def __init__(self, queue, events):
        self.queue = queue
        self.events = events
        self.calls = []

    async def reply(self):
        """Bytes of audio and both transcripts, up to the end of the turn."""
        audio, user, model = 0, "", ""
        async with asyncio.timeout(ANSWER_SECONDS):
            async for event in self.events:
                assert not event.error_code, event
                for part in (event.content and event.content.parts) or []:
                    if part.inline_data and part.inline_data.data:
                        audio += len(part.inline_data.data)
                self.calls += [call.name for call in event.get_function_calls()]
                # Partial transcriptions are followed by the whole, which repeats them.
                if event.input_transcription and event.input_transcription.text:
                    user = event.input_transcription.text
                if event.output_transcription and event.output_transcription.text:
                    model = event.output_transcription.text
                if event.turn_complete:
                    return audio, user, model
        raise AssertionError("the run ended before the turn did")

    async def answered(self):
        audio, user, model = await self.reply()
        assert audio > 0 and model.strip()
        return user

    async def speak(self, pcm, pace=1.0):
        for chunk in chunks(pcm):
            self.queue.send_realtime(types.Blob(data=chunk, mime_type="audio/pcm;rate=16000"))
            await asyncio.sleep(CHUNK_MS / 1000 / pace)

    async def spoken_turn(self, sentence):
        self.queue.send_activity_start()
        await self.speak(spoken(sentence), pace=4)
        self.queue.send_activity_end()

    def say(self, text):
        self.queue.send_content(types.Content(role="user", parts=[types.Part(text=text)]))


@contextlib.asynccontextmanager
async def talk(model, **config):
    agent = Agent(name="tester", model=model, instruction="Be brief.", tools=[get_weather])
    runner = InMemoryRunner(agent=agent, app_name="tester")
    session = await runner.session_service.create_session(app_name="tester", user_id="tester")
    queue = LiveRequestQueue()
    events = runner.run_live(
        user_id="tester",
        session_id=session.id,
        live_request_queue=queue,
        run_config=RunConfig(
            streaming_mode=StreamingMode.BIDI,
            response_modalities=["AUDIO"],
            input_audio_transcription=types.AudioTranscriptionConfig(),
            output_audio_transcription=types.AudioTranscriptionConfig(),
            session_resumption=types.SessionResumptionConfig(),
            **config,
        ),
    )
    try:
        yield Talk(queue, events)
    finally:
        queue.close()
        await events.aclose()


async def test_manual_detection_three_spoken_turns(conversation):
    async with talk(MODEL_3, realtime_input_config=MANUAL) as run:
        for sentence in SENTENCES:
            await run.spoken_turn(sentence)
            assert (await run.answered()).strip()
    conversation.assert_heard("activity", "activity", "activity")


async def test_automatic_detection_three_spoken_turns(conversation):
    async with talk(MODEL_3) as run:
        for sentence in SENTENCES:
            await run.speak(spoken(sentence))
            run.queue.send_audio_stream_end()
            assert (await run.answered()).strip()
    conversation.assert_heard("speech", "speech", "speech")


async def test_automatic_detection_with_silence(conversation):
    async with talk(MODEL_3) as run:
        for sentence in SENTENCES:
            await run.speak(spoken(sentence) + silence(1.5))
            await run.answered()
    conversation.assert_heard("speech", "speech", "speech")


@pytest.mark.parametrize("model", [MODEL_3, MODEL_25])
async def test_typed_turns_and_a_tool(conversation, model):
    async with talk(model) as run:
        run.say("Good morning.")
        await run.answered()
        run.say("call get_weather")
        # Some families end the turn at the call and speak in the next one.
        audio, _, _ = await run.reply()
        if not audio:
            await run.answered()
        assert run.calls == ["get_weather"]
    conversation.assert_heard("Good morning.", "call get_weather")
    conversation.assert_tool_answered("get_weather")


async def test_audio_leaks_after_activity_end(conversation):
    async with talk(MODEL_3, realtime_input_config=MANUAL) as run:
        await run.speak(silence(0.2), pace=10)
        for sentence in SENTENCES:
            await run.spoken_turn(sentence)
            await run.speak(spoken("umm")[: 640 * 10], pace=4)
            await run.answered()
    conversation.assert_heard("activity", "activity", "activity")


async def test_track_dies_inside_an_activity(conversation):
    async with talk(MODEL_3, realtime_input_config=MANUAL) as run:
        run.queue.send_activity_start()
        await run.speak(spoken(SENTENCES[0]), pace=4)
        await run.answered()
        run.queue.send_activity_end()
        await run.spoken_turn(SENTENCES[1])
        await run.answered()
    conversation.assert_heard("activity", "activity")


async def test_boundaries_repeated(conversation):
    async with talk(MODEL_3, realtime_input_config=MANUAL) as run:
        for sentence in SENTENCES[:2]:
            run.queue.send_activity_start()
            await run.spoken_turn(sentence)
            run.queue.send_activity_end()
            await run.answered()
    conversation.assert_heard("activity", "activity")


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_refusal_shows_its_reason(start, lead, reason):
    """The run ends with it; ADK itself tries no more."""
    async with refusing(start, lead, reason) as refusal:
        async with talk(MODEL_3) as run:
            with pytest.raises(errors.APIError) as refused:
                await run.reply()
        assert refused.value.code == refusal.code
        await refusal.assert_shown(str(refused.value))
