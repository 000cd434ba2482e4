"""Clients that speak the protocol raw: by voice in both detections, by text, with tools."""

import asyncio
import base64
import contextlib
import dataclasses
import json
import re
import time

import websockets
from websockets.asyncio.client import connect

from . import sound
from .families import FAMILIES
from .messages import parsed

DECLARED = [{"name": name, "description": "Looks something up.",
             "parameters": {"type": "OBJECT", "properties": {"of": {"type": "STRING"}}}}
            for name in ("look_up", "book")]


SNAKE = re.compile(r"(?<=[a-z])([A-Z])")


def snake(value):
    """As google-genai spells it; what users name is left alone."""
    if isinstance(value, dict):
        return {SNAKE.sub(lambda found: "_" + found[1].lower(), key): inner if key in ("args", "response", "parameters")
                else snake(inner) for key, inner in value.items()}
    return [snake(inner) for inner in value] if isinstance(value, list) else value


def decoded(data: str) -> bytes:
    """Base64 of either alphabet."""
    return base64.urlsafe_b64decode(data.replace("+", "-").replace("/", "_"))


def setup(family: str, manual: bool = True, transcription: bool = True, tools: bool = False, resumption=None,
          behavior: str | None = None, **more) -> dict:
    each = {"model": FAMILIES[family].full_name, "generationConfig": {"responseModalities": ["AUDIO"]}}
    if family == "3.8-et":
        each["generationConfig"]["thinkingConfig"] = {"thinkingLevel": "LOW"}
    if manual:
        each["realtimeInputConfig"] = {"automaticActivityDetection": {"disabled": True}}
    if transcription:
        each |= {"inputAudioTranscription": {}, "outputAudioTranscription": {}}
    if tools:
        declared = [one | ({"behavior": behavior} if behavior else {}) for one in DECLARED]
        each["tools"] = [{"functionDeclarations": declared}]
    if resumption is not None:
        each["sessionResumption"] = resumption
    return {"setup": each | more}


@dataclasses.dataclass
class Turn:
    """What the client heard from one end to the next."""
    chunks: list[tuple[int, int]] = dataclasses.field(default_factory=list)   # (reply, place)
    texts: list[str] = dataclasses.field(default_factory=list)
    interrupted: bool = False
    generation_completes: int = 0
    usage: int = 0
    ended: float = 0.0
    first_sound: float = 0.0
    calls: list[dict] = dataclasses.field(default_factory=list)
    course: list = dataclasses.field(default_factory=list)   # chunks, "generation", "interrupted" in order

    def kept(self, consumer: str) -> list[tuple[int, int]]:
        """What a program plays that drops what follows `interrupted` or `generationComplete` in a turn."""
        drops = {"drops after interrupted": "interrupted", "drops after generation": "generation"}.get(consumer)
        course = self.course[: self.course.index(drops)] if drops in self.course else self.course
        return [each for each in course if isinstance(each, tuple)]


