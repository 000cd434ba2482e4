"""Clients that talk for as long as they are let, redial with their handle whatever happens to them, and keep
a record of it: WebSockets by hand, and google-genai."""

import asyncio
import base64
import contextlib
import json
import random

from counting_gemini import ANSWER, piece, question
from google import genai
from google.genai import errors, types
from tenants import session_id
from turnkeeper import PATH
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

MODEL = "gemini-3.1-flash-live-preview"
# How long anything may take; far more than anything should.
PATIENCE = 45


class Closed(Exception):
    def __init__(self, code, reason):
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Refused(Exception):
    pass


def _setup(who, handle, is_spoken):
    detection = {"automaticActivityDetection": {"disabled": True}}
    return {
        "model": f"models/{MODEL}",
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "systemInstruction": {"parts": [{"text": f"C:{who}"}]},
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
        "tools": [{"functionDeclarations": [{"name": "look"}]}],
        "sessionResumption": {"handle": handle} if handle else {},
        **({"realtimeInputConfig": detection} if is_spoken else {}),
    }


class RawLine:
    """A WebSocket, and JSON by hand."""

    def __init__(self, socket):
        self.socket = socket

    @classmethod
    @contextlib.asynccontextmanager
    async def dial(cls, place, caller):
        try:
            socket = await connect(
                f"wss://localhost:{place.port}{caller.path}",
                **{"host": "127.0.0.1", "port": place.port, "local_addr": (caller.address, 0)},
                **{"ssl": place.trust, "max_size": None, "ping_interval": None, "proxy": None},
                **{"open_timeout": PATIENCE, "compression": None},
            )
        except (InvalidHandshake, OSError, EOFError) as error:
            raise Refused(repr(error)) from error
        async with socket:
            line = cls(socket)
            caller.note("let in")
            try:
                await line.send(setup=_setup(caller.who, caller.handle, caller.is_spoken))
                first = await asyncio.wait_for(line.receive(), PATIENCE)
            except Closed as error:
                raise Refused(repr(error)) from error
            assert "setupComplete" in first, first
            yield line

    async def send(self, **message):
        try:
            await self.socket.send(json.dumps(message))
        except ConnectionClosed as error:
            raise self.closed(error) from error

    async def receive(self):
        try:
            return json.loads(await self.socket.recv())
        except ConnectionClosed as error:
            raise self.closed(error) from error

    @staticmethod
    def closed(error):
        return Closed(error.rcvd.code, error.rcvd.reason) if error.rcvd else Closed(1006, "")


class GenaiLine:
    """google-genai; what it receives reads as JSON again."""

    def __init__(self, session):
        self.session, self.socket = session, session._ws
        self.messages = self.listen()

    async def listen(self):
        while True:
            async for message in self.session.receive():
                yield message.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    @contextlib.asynccontextmanager
    async def dial(cls, place, caller):
        client = genai.Client(
            api_key=place.key,
            http_options=types.HttpOptions(
                base_url=f"https://localhost:{place.port}", async_client_args={"ssl": place.trust}
            ),
        )
        setup = _setup(caller.who, caller.handle, caller.is_spoken)
        config = types.LiveConnectConfig(
            response_modalities=["AUDIO"],
            system_instruction=f"C:{caller.who}",
            input_audio_transcription={},
            output_audio_transcription={},
            tools=setup["tools"],
            session_resumption=types.SessionResumptionConfig(handle=caller.handle),
            realtime_input_config=setup.get("realtimeInputConfig"),
        )
        async with contextlib.AsyncExitStack() as stack:
            try:
                live = client.aio.live.connect(model=MODEL, config=config)
                session = await stack.enter_async_context(live)
            except (errors.APIError, InvalidHandshake, OSError, EOFError, ConnectionClosed) as error:
                raise Refused(repr(error)) from error
            yield cls(session)

    async def send(self, **message):
        session = self.session
        try:
            if results := message.get("toolResponse"):
                return await session.send_tool_response(function_responses=results["functionResponses"])
            ((part, value),) = message["realtimeInput"].items()
            if part == "audio":
                value = types.Blob(data=base64.b64decode(value["data"]), mime_type=value["mimeType"])
            names = {"activityStart": "activity_start", "activityEnd": "activity_end"}
            await session.send_realtime_input(**{names.get(part, part): value})
        except ConnectionClosed as error:
            raise RawLine.closed(error) from error

    async def receive(self):
        try:
            return await anext(self.messages)
        except errors.APIError as error:
            raise Closed(error.code, error.message) from error


