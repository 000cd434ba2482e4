"""google-genai, unmodified, by URL alone. Runs with the newest release and with the 2.x line."""

import asyncio
import re
import subprocess
import sys

import pytest
from google import genai
from google.genai import errors, types
from refusals import REFUSALS, refusing
from speech import CHUNK_MS, chunks, silence, spoken
from turnkeeper import REPOSITORY, Proxy, Simulator

MODEL_3 = "gemini-3.1-flash-live-preview"
MODEL_25 = "gemini-2.5-flash-native-audio-preview-12-2025"
SENTENCES = ("What is the capital of France?", "And how many people live there?", "Thank you.")
ANSWER_SECONDS = 30

MANUAL = types.RealtimeInputConfig(
    automatic_activity_detection=types.AutomaticActivityDetection(disabled=True)
)
WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            description="The weather of a city",
            parameters=types.Schema(
                type="OBJECT", properties={"city": types.Schema(type="STRING")}
            ),
        )
    ]
)


def connect(model=MODEL_3, **config):
    return genai.Client().aio.live.connect(
        model=model,
        config=types.LiveConnectConfig(
            response_modalities=["AUDIO"],
            input_audio_transcription={},
            output_audio_transcription={},
            **config,
        ),
    )


class Reply:
    """One answer as the SDK hands it over, up to the end of the turn."""

    def __init__(self):
        self.audio, self.user, self.model, self.calls, self.interrupted = 0, "", "", [], False

    async def read(self, session):
        async with asyncio.timeout(ANSWER_SECONDS):
            async for message in session.receive():
                if message.data:
                    self.audio += len(message.data)
                if message.tool_call:
                    self.calls += message.tool_call.function_calls
                    await self.answer_calls(session)
                content = message.server_content
                if content and content.input_transcription:
                    self.user += content.input_transcription.text or ""
                if content and content.output_transcription:
                    self.model += content.output_transcription.text or ""
                if content and content.interrupted:
                    self.interrupted = True
        return self

    async def answer_calls(self, session):
        await session.send_tool_response(
            function_responses=[
                types.FunctionResponse(id=call.id, name=call.name, response={"output": "sunny"})
                for call in self.calls
            ]
        )

    def assert_spoken(self):
        assert self.audio > 0 and self.audio % 2 == 0
        assert self.model.strip()


async def speak(session, pcm, pace=1.0):
    """Sends PCM in 20 ms chunks, `pace` times as fast as it was spoken."""
    for chunk in chunks(pcm):
        await session.send_realtime_input(
            audio=types.Blob(data=chunk, mime_type="audio/pcm;rate=16000")
        )
        await asyncio.sleep(CHUNK_MS / 1000 / pace)


async def spoken_turn(session, sentence):
    await session.send_realtime_input(activity_start=types.ActivityStart())
    await speak(session, spoken(sentence), pace=4)
    await session.send_realtime_input(activity_end=types.ActivityEnd())


async def test_manual_detection_three_spoken_turns(conversation):
    async with connect(realtime_input_config=MANUAL) as session:
        for sentence in SENTENCES:
            await spoken_turn(session, sentence)
            reply = await Reply().read(session)
            reply.assert_spoken()
            assert reply.user.strip()
    conversation.assert_heard("activity", "activity", "activity")
    conversation.assert_heard_exactly(*map(spoken, SENTENCES))


@pytest.mark.parametrize("stream_end", [True, False], ids=["stream end", "silence only"])
async def test_automatic_detection_three_spoken_turns(conversation, stream_end):
    """Either the client says that its stream pauses, or the silence itself ends the turn."""
    async with connect() as session:
        for sentence in SENTENCES:
            await speak(session, spoken(sentence))
            if stream_end:
                await session.send_realtime_input(audio_stream_end=True)
            else:
                await speak(session, silence(1.5))
            reply = await Reply().read(session)
            reply.assert_spoken()
            assert reply.user.strip()
    conversation.assert_heard("speech", "speech", "speech")


