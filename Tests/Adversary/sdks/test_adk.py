"""google-adk's live runner, unmodified: a reply cut at every place, and each answer in its turn."""

import asyncio
import contextlib

import pytest

pytest.importorskip("google.adk")

from google.adk.agents import Agent
from google.adk.agents.live_request_queue import LiveRequestQueue
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.models.google_llm import Gemini
from google.adk.runners import InMemoryRunner
from google.genai import types

from adversary import sound
from adversary.answers import wrong_with

needs_trust = True
CUTS = list(range(7))      # of a reply of five chunks: before each, before generationComplete, before turnComplete
MANUAL = types.RealtimeInputConfig(automatic_activity_detection=types.AutomaticActivityDetection(disabled=True))


def look_up(of: str = "") -> dict:
    """Looks something up."""
    return {"output": f"result-{of}"}


class Talk:
    def __init__(self, queue, events):
        self.queue, self.events = queue, events

    async def heard(self, seconds: float = 40) -> list[tuple[int, int]]:
        """What is heard up to the end of a turn."""
        found = []
        async with asyncio.timeout(seconds):
            async for event in self.events:
                assert not event.error_code, event
                for part in (event.content and event.content.parts) or []:
                    if part.inline_data and part.inline_data.data:
                        found += sound.codes(part.inline_data.data)
                if event.turn_complete:
                    return found
        raise AssertionError("the run ended before the turn did")

    async def say(self, question: int) -> None:
        self.queue.send_activity_start()
        for place in range(10):
            self.queue.send_realtime(types.Blob(data=sound.chunk(question, place), mime_type="audio/pcm;rate=16000"))
            await asyncio.sleep(0.02)
        self.queue.send_activity_end()

    async def write(self, question: int) -> None:
        self.queue.send_content(types.Content(role="user", parts=[types.Part(text=f"question q{question} please")]))


@contextlib.asynccontextmanager
async def talk(stage, world, **config):
    options = {"base_url": f"https://localhost:{stage.proxy.port}", "api_version": "v1beta"}
    model = Gemini(model=world.family.model, client_kwargs={"http_options": options, "api_key": world.key})
    agent = Agent(name="tester", model=model, instruction="Be brief.", tools=[look_up])
    runner = InMemoryRunner(agent=agent, app_name="tester")
    session = await runner.session_service.create_session(app_name="tester", user_id="tester")
    queue = LiveRequestQueue()
    events = runner.run_live(
        user_id="tester", session_id=session.id, live_request_queue=queue,
        run_config=RunConfig(streaming_mode=StreamingMode.BIDI, response_modalities=["AUDIO"],
                             input_audio_transcription=types.AudioTranscriptionConfig(),
                             output_audio_transcription=types.AudioTranscriptionConfig(), **config))
    try:
        yield Talk(queue, events)
    finally:
        queue.close()
        with contextlib.suppress(Exception):
            await events.aclose()


@pytest.mark.parametrize("at", [None, *CUTS])
@pytest.mark.parametrize("pause", [0, 1])
@pytest.mark.parametrize("form", ["voice", "text"])
@pytest.mark.parametrize("family", ["2.5", "3.1", "3.8"])
async def test_a_reply_cut_once(stage, family, form, pause, at):
    world = stage.world(family, attempts={} if at is None else {2: [{"die": {"at": at}}]})
    wrong = []
    async with talk(stage, world, **({"realtime_input_config": MANUAL} if form == "voice" else {})) as run:
        for question in (1, 2, 3, 4):
            await (run.say(question) if form == "voice" else run.write(question))
            if error := wrong_with(await run.heard(), question, world):
                wrong.append(f"question {question}: {error}")
            await asyncio.sleep(pause)
    assert not wrong, "; ".join(wrong)
