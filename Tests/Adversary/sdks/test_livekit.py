"""livekit-plugins-google's realtime session, unmodified: a reply cut at every place, one answer a generation."""

import asyncio
import contextlib

import pytest

pytest.importorskip("livekit.plugins.google")

from google.genai import types
from livekit import rtc
from livekit.plugins import google

from adversary import sound
from adversary.answers import wrong_with

needs_trust = True
CUTS = list(range(7))      # of a reply of five chunks: before each, before generationComplete, before turnComplete
MANUAL = types.RealtimeInputConfig(automatic_activity_detection=types.AutomaticActivityDetection(disabled=True))


class Talk:
    def __init__(self, session):
        self.session = session
        self.generations = asyncio.Queue()
        self.errors = []
        self.ends = 0           # generations that were over, empty ones too
        session.on("generation_created", self.generations.put_nowait)
        session.on("error", self.errors.append)

    async def generation(self, seconds: float = 40) -> list[tuple[int, int]]:
        found = []
        async with asyncio.timeout(seconds):
            generation = await self.generations.get()
            async for message in generation.message_stream:
                async for frame in message.audio_stream:
                    found += sound.codes(bytes(frame.data))
                async for _ in message.text_stream:
                    pass
        self.ends += 1
        return found

    async def heard(self) -> list[tuple[int, int]]:
        """The next generation that says something; this SDK also opens empty ones."""
        while not (found := await self.generation()):
            pass
        return found

    async def say(self, question: int, manual: bool) -> None:
        if manual:
            self.session.start_user_activity()
        for place in range(10):
            pcm = sound.chunk(question, place)
            self.session.push_audio(rtc.AudioFrame(pcm, 16000, 1, len(pcm) // 2))
            await asyncio.sleep(0.02 if manual else 0.1)
        if manual:
            reply = self.session.generate_reply()
            reply.add_done_callback(lambda future: future.cancelled() or future.exception())
        else:
            await self.quiet(1)

    async def quiet(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.session.push_audio(rtc.AudioFrame(sound.silence(), 16000, 1, 1600))
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def talk(stage, world, **options):
    http = types.HttpOptions(base_url=f"https://localhost:{stage.proxy.port}")
    realtime = google.realtime.RealtimeModel(api_key=world.key, model=world.family.model, api_version="v1beta",
                                             http_options=http, **options)
    session = realtime.session()
    run = Talk(session)
    try:
        yield run
        assert run.errors == []
    finally:
        await session.aclose()
        await realtime.aclose()


healthy: dict[tuple, asyncio.Task] = {}


async def converse(stage, family: str, manual: bool, pause: float, at: int | None) -> list[int]:
    """How many generations each question had."""
    world = stage.world(family, attempts={} if at is None else {2: [{"die": {"at": at}}]})
    wrong, ends = [], []
    async with talk(stage, world, **({"realtime_input_config": MANUAL} if manual else {})) as run:
        for question in (1, 2, 3, 4):
            await run.say(question, manual)
            microphone = None if manual else asyncio.ensure_future(run.quiet(40))
            if error := wrong_with(await run.heard(), question, world):
                wrong.append(f"question {question}: {error}")
            await asyncio.sleep(pause)
            ends.append(run.ends)
            if microphone:
                microphone.cancel()
        await asyncio.sleep(0.5)
        left = [await run.generation() for _ in range(run.generations.qsize())]
        assert not any(left), f"more was heard: {left}"
        ends.append(run.ends)
    assert not wrong, "; ".join(wrong)
    return ends


# On 3.1 this SDK follows each spoken turn with a `clientContent` of no turns, which closes the connection there.
@pytest.mark.parametrize("at", [None, *CUTS])
@pytest.mark.parametrize("pause", [0, 1])
@pytest.mark.parametrize("family,manual", [("2.5", True), ("2.5", False), ("3.1", False), ("3.8", False)])
async def test_a_reply_cut_once(stage, family, manual, pause, at):
    """Each question has as many generations as with a healthy service: an end that was made up is one more."""
    ends = await converse(stage, family, manual, pause, at)
    if (family, manual, pause) not in healthy:
        healthy[family, manual, pause] = asyncio.ensure_future(converse(stage, family, manual, pause, None))
    usual = await healthy[family, manual, pause]
    assert ends == usual, f"generations until each answer: {ends}, by a healthy service {usual}"