async def test_automatic_detection_microphone_simply_stops(conversation):
    """Neither silence nor a stream end comes: the proxy says that the stream has paused."""
    async with connect() as session:
        for sentence in SENTENCES:
            await speak(session, spoken(sentence))
            (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("speech", "speech", "speech")


async def test_typed_turns(conversation):
    texts = ("What is the capital of Österreich?", "Und die Einwohnerzahl? 🙂")
    async with connect(MODEL_25) as session:
        for text in texts:
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text=text)])
            )
            (await Reply().read(session)).assert_spoken()
    conversation.assert_heard(*texts)


async def test_typed_turns_as_realtime_input(conversation):
    async with connect(MODEL_3) as session:
        for text in ("Good morning.", "Good night."):
            await session.send_realtime_input(text=text)
            (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("Good morning.", "Good night.")


@pytest.mark.parametrize("reason", REFUSALS)
async def test_a_refusal_shows_its_reason(start, lead, reason):
    async with refusing(start, lead, reason) as refusal:
        with pytest.raises(errors.APIError) as refused:
            async with connect():
                pass
        assert refused.value.code == refusal.code
        await refusal.assert_shown(str(refused.value))


async def test_a_key_that_gemini_refuses_shows_its_reason(start, lead, monkeypatch):
    proxy = start(Proxy, start(Simulator).url)
    lead(proxy.https, proxy.ca)
    monkeypatch.setenv("GOOGLE_API_KEY", "invalid")
    with pytest.raises(errors.APIError, match="API key not valid") as refused:
        async with connect():
            pass
    assert refused.value.code == 1007


@pytest.mark.parametrize("model", [MODEL_3, MODEL_25])
async def test_tool_is_called_and_answered(conversation, model):
    async with connect(model, tools=[WEATHER]) as session:
        if model == MODEL_3:
            await session.send_realtime_input(text="call get_weather")
        else:
            await session.send_client_content(
                turns=types.Content(role="user", parts=[types.Part(text="call get_weather")])
            )
        reply = await Reply().read(session)
        # Some families end the turn at the call and speak in the next one.
        if not reply.audio:
            calls, reply = reply.calls, await Reply().read(session)
            reply.calls = calls + reply.calls
        assert [call.name for call in reply.calls] == ["get_weather"]
        reply.assert_spoken()
    conversation.assert_heard("call get_weather")
    conversation.assert_tool_answered("get_weather")


async def test_barge_in(conversation):
    """The user speaks over the answer: it is interrupted, and the new turn is answered."""
    async with connect(realtime_input_config=MANUAL) as session:
        await spoken_turn(session, SENTENCES[0])
        async for message in session.receive():
            if message.data:
                await spoken_turn(session, SENTENCES[1])
                break
        # What is left of the interrupted turn ends first, then the new one is answered.
        await Reply().read(session)
        (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("activity", "activity")


async def test_audio_leaks_after_activity_end(conversation):
    """The recorder's buffer is flushed after the end was sent; the turn must not suffer."""
    async with connect(realtime_input_config=MANUAL) as session:
        await speak(session, silence(0.2), pace=10)
        for sentence in SENTENCES:
            await spoken_turn(session, sentence)
            await speak(session, spoken("umm")[: 640 * 10], pace=4)
            reply = await Reply().read(session)
            reply.assert_spoken()
            assert reply.user.strip()
    conversation.assert_heard("activity", "activity", "activity")
    conversation.assert_heard_exactly(*map(spoken, SENTENCES))


async def test_track_dies_inside_an_activity(conversation):
    """No frame comes any more and no end: the turn ends by itself, is answered, and neither the
    late audio nor the late end does harm."""
    async with connect(realtime_input_config=MANUAL) as session:
        await session.send_realtime_input(activity_start=types.ActivityStart())
        await speak(session, spoken(SENTENCES[0]), pace=4)
        (await Reply().read(session)).assert_spoken()
        await session.send_realtime_input(activity_end=types.ActivityEnd())
        await spoken_turn(session, SENTENCES[1])
        (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("activity", "activity")


async def test_dead_track_comes_back(conversation):
    """Audio that comes back after the turn was ended is a turn of its own, which the client's own
    late end closes."""
    async with connect(realtime_input_config=MANUAL) as session:
        await session.send_realtime_input(activity_start=types.ActivityStart())
        await speak(session, spoken(SENTENCES[0]), pace=4)
        (await Reply().read(session)).assert_spoken()
        await speak(session, spoken(SENTENCES[1]), pace=4)
        await session.send_realtime_input(activity_end=types.ActivityEnd())
        (await Reply().read(session)).assert_spoken()
        await session.send_realtime_input(activity_end=types.ActivityEnd())
        await spoken_turn(session, SENTENCES[2])
        (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("activity", "activity", "activity")


async def test_boundaries_repeated(conversation):
    async with connect(realtime_input_config=MANUAL) as session:
        for sentence in SENTENCES[:2]:
            await session.send_realtime_input(activity_start=types.ActivityStart())
            await spoken_turn(session, sentence)
            await session.send_realtime_input(activity_end=types.ActivityEnd())
            (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("activity", "activity")


async def test_stream_end_in_manual_detection(conversation):
    async with connect(realtime_input_config=MANUAL) as session:
        for sentence in SENTENCES[:2]:
            await spoken_turn(session, sentence)
            await session.send_realtime_input(audio_stream_end=True)
            (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("activity", "activity")


async def test_large_answers_stay_below_the_limit_of_the_library(conversation):
    """Python's `websockets` refuses messages past 1 MiB, and the SDK leaves it at that."""
    async with connect(MODEL_25) as session:
        await session.send_client_content(
            turns=types.Content(role="user", parts=[types.Part(text="word " * 100_000)])
        )
        (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("word " * 100_000)


@pytest.mark.parametrize(
    ("words", "answer"), [((), "The capital of France is Paris."), (("Hello there.",), r"\S")]
)
def test_the_example_of_the_readme(conversation, tmp_path, words, answer):
    """What `make talk` runs, as it stands: it answers the question, and the voice is saved."""
    example = REPOSITORY / "Examples/talk.py"
    said = subprocess.run(
        [sys.executable, example, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    assert re.search(f"it said: +{answer}", said.stdout), said.stdout
    assert (tmp_path / "answer.wav").stat().st_size > 10_000
    conversation.assert_heard("activity")


async def test_a_dropped_call_goes_on(conversation):
    """The network goes in the middle of an answer; a new session with the handle hears the rest."""
    resumable = types.SessionResumptionConfig()
    async with connect(session_resumption=resumable) as session:
        await session.send_realtime_input(text="Good morning.")
        (await Reply().read(session)).assert_spoken()
        handle = None
        async with asyncio.timeout(ANSWER_SECONDS):
            # The update comes after the turn; the next turn's receiver sees it.
            await session.send_realtime_input(text="How are you?")
            async for message in session.receive():
                if message.session_resumption_update:
                    handle = message.session_resumption_update.new_handle or handle
                if handle and message.data:
                    break
        session._ws.transport.abort()
    assert handle.startswith("turnkeeper.")
    resumable = types.SessionResumptionConfig(handle=handle)
    async with connect(session_resumption=resumable) as session:
        rest = await Reply().read(session)
        assert rest.audio > 0 or rest.model
        await session.send_realtime_input(text="Good night.")
        (await Reply().read(session)).assert_spoken()
    conversation.assert_heard("Good morning.", "How are you?", "Good night.")
    # One conversation, as the service saw it: the other connection was never set up.
    record = conversation.simulator.record()
    assert [len(each["turns"]) for each in record["conversations"] if each["turns"]] == [3]
