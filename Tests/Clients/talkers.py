"""Clients that hold a conversation and keep what they are told: google-genai's, and a WebSocket
that speaks the protocol by hand. They do the same things, and what they heard reads the same."""

import asyncio
import base64
import contextlib
import dataclasses
import json

from google import genai
from google.genai import errors, types
from speech import CHUNK_MS, chunks, silence, spoken
from turnkeeper import PATH
from websockets.asyncio.client import connect as connect_socket
from websockets.exceptions import ConnectionClosed

# What the ladder may need, on a machine that is busy with other things.
ANSWER_SECONDS = 45

MANUAL = types.RealtimeInputConfig(
    automatic_activity_detection=types.AutomaticActivityDetection(disabled=True)
)


@dataclasses.dataclass
class Told:
    """A turn as the client was told of it."""

    user: str = ""
    model: str = ""
    audio: int = 0
    interrupted: bool = False


class Talker:
    """One session; what it is told is kept, as the messages of google-genai, and how it ended."""

    def __init__(self):
        self.messages = []
        self.error = None

    # What it does.

    async def stream(self, pcm, pace=1.0):
        for chunk in chunks(pcm):
            await self.send_audio(chunk)
            await asyncio.sleep(CHUNK_MS / 1000 / pace)

    async def say(self, words, pace=4):
        """A spoken turn in manual detection. Returns where its answer begins."""
        mark = len(self.messages)
        await self.activity(spoken(words), pace)
        return mark

    async def activity(self, pcm, pace=1.0):
        await self.send_start()
        await self.stream(pcm, pace)
        await self.send_end()

    async def say_and_pause(self, words, pace=1):
        """A spoken turn in automatic detection: a second of silence, then the mic is muted."""
        mark = len(self.messages)
        await self.stream(spoken(words) + silence(1.2), pace)
        return mark

    # What it is told.

    async def hears_answer(self, mark, seconds=ANSWER_SECONDS):
        """Whether a sound comes, and after it the end of the turn."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.has_answer(mark) and not self.error:
                    await asyncio.sleep(0.02)
        return self.has_answer(mark)

    def has_answer(self, mark):
        is_heard = False
        for message in self.messages[mark:]:
            content = message.server_content
            is_heard = is_heard or bool(message.data)
            if content and content.interrupted:
                is_heard = False
            if content and content.turn_complete and is_heard:
                return True
        return False

    async def ends(self, seconds=30):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.error:
                    await asyncio.sleep(0.02)
        return self.error

    def audio(self, mark=0):
        return sum(len(message.data or b"") for message in self.messages[mark:])

    def contents(self, mark=0):
        return [m.server_content for m in self.messages[mark:] if m.server_content]

    def heard_words(self, mark=0):
        heard = [content.input_transcription for content in self.contents(mark)]
        return "".join(one.text or "" for one in heard if one).split()

    def completed(self, mark=0):
        return [c for c in self.contents(mark) if c.turn_complete]

    def receipts(self, mark=0):
        return [m.usage_metadata for m in self.messages[mark:] if m.usage_metadata]

    def turns(self):
        """Everything it was told, turn by turn; what came behind the last end is a turn too."""
        turns, turn = [], Told()
        for message in self.messages:
            turn.audio += len(message.data or b"")
            content = message.server_content
            if not content:
                continue
            for words, transcription in (
                ("user", content.input_transcription),
                ("model", content.output_transcription),
            ):
                if transcription:
                    setattr(turn, words, getattr(turn, words) + (transcription.text or ""))
            turn.interrupted = turn.interrupted or bool(content.interrupted)
            if content.turn_complete:
                turns.append(turn)
                turn = Told()
        return turns if turn == Told() else [*turns, turn]


class GenaiTalker(Talker):
    """A session of google-genai."""

    def __init__(self, session):
        super().__init__()
        self.session = session

    async def listen(self):
        try:
            while True:
                async for message in self.session.receive():
                    self.messages.append(message)
        except errors.APIError as error:
            self.error = error

    async def type(self, text):
        """A typed turn as 2.5 wants it. Returns where its answer begins."""
        mark = len(self.messages)
        await self.session.send_client_content(
            turns=types.Content(role="user", parts=[types.Part(text=text)])
        )
        return mark

    async def send_audio(self, pcm):
        await self.session.send_realtime_input(
            audio=types.Blob(data=pcm, mime_type="audio/pcm;rate=16000")
        )

    async def send_start(self):
        await self.session.send_realtime_input(activity_start=types.ActivityStart())

    async def send_end(self):
        await self.session.send_realtime_input(activity_end=types.ActivityEnd())


# What a client by hand reads of a message; the types of google-genai do not know every field.
READ = ("setupComplete", "serverContent", "goAway")


class RawTalker(Talker):
    """A WebSocket, and JSON by hand."""

    def __init__(self, socket):
        super().__init__()
        self.socket = socket

    async def listen(self):
        try:
            async for message in self.socket:
                members = {name: it for name, it in json.loads(message).items() if name in READ}
                self.messages.append(types.LiveServerMessage.model_validate(members))
        except ConnectionClosed as error:
            self.error = error
        else:
            self.error = self.socket.protocol.close_rcvd

    async def type(self, text):
        mark = len(self.messages)
        turn = {"role": "user", "parts": [{"text": text}]}
        await self.send({"clientContent": {"turns": [turn], "turnComplete": True}})
        return mark

    async def send_audio(self, pcm):
        data = base64.b64encode(pcm).decode()
        blob = {"mimeType": "audio/pcm;rate=16000", "data": data}
        await self.send({"realtimeInput": {"audio": blob}})

    async def send_start(self):
        await self.send({"realtimeInput": {"activityStart": {}}})

    async def send_end(self):
        await self.send({"realtimeInput": {"activityEnd": {}}})

    async def send(self, message):
        await self.socket.send(json.dumps(message))


@contextlib.asynccontextmanager
async def listening(talker):
    task = asyncio.create_task(talker.listen())
    try:
        yield talker
    finally:
        if task.done():
            # A listener that stumbled over a message says so.
            task.result()
        task.cancel()


@contextlib.asynccontextmanager
async def connect_genai(model, **config):
    """A session where the environment says; spoken answers, with transcripts of both sides."""
    async with genai.Client().aio.live.connect(
        model=model,
        config=types.LiveConnectConfig(
            response_modalities=["AUDIO"],
            input_audio_transcription={},
            output_audio_transcription={},
            **config,
        ),
    ) as session:
        async with listening(GenaiTalker(session)) as talker:
            yield talker


@contextlib.asynccontextmanager
async def connect_raw(url, model, is_manual):
    """The same at a `ws://` URL."""
    detection = {"automaticActivityDetection": {"disabled": is_manual}}
    setup = {
        "model": f"models/{model}",
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
        "realtimeInputConfig": detection,
    }
    async with connect_socket(f"{url}{PATH}?key=test-key", max_size=None, proxy=None) as socket:
        await socket.send(json.dumps({"setup": setup}))
        assert json.loads(await asyncio.wait_for(socket.recv(), 20)) == {"setupComplete": {}}
        async with listening(RawTalker(socket)) as talker:
            yield talker