class Client:
    def __init__(self, proxy, world, session=None, version: str = "v1beta"):
        self.proxy, self.world = proxy, world
        self.family = world.family
        path = self.family.path.replace("v1beta", version)
        self.url = f"ws://127.0.0.1:{proxy.port}{path}" + ("" if self.family.on_vertex else f"?key={world.key}")
        self.headers = {"Authorization": f"Bearer {world.key}"} if self.family.on_vertex else {}
        self.ways = {"snake": False, "binary": False, "url_safe": False, "rate": 16000, "chunks": False}
        self.turns: list[Turn] = []
        self.turn = Turn()
        self.received: list[tuple[float, dict, bytes, bool]] = []
        self.handles: list[str] = []
        self.cancelled: list[str] = []
        self.go_aways = 0
        self.closed: tuple[int, str] | None = None
        self.is_closing = False
        self.changed = asyncio.Event()
        self.asked_at: dict[int, float] = {}
        self.ended_at: dict[int, float] = {}
        self.is_talking = False
        self.tool = None                 # call -> response, or None to leave it open
        self.sent_payloads: list[bytes] = []
        self.sent: list[tuple[str | bytes, float]] = []      # those that a connection took, and when
        self.last_sound = 0.0            # when it was sent, within an activity or an open microphone
        self.longest_gap = 0.0           # seconds between two of them
        self.pictures = 0                # numbered from one
        self.shown: list[int] = []       # those that a connection took, and did not take with it
        self.held: list[int] = []        # bytes the proxy says it holds, now and then

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_) -> None:
        await self.leave()

    async def begin(self, message: dict, seconds: float = 20) -> None:
        self.socket = await connect(self.url, max_size=None, ping_interval=None, compression=None, proxy=None,
                                    additional_headers=self.headers)
        self.session = self.socket.response.headers.get("x-turnkeeper-session", "").partition(".")[0]
        self.reader = asyncio.ensure_future(self._read())
        await self.send(message)
        ready = lambda: any("setupComplete" in each for _, each, *_ in self.received)  # noqa: E731
        assert await self.until(lambda: ready() or self.closed, seconds), "no setupComplete"
        assert ready(), f"closed before setupComplete: {self.closed}"

    async def leave(self) -> None:
        self.is_closing = True
        if hasattr(self, "socket"):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.socket.close(1000, ""), 3)
            self.reader.cancel()

    async def drop(self) -> None:
        """The network goes: no close frame, and the newest picture may not have got through."""
        self.is_closing = True
        del self.shown[-1:]
        self.socket.transport.abort()

    async def come_back(self, message: dict, how: str, away: float) -> None:
        """Leaves in one way or the other and returns with the newest handle."""
        assert await self.until(lambda: self.handles, 5), "no handle to come back with"
        await (self.drop() if how == "drops" else self.leave())
        self.reader.cancel()
        await asyncio.sleep(away)
        message["setup"]["sessionResumption"] = {"handle": self.handles[-1]}
        self.is_closing, self.last_sound = False, 0.0
        heard, self.received = self.received, []
        try:
            await self.begin(message)
        finally:
            self.received = heard + self.received

    async def send(self, message: dict) -> bool:
        """False: there was no connection to send it on."""
        if self.ways["snake"] and "setup" not in message:
            message = snake(message)
        payload = json.dumps(message)
        self.sent_payloads.append(payload.encode())
        if self.ways["binary"]:
            payload = payload.encode()
        try:
            await self.socket.send(payload)
        except websockets.ConnectionClosed:
            return False
        self.sent.append((payload, time.monotonic()))
        return True

    async def _read(self) -> None:
        try:
            async for payload in self.socket:
                message = parsed(payload)
                self.received.append((time.monotonic(), message, payload, isinstance(payload, bytes)))
                await self._take(message)
                self.changed.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            if not self.is_closing:
                self.closed = (self.socket.close_code or 1006, self.socket.close_reason or "")
            self.changed.set()

    async def _take(self, message: dict) -> None:
        content = message.get("serverContent") or {}
        if content.get("interrupted"):
            self.turn.course.append("interrupted")
        for part in (content.get("modelTurn") or {}).get("parts") or []:
            if blob := part.get("inlineData"):
                found = sound.codes(base64.b64decode(blob["data"]))
                self.turn.chunks += found
                self.turn.course += found
                if found and not self.turn.first_sound:
                    self.turn.first_sound = time.monotonic()
            if "text" in part:
                self.turn.texts.append(part["text"])
        self.turn.usage += (message.get("usageMetadata") or {}).get("totalTokenCount", 0)
        if content.get("generationComplete"):
            self.turn.course.append("generation")
            self.turn.generation_completes += 1
        self.turn.interrupted |= bool(content.get("interrupted"))
        if update := message.get("sessionResumptionUpdate"):
            if update.get("newHandle"):
                self.handles.append(update["newHandle"])
        self.go_aways += "goAway" in message
        if "toolCall" in message:
            calls = message["toolCall"].get("functionCalls") or []
            self.turn.calls += calls
            if self.tool:
                asyncio.ensure_future(self.tool(self, calls))
        if "toolCallCancellation" in message:
            self.cancelled += message["toolCallCancellation"].get("ids") or []
        if content.get("turnComplete") and content.get("interactionStatus", "IDLE") != "IN_PROGRESS":
            self.turn.ended = time.monotonic()
            self.turns.append(self.turn)
            self.turn = Turn()

    async def until(self, condition, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), min(left, 0.2))
        return True

    # -- Saying things

    async def start(self) -> None:
        self.last_sound = time.monotonic()
        await self.send({"realtimeInput": {"activityStart": {}}})

    async def end(self) -> None:
        self.last_sound = 0.0
        await self.send({"realtimeInput": {"activityEnd": {}}})

    async def pcm(self, data: bytes, rate: int | None = None) -> None:
        rate = rate or self.ways["rate"]
        now = time.monotonic()
        if self.last_sound:
            self.longest_gap = max(self.longest_gap, now - self.last_sound)
        self.last_sound = now
        encode = base64.urlsafe_b64encode if self.ways["url_safe"] else base64.b64encode
        blob = {"mimeType": f"audio/pcm;rate={rate}", "data": encode(data).decode()}
        await self.send({"realtimeInput": {"mediaChunks": [blob]} if self.ways["chunks"] else {"audio": blob}})

    async def show(self, size: int) -> None:
        self.pictures += 1
        blob = {"mimeType": "image/jpeg", "data": sound.picture(self.pictures, size)}
        if await self.send({"realtimeInput": {"video": blob}}):
            self.shown.append(self.pictures)

    async def speak(self, question: int, seconds: float, speed: float = 1.0, rate: int | None = None, first: int = 0,
                    chunk_ms: int = 100) -> int:
        """The sound alone; how many chunks it had. `speed` 0: at once."""
        rate = rate or self.ways["rate"]
        count = round(seconds * 1000 / chunk_ms)
        begun = time.monotonic()
        for place in range(first, first + count):
            await self.pcm(sound.chunk(question, place, rate, chunk_ms), rate)
            due = begun + (place - first + 1) * chunk_ms / 1000 / speed if speed else 0
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        return count

    async def quiet(self, seconds: float, speed: float = 1.0, rate: int | None = None) -> None:
        rate = rate or self.ways["rate"]
        for _ in range(round(seconds * 10)):
            await self.pcm(sound.silence(rate), rate)
            await asyncio.sleep(0.1 / speed if speed else 0)

    async def say(self, question: int, seconds: float = 1.0, speed: float = 4.0, **more) -> int:
        """A whole spoken question, manual detection."""
        self.asked_at[question] = time.monotonic()
        await self.start()
        count = await self.speak(question, seconds, speed, **more)
        await self.end()
        self.ended_at[question] = time.monotonic()
        return count

    async def say_aloud(self, question: int, seconds: float = 1.0, speed: float = 1.0, rate: int | None = None,
                        chunk_ms: int = 100) -> int:
        """The same under automatic detection: silence ends it."""
        self.asked_at[question] = time.monotonic()
        count = await self.speak(question, seconds, speed, rate, chunk_ms=chunk_ms)
        await self.quiet(0.8, speed, rate)
        self.ended_at[question] = time.monotonic()
        return count

    async def write(self, question: int, as_content: bool | None = None, more: str = "please") -> None:
        self.asked_at[question] = self.ended_at[question] = time.monotonic()
        text = f"question q{question} {more}"
        if self.family.text_is_content if as_content is None else as_content:
            turn = {"role": "user", "parts": [{"text": text}]}
            await self.send({"clientContent": {"turns": [turn], "turnComplete": True}})
        else:
            await self.send({"realtimeInput": {"text": text}})

    async def type_inside(self, question: int, gap: float = 0.0, picture: bool = False) -> None:
        """A question in an activity without sound: words, with or without a picture, that belong together."""
        self.asked_at[question] = time.monotonic()
        await self.start()
        self.last_sound = 0.0
        if picture:
            await self.show(20_000)
        await self.send({"realtimeInput": {"text": f"question q{question} first half"}})
        await asyncio.sleep(gap)
        await self.send({"realtimeInput": {"text": f"question q{question} second half"}})
        await self.end()
        self.ended_at[question] = time.monotonic()

    async def tell(self, *turns: tuple[str, str], done: bool = False) -> None:
        """Content that asks nothing."""
        turns = [{"role": role, "parts": [{"text": text}]} for role, text in turns]
        await self.send({"clientContent": {"turns": turns, "turnComplete": done}})

    def use_token(self) -> None:
        """One of Google's, on the method that takes it."""
        path = self.family.path.replace("v1beta", "v1alpha").replace("Content", "ContentConstrained")
        self.url = f"ws://127.0.0.1:{self.proxy.port}{path}?access_token=auth_tokens/{self.world.key}"
        self.headers = {}

    async def respond(self, calls: list[dict], body=None, together: bool = True, **more) -> None:
        made = [{"id": call["id"], "name": call["name"],
                 "response": body or {"output": f"result-{call['args'].get('of', 'x')}"}} | more for call in calls]
        for each in [made] if together else [[one] for one in made]:
            await self.send({"toolResponse": {"functionResponses": each}})

    # -- What was heard

    def heard(self, question: int) -> list[tuple[int, int]]:
        """Every chunk of an answer to it, in order: (reply, place)."""
        every = [chunk for turn in [*self.turns, self.turn] for chunk in turn.chunks]
        return [(number, place) for number, place in every
                if number in self.world.replies and question in self.world.replies[number].questions]

    def questions_of(self, turn: Turn) -> set[int]:
        return {question for number, _ in turn.chunks if number in self.world.replies
                for question in self.world.replies[number].questions[-1:]}

    def is_answered(self, question: int) -> bool:
        """An answer to it was heard to its last chunk."""
        return any(self.world.replies[number].chunks - 1 == place and self.world.replies[number].kind == "audio"
                   for number, place in self.heard(question))

    async def turn_ended(self, count: int, seconds: float) -> Turn:
        """Reads up to `turnComplete`, as a turn-driven program does."""
        assert await self.until(lambda: len(self.turns) >= count or self.closed, seconds), \
            f"turn {count} never ended; heard {self.turn.chunks}"
        assert len(self.turns) >= count, f"closed: {self.closed}"
        return self.turns[count - 1]


def after(seconds: float):
    """A tool that takes that long."""
    async def answer(client: Client, calls: list[dict]) -> None:
        whole = [call for call in calls if not call.get("willContinue")]
        await asyncio.sleep(seconds)
        live = [call for call in whole if call["id"] not in client.cancelled]
        if live:
            await client.respond(live)
    return answer


answering = after(0.15)
