"""pipecat-ai's Gemini Live service in a pipeline, unmodified: a reply cut at every place, one answer a response."""

import asyncio
import contextlib

import pytest

pytest.importorskip("pipecat.services.google.gemini_live.llm")

from google.genai.types import HttpOptions
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    InputAudioRawFrame,
    InputTextRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    TTSAudioRawFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.google.gemini_live.llm import GeminiLiveLLMService, GeminiVADParams

from adversary import sound
from adversary.answers import wrong_with

needs_trust = True
CUTS = list(range(7))      # of a reply of five chunks: before each, before generationComplete, before turnComplete


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
    def __init__(self, task, after):
        self.task, self.after = task, after
        self.ends = 0           # responses that were over, empty ones too

    async def heard(self, seconds: float = 40) -> list[tuple[int, int]]:
        """What is heard up to the end of a response that has sound."""
        found = []
        async with asyncio.timeout(seconds):
            while True:
                frame = await self.after.frames.get()
                assert not isinstance(frame, ErrorFrame), frame
                if isinstance(frame, TTSAudioRawFrame):
                    found += sound.codes(frame.audio)
                self.ends += isinstance(frame, LLMFullResponseEndFrame)
                if isinstance(frame, LLMFullResponseEndFrame) and found:
                    return found

    async def say(self, question: int, manual: bool) -> None:
        if manual:
            await self.task.queue_frame(UserStartedSpeakingFrame())
        for place in range(10):
            await self.task.queue_frame(InputAudioRawFrame(sound.chunk(question, place), 16000, 1))
            await asyncio.sleep(0.03 if manual else 0.1)
        if manual:
            await self.task.queue_frame(UserStoppedSpeakingFrame())
        else:
            await self.quiet(1)

    async def quiet(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            await self.task.queue_frame(InputAudioRawFrame(sound.silence(), 16000, 1))
            await asyncio.sleep(0.1)

    async def write(self, question: int) -> None:
        await self.task.queue_frame(InputTextRawFrame(text=f"question q{question} please"))


@contextlib.asynccontextmanager
async def talk(stage, world, manual: bool):
    service = GeminiLiveLLMService(
        api_key=world.key, http_options=HttpOptions(base_url=f"https://localhost:{stage.proxy.port}"),
        settings=GeminiLiveLLMService.Settings(
            model=world.family.model, vad=GeminiVADParams(disabled=True) if manual else None))
    after = Tap()
    task = PipelineTask(Pipeline([service, after]), cancel_on_idle_timeout=False,
                        params=PipelineParams(audio_in_sample_rate=16000, audio_out_sample_rate=24000))
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    await task.queue_frame(LLMContextFrame(LLMContext()))       # the service listens only once it has a context
    async with asyncio.timeout(20):
        while not service._ready_for_realtime_input or not service._session:
            await asyncio.sleep(0.05)
    try:
        yield Talk(task, after)
    finally:
        await task.queue_frame(EndFrame())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 20)


healthy: dict[tuple, asyncio.Task] = {}


async def converse(stage, family: str, form: str, pause: float, at: int | None) -> list[int]:
    """How many responses were over when each question was answered, and a moment after the last."""
    world = stage.world(family, attempts={} if at is None else {2: [{"die": {"at": at}}]})
    wrong, ends = [], []
    async with talk(stage, world, form == "voice") as run:
        for question in (1, 2, 3, 4):
            await (run.write(question) if form == "text" else run.say(question, form == "voice"))
            microphone = asyncio.ensure_future(run.quiet(40)) if form == "aloud" else None
            if error := wrong_with(await run.heard(), question, world):
                wrong.append(f"question {question}: {error}")
            await asyncio.sleep(pause)
            ends.append(run.ends)
            if microphone:
                microphone.cancel()
        await asyncio.sleep(1)
        left = [run.after.frames.get_nowait() for _ in range(run.after.frames.qsize())]
        ends.append(run.ends + sum(isinstance(frame, LLMFullResponseEndFrame) for frame in left))
        assert not any(isinstance(frame, TTSAudioRawFrame) for frame in left), "more was heard"
    assert not wrong, "; ".join(wrong)
    return ends


@pytest.mark.parametrize("at", [None, *CUTS])
@pytest.mark.parametrize("pause", [0, 1])
@pytest.mark.parametrize("form", ["voice", "aloud", "text"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_reply_cut_once(stage, family, form, pause, at):
    """Each question has as many responses as with a healthy service: an end that was made up is one more."""
    ends = await converse(stage, family, form, pause, at)
    if (family, form, pause) not in healthy:
        healthy[family, form, pause] = asyncio.ensure_future(converse(stage, family, form, pause, None))
    usual = await healthy[family, form, pause]
    assert ends == usual, f"responses until each answer: {ends}, by a healthy service {usual}"
