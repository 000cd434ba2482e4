"""An upstream and a client whose questions are numbered: sound, text and answers all say to which they belong.

One server takes any number of conversations at once, told apart by the client's key. Each follows its
own `Script`: what becomes of which question, and when.
"""

import array
import asyncio
import base64
import contextlib
import dataclasses
import json
import re
import urllib.parse

from turnkeeper import PATH
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

MODELS = {
    "2.5": "models/gemini-2.5-flash-native-audio-preview-12-2025",
    "3.1": "models/gemini-3.1-flash-live-preview",
    "3.8": "models/gemini-3.8-live",
}
CHUNK_MS = 100
# A sample names the question and its place in it: loud enough for a voice.
QUESTION, ANSWER = 2000, 20_000
USAGE = {"promptTokenCount": 5, "responseTokenCount": 20, "totalTokenCount": 25}


def pcm(value, milliseconds=CHUNK_MS, rate=16_000):
    return array.array("h", [value] * (rate * milliseconds // 1000)).tobytes()


def spelled(value, spelling):
    """The fields of the protocol as `spelling` has them; what users name is left alone."""
    if isinstance(value, list):
        return [spelled(each, spelling) for each in value]
    if not isinstance(value, dict) or spelling == "camel":
        return value
    own = ("args", "response")
    return {
        re.sub("(?<=[a-z])([A-Z])", r"_\1", key).lower(): each if key in own else spelled(each, spelling)
        for key, each in value.items()
    }


def camel(value):
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        re.sub("_([a-z])", lambda found: found[1].upper(), key): each if key in ("args", "response") else camel(each)
        for key, each in value.items()
    }


def setup(family, manual=True, **more):
    message = {"model": MODELS[family], "generationConfig": {"responseModalities": ["AUDIO"]}}
    if manual:
        message["realtimeInputConfig"] = {"automaticActivityDetection": {"disabled": True}}
    return {"setup": message | more}


@dataclasses.dataclass
class Script:
    """`trouble` maps a question and a moment in it to what happens there, once."""

    trouble: dict = dataclasses.field(default_factory=dict)
    calls: dict = dataclasses.field(default_factory=dict)
    # What happens between the end of a reply and `turnComplete`.
    gap: float = 0
    sound: int = ANSWER
    connections: list = dataclasses.field(default_factory=list)
    asked: list = dataclasses.field(default_factory=list)

    async def at(self, connection, question, moment):
        do = self.trouble.pop((question, moment), None)
        if do:
            await do(connection)


class Connection:
    """One connection: what it was sent, and the questions it heard in it."""

    def __init__(self, socket, script):
        self.socket, self.script = socket, script
        self.sent, self.raw = [], []
        self.places, self.voice = {}, []
        self.question = 0
        self.silence = 0
        self.answer = None
        self.open_calls = {}

    async def say(self, message):
        await self.socket.send(json.dumps(message).encode())

    async def serve(self):
        self.script.connections.append(self)
        with contextlib.suppress(ConnectionClosed):
            async for raw in self.socket:
                self.raw.append(raw)
                message = camel(json.loads(raw))
                self.sent.append(message)
                await self.take(message)
        if self.answer:
            self.answer.cancel()

    async def take(self, message):
        if "setup" in message:
            config = message["setup"].get("realtimeInputConfig") or {}
            self.is_manual = (config.get("automaticActivityDetection") or {}).get("disabled", False)
            self.is_2_5 = "2.5" in message["setup"]["model"]
            await self.say({"setupComplete": {}})
        parts = message.get("realtimeInput") or {}
        if "activityStart" in parts:
            self.voice = []
        for blob in [parts.get("audio"), *(parts.get("mediaChunks") or [])]:
            if blob and blob.get("mimeType", "").startswith("audio/"):
                await self.hear(blob)
        if "activityEnd" in parts or parts.get("audioStreamEnd") and not self.is_manual:
            await self.end_of_voice()
        if parts.get("text"):
            await self.read(parts["text"])
        content = message.get("clientContent") or {}
        if content.get("turnComplete") and content.get("turns"):
            await self.read(json.dumps(content["turns"][-1]))
        for response in (message.get("toolResponse") or {}).get("functionResponses") or []:
            self.open_calls.pop(response.get("id"), None)
            if not self.open_calls and self.question:
                self.begin(self.question, after_call=True)

    async def hear(self, blob):
        samples = array.array("h", base64.b64decode(blob["data"]))
        values = sorted({value for value in samples if value})
        if not values:
            self.silence += 1
            if self.silence >= 6 and not self.is_manual:
                await self.end_of_voice()
            return
        self.silence = 0
        if self.answer and not self.answer.done() and not self.is_manual and self.is_speaking:
            # A voice over the model interrupts it.
            self.answer.cancel()
            await self.say({"serverContent": {"interrupted": True}})
            await self.say({"serverContent": {"turnComplete": True}, "usageMetadata": USAGE})
        for value in values:
            question, place = divmod(value - QUESTION, 100)
            self.places.setdefault(question, []).append(place)
            self.voice.append(question)
            if place in (0, 5):
                await self.script.at(self, question, "start" if place == 0 else "middle")

    async def end_of_voice(self):
        voice, self.voice, self.silence = self.voice, [], 0
        if voice:
            await self.ask(max(voice))

    async def read(self, text):
        if found := re.findall(r"question (\d+)", text):
            question = int(found[-1])
            self.places.setdefault(question, []).append("text")
            await self.ask(question)

    async def ask(self, question):
        await self.script.at(self, question, "end")
        self.begin(question)

    def begin(self, question, after_call=False):
        if self.answer and not self.answer.done():
            self.answer.cancel()
        self.question = question
        self.is_speaking = False
        if not after_call:
            self.script.asked.append(question)
        self.answer = asyncio.create_task(self.reply(question, after_call))

    async def reply(self, question, after_call):
        script = self.script
        with contextlib.suppress(ConnectionClosed):
            await asyncio.sleep(0.1)
            calls = script.calls.get(question) if not after_call else None
            if calls:
                self.open_calls = {call["id"]: call for call in calls}
                await self.say({"toolCall": {"functionCalls": calls}})
                if self.is_2_5:
                    await self.say({"serverContent": {"turnComplete": True}, "usageMetadata": USAGE})
                return await script.at(self, question, "call")
            self.is_speaking = True
            for piece in range(3):
                data = base64.b64encode(pcm(script.sound + question * 10 + piece, 200, 24_000)).decode()
                blob = {"mimeType": "audio/pcm;rate=24000", "data": data}
                await self.say({"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}})
                if piece == 0:
                    await script.at(self, question, "sound")
                await asyncio.sleep(0.05)
            await self.say({"serverContent": {"generationComplete": True}})
            await script.at(self, question, "generated")
            await asyncio.sleep(script.gap)
            self.is_speaking = False
            await self.say({"serverContent": {"turnComplete": True}, "usageMetadata": USAGE})
            handle = f"{id(self)}-{question}"
            await self.say({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})
            await script.at(self, question, "idle")


class Upstream:
    """A server at `url` that has `converse` with each client."""

    async def __aenter__(self):
        self.server = await serve(
            self.converse, "127.0.0.1", 0, compression=None, max_size=None, ping_interval=None
        )
        self.url = f"ws://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()


class NumberedGemini(Upstream):
    """`scripts` by the key that a client presents."""

    def __init__(self):
        self.scripts = {}

    async def converse(self, socket):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(socket.request.path).query)
        key = (query.get("key") or [socket.request.headers.get("x-goog-api-key")])[0]
        await Connection(socket, self.scripts[key]).serve()


class Asker:
    """A client that asks numbered questions and keeps what it hears by turn."""

    def __init__(self, proxy, gemini, key, script, spelling="camel"):
        gemini.scripts[key] = script
        self.url = f"{proxy.ws}{PATH}?key={key}"
        self.spelling = spelling
        self.turns, self.turn = [], []
        self.received = []
        self.calls, self.tokens = [], 0
        self.closed = None
        self.changed = asyncio.Event()
        self.is_ready = False

    async def __aenter__(self):
        self.socket = await connect(self.url, max_size=None, ping_interval=None, proxy=None)
        self.reader = asyncio.create_task(self.read())
        return self

    async def __aexit__(self, *_):
        self.reader.cancel()
        await self.socket.close()

    async def send(self, message):
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(json.dumps(spelled(message, self.spelling)))

    async def input(self, **parts):
        await self.send({"realtimeInput": parts})

    async def read(self):
        with contextlib.suppress(ConnectionClosed):
            async for raw in self.socket:
                message = json.loads(raw)
                self.received.append(message)
                self.take(message)
                self.changed.set()
        self.closed = (self.socket.close_code, self.socket.close_reason)
        self.changed.set()

    def take(self, message):
        self.is_ready |= "setupComplete" in message
        content = message.get("serverContent") or {}
        for part in (content.get("modelTurn") or {}).get("parts") or []:
            samples = array.array("h", base64.b64decode(part["inlineData"]["data"]))
            self.turn.append(max(samples, key=abs))
        self.calls += (message.get("toolCall") or {}).get("functionCalls") or []
        self.tokens += (message.get("usageMetadata") or {}).get("totalTokenCount", 0)
        if content.get("turnComplete"):
            self.turns.append(self.turn)
            self.turn = []

    async def until(self, condition, seconds):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition() and self.closed is None:
                    self.changed.clear()
                    await self.changed.wait()
        return condition()

    async def begin(self, message):
        await self.send(message)
        assert await self.until(lambda: self.is_ready, 30), "no setupComplete"

    async def speak(self, question, form, chunks=8, pace=0.03, mime="audio/pcm;rate=16000"):
        if form == "text":
            return await self.input(text=f"question {question}")
        if form == "content":
            turns = [{"role": "user", "parts": [{"text": f"question {question}"}]}]
            return await self.send({"clientContent": {"turns": turns, "turnComplete": True}})
        if form == "voice":
            await self.input(activityStart={})
        for place in range(chunks):
            data = base64.b64encode(pcm(QUESTION + question * 100 + place)).decode()
            await self.input(audio={"mimeType": mime, "data": data})
            await asyncio.sleep(pace)
        if form == "voice":
            await self.input(activityEnd={})

    def questions(self, turn, sound=ANSWER):
        return sorted({(value - sound) // 10 for value in turn})


# Ends of a connection, as seen by its client.


def closes(code):
    async def close(connection):
        await connection.socket.close(code, "Internal error encountered." if code == 1011 else "")
    return close


async def aborts(connection):
    connection.socket.transport.abort()


def goes_away(seconds):
    """Announced, and then done, whether or not anybody has left by then."""
    async def go(connection):
        await connection.say({"goAway": {"timeLeft": f"{seconds}s"}})

        async def close():
            await asyncio.sleep(seconds)
            with contextlib.suppress(ConnectionClosed):
                await connection.socket.close(1000)
        connection.leaving = asyncio.create_task(close())
    return go


ENDS = {"1011": closes(1011), "1000": closes(1000), "1006": aborts, "goAway": goes_away(2)}
