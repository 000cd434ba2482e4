"""pipecat-ai's Gemini Live service in a pipeline, unmodified, by URL alone."""

import asyncio
import contextlib

import pytest
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    InputAudioRawFrame,
    InputTextRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService, GeminiVADParams
from google.genai.types import HttpOptions
from loguru import logger
from refusals import REFUSALS, refusing
from speech import CHUNK_MS, RATE, chunks, silence, spoken

MODEL_3 = "gemini-3.1-flash-live-preview"
MODEL_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
SENTENCES = ("What is the capital of France?", "And how many people live there?", "Thank you.")
ANSWER_SECONDS = 30


class Tap(FrameProcessor):
    """Keeps what passes, in the order it passes."""

    def __init__(self):
        super().__init__()
        self.frames = asyncio.Queue()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        self.frames.put_nowait(frame)
        await self.push_frame(frame, direction)


class Talk:
    def __init__(self, task, before, after):
        self.task, self.before, self.after = task, before, after

    async def answered(self):
        """Audio and its transcript came, and the answer ended."""
        audio, model = 0, ""
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                frame = await self.after.frames.get()
                assert not isinstance(frame, ErrorFrame), frame
                if isinstance(frame, TTSAudioRawFrame):
                    audio += len(frame.audio)
                if isinstance(frame, TTSTextFrame):
                    model += frame.text
                if isinstance(frame, LLMFullResponseEndFrame) and audio:
                    break
        assert model.strip()

    def transcripts(self):
        """What the user was heard to say; this service pushes it upstream."""
        found = []
        while not self.before.frames.empty():
            frame = self.before.frames.get_nowait()
            if isinstance(frame, TranscriptionFrame):
                found.append(frame.text)
        return found

    async def speak(self, pcm, pace=1.0):
        for chunk in chunks(pcm):
            await self.task.queue_frame(InputAudioRawFrame(chunk, RATE, 1))
            await asyncio.sleep(CHUNK_MS / 1000 / pace)

    async def spoken_turn(self, sentence):
        await self.task.queue_frame(UserStartedSpeakingFrame())
        await self.speak(spoken(sentence), pace=4)
        await self.task.queue_frame(UserStoppedSpeakingFrame())

    async def say(self, text):
        await self.task.queue_frame(InputTextRawFrame(text=text))


@contextlib.asynccontextmanager
async def talk(url, model, manual=False, tool=None, is_let_in=True):
    service = GeminiLiveLLMService(
        api_key="test-key",
        http_options=HttpOptions(base_url=url),
        settings=GeminiLiveLLMService.Settings(
            model=model, vad=GeminiVADParams(disabled=True) if manual else None
        ),
        tools=[tool] if tool else None,
    )
    before, after = Tap(), Tap()
    task = PipelineTask(
        Pipeline([before, service, after]),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=24_000),
        cancel_on_idle_timeout=False,
    )
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    # The service listens only once it has a context.
    await task.queue_frame(LLMContextFrame(LLMContext()))
    async with asyncio.timeout(ANSWER_SECONDS):
        while is_let_in and (not service._ready_for_realtime_input or not service._session):
            await asyncio.sleep(0.05)
    try:
        yield Talk(task, before, after)
    finally:
        await task.queue_frame(EndFrame())
        await asyncio.wait_for(running, ANSWER_SECONDS)


async def test_manual_detection_three_spoken_turns(conversation):
    async with talk(conversation.url, MODEL_3, manual=True) as run:
        for sentence in SENTENCES:
            await run.spoken_turn(sentence)
            await run.answered()
        assert run.transcripts()
    conversation.assert_heard("activity", "activity", "activity")


async def test_automatic_detection_three_spoken_turns(conversation):
    async with talk(conversation.url, MODEL_3) as run:
        for sentence in SENTENCES:
            await run.speak(spoken(sentence) + silence(1.5))
            await run.answered()
    conversation.assert_heard("speech", "speech", "speech")


async def test_typed_turns_and_a_tool(conversation):
    asked = []

    async def get_weather(params):
        """The weather outside."""
        asked.append(params.function_name)
        await params.result_callback({"weather": "sunny"})

    async with talk(conversation.url, MODEL_3, tool=get_weather) as run:
        await run.say("Good morning.")
        await run.answered()
        await run.say("call get_weather")
        await run.answered()
    assert asked == ["get_weather"]
    conversation.assert_heard("Good morning.", "call get_weather")
    conversation.assert_tool_answered("get_weather")


async def test_track_dies_inside_an_activity(conversation):
    async with talk(conversation.url, MODEL_3, manual=True) as run:
        await run.task.queue_frame(UserStartedSpeakingFrame())
        await run.speak(spoken(SENTENCES[0]), pace=4)
        await run.answered()
        await run.task.queue_frame(UserStoppedSpeakingFrame())
        await run.spoken_turn(SENTENCES[1])
        await run.answered()
    conversation.assert_heard("activity", "activity")


async def test_boundaries_repeated(conversation):
    async with talk(conversation.url, MODEL_3, manual=True) as run:
        for sentence in SENTENCES[:2]:
            await run.task.queue_frame(UserStartedSpeakingFrame())
            await run.spoken_turn(sentence)
            await run.task.queue_frame(UserStoppedSpeakingFrame())
            await run.answered()
    conversation.assert_heard("activity", "activity")


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_refusal_shows_its_reason(start, lead, reason):
    """In its log, where its own task for the connection ends; no frame tells of it, nor of Gemini's refusals."""
    said = []
    sink = logger.add(said.append, level="ERROR")
    try:
        async with refusing(start, lead, reason) as refusal:
            async with talk(refusal.proxy.https, MODEL_3, is_let_in=False):
                async with asyncio.timeout(ANSWER_SECONDS):
                    while not any(refusal.words in line for line in said):
                        await asyncio.sleep(0.05)
            await refusal.assert_shown(next(line for line in said if refusal.words in line))
    finally:
        logger.remove(sink)