class Caller:
    """One person with a client; every third turn has a tool, every seventh is long."""

    # Within so many seconds they begin, and after so many those come again who were refused.
    spread, patience = 3, 0.3

    def __init__(self, record, place, number, kind=RawLine, pause=(1.0, 3.0)):
        self.record, self.place, self.kind, self.pause = record, place, kind, pause
        self.who = f"{kind.__name__[0].lower()}{number}"
        self.path = f"{PATH}?key={place.key}"
        # Each has one of their own, as callers have.
        self.address = f"127.0.{1 + number // 250}.{number % 250 + 1}"
        self.is_spoken = number % 2 == 1
        self.handle, self.turn = None, 1
        self.dice = random.Random(number)

    def note(self, what, value=None):
        self.record.note(what, self.who, turn=self.turn, value=value)

    async def talk(self, is_over):
        await asyncio.sleep(self.dice.uniform(0, self.spread))
        while not is_over.is_set():
            self.note("dials", bool(self.handle))
            try:
                async with self.kind.dial(self.place, self) as line:
                    self.note("up", bool(self.handle))
                    self.note("at", session_id(line.socket))
                    await self.converse(line, is_over)
                    self.note("leaves")
            except Refused as error:
                self.note("refused", str(error))
                await asyncio.sleep(self.patience)
            except Closed as closed:
                self.note("closed", closed.code)

    async def converse(self, line, is_over):
        inbox = asyncio.Queue()
        reading = asyncio.create_task(self.read(line, inbox))
        try:
            await self.stay(line, inbox, is_over)
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def stay(self, line, inbox, is_over):
        while not is_over.is_set():
            await self.have_turn(line, inbox)
            await self.rest(inbox, self.dice.uniform(*self.pause))

    async def read(self, line, inbox):
        try:
            while True:
                inbox.put_nowait(await line.receive())
        except Closed as closed:
            inbox.put_nowait(closed)

    async def next(self, inbox, seconds=PATIENCE):
        message = await asyncio.wait_for(inbox.get(), seconds)
        if isinstance(message, Closed):
            raise message
        if handle := message.get("sessionResumptionUpdate", {}).get("newHandle"):
            self.handle = handle
        return message

    async def have_turn(self, line, inbox):
        self.note("asks")
        await self.ask(line)
        self.note("has asked")
        words = ""
        while True:
            message = await self.next(inbox)
            for call in message.get("toolCall", {}).get("functionCalls", []):
                self.note("runs", call["id"])
                await asyncio.sleep(self.dice.uniform(0.05, 1))
                result = {"id": call["id"], "name": "look", "response": {"output": f"seen {self.turn}"}}
                await line.send(toolResponse={"functionResponses": [result]})
            content = message.get("serverContent", {})
            words += content.get("outputTranscription", {}).get("text", "")
            if content.get("turnComplete"):
                self.note("hears", sorted(set(ANSWER.findall(words))))
                self.turn += 1
                return

    async def ask(self, line):
        manner = (":tool" if self.turn % 3 == 0 else "") + (":long" if self.turn % 7 == 0 else "")
        text = question(self.who, self.turn, manner)
        if not self.is_spoken:
            return await line.send(realtimeInput={"text": text})
        await line.send(realtimeInput={"activityStart": {}})
        count = self.dice.randint(7, 12)
        for place in range(count):
            data = base64.b64encode(piece(text, place, count)).decode()
            await line.send(realtimeInput={"audio": {"mimeType": "audio/pcm;rate=16000", "data": data}})
            await asyncio.sleep(0.1)
        await line.send(realtimeInput={"activityEnd": {}})

    async def rest(self, inbox, seconds):
        """Reads on: handles come, and closes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    message = await self.next(inbox)
                    if "modelTurn" in message.get("serverContent", {}):
                        self.note("strays")


class Racer(Caller):
    """Comes again and again, without a handle, and says nothing."""

    spread, patience = 0.5, 1
    handle = property(lambda self: None, lambda self, handle: None)

    async def stay(self, line, inbox, is_over):
        await self.rest(inbox, self.dice.uniform(0.3, 1.5))


@contextlib.asynccontextmanager
async def talking(callers):
    """They talk while this lasts, and then end their turns. One that stumbles ends it for all."""
    is_over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for caller in callers:
            group.create_task(caller.talk(is_over))
        try:
            yield
        finally:
            is_over.set()
