"""An upstream that answers numbered questions of many callers at once, and keeps what it was asked, what it
knew then, and what it has billed: no two bills are the same number."""

import asyncio
import base64
import contextlib
import itertools
import json
import re

from numbered_gemini import Upstream, camel, pcm
from websockets.exceptions import ConnectionClosed

CHUNK_SECONDS = 0.08
SHORT, LONG = 4, 40
# Less than it lasts: all that clients hear is searched for credentials afterwards.
SOUND = base64.b64encode(pcm(2000, 20, 24_000)).decode()
QUESTION = re.compile(r"Q:(\w+):(\d+)((?::tool|:long)*)")
ANSWER = re.compile(r"A:(\w+:\d+)")


def question(who, turn, manner=""):
    return f"Q:{who}:{turn}{manner}."


def piece(text, place, count):
    """A tenth of a second of a spoken question."""
    marked = f"{text}#{place}/{count};".encode()
    return marked + bytes([1, 2]) * ((3200 - len(marked)) // 2)


class Line:
    """One connection; `context` is what this conversation has been told and has said."""

    def __init__(self, gemini, socket, number):
        self.gemini, self.socket, self.number = gemini, socket, number
        self.who, self.context = "", ()
        self.spoken = None
        self.results = {}
        self.questions = asyncio.Queue()
        self.is_seeded = False

    def note(self, what, turn=0, value=None):
        self.gemini.record.note(what, self.who, turn=turn, line=self.number, value=value)

    async def say(self, **message):
        await self.socket.send(json.dumps(message).encode())

    async def serve(self):
        answering = None
        with contextlib.suppress(ConnectionClosed):
            if await self.begin(camel(json.loads(await self.socket.recv()))):
                answering = asyncio.create_task(self.answer())
                async for raw in self.socket:
                    await self.hear(camel(json.loads(raw)))
        self.note("left", value=self.socket.close_code)
        if answering:
            answering.cancel()
            await asyncio.wait([answering])
            if not answering.cancelled():
                answering.result()

    async def begin(self, message):
        setup = message["setup"]
        self.who = re.search(r"C:(\w+)", json.dumps(setup["systemInstruction"]))[1]
        handle = (setup.get("sessionResumption") or {}).get("handle")
        if handle and (handle not in self.gemini.kept or self.gemini.has_forgotten(handle)):
            self.note("gone")
            await self.socket.close(1008, "BidiGenerateContent session not found")
            return False
        self.context = self.gemini.kept.get(handle, ())
        history = setup.get("historyConfig") or {}
        self.may_be_seeded = history.get("initialHistoryInClientContent", False)
        self.note("set up", value=bool(handle))
        await self.say(setupComplete={})
        await self.give_handle()
        return True

    async def give_handle(self):
        handle = f"g-{self.number}-{next(self.gemini.numbers)}"
        self.gemini.kept[handle] = self.context
        await self.say(sessionResumptionUpdate={"newHandle": handle, "resumable": True})

    async def hear(self, message):
        if content := message.get("clientContent"):
            if not self.may_be_seeded or self.is_seeded:
                return await self.refuse("content that is no history")
            self.context += (json.dumps(content),)
            self.is_seeded = content.get("turnComplete", False)
        elif parts := message.get("realtimeInput"):
            await self.listen(parts)
        elif results := message.get("toolResponse"):
            for result in results["functionResponses"]:
                self.note("answered", value=result["id"])
                waiting = self.results.pop(result["id"], None)
                if waiting and not waiting.done():
                    waiting.set_result(json.dumps(result["response"]))
        else:
            await self.refuse(f"{sorted(message)}")

    async def refuse(self, why):
        self.note("illegal", value=why)
        await self.socket.close(1007, "Request contains an invalid argument.")

    async def listen(self, parts):
        if "activityStart" in parts:
            self.spoken = []
        if blob := parts.get("audio"):
            found = re.search(rb"(.*?)#(\d+)/(\d+);", base64.b64decode(blob["data"]))
            if self.spoken is None or not found:
                return await self.refuse("sound outside an activity, or nobody's")
            if not self.spoken:
                self.begun(found[1].decode())
            self.spoken.append((found[1].decode(), int(found[2]), int(found[3])))
        if "activityEnd" in parts:
            spoken, self.spoken = self.spoken, None
            text, _, count = spoken[0]
            if spoken != [(text, place, count) for place in range(count)]:
                return await self.refuse(f"pieces of speech that are not a question: {spoken}")
            self.questions.put_nowait((text, True))
        if text := parts.get("text"):
            self.begun(text)
            self.questions.put_nowait((text, False))

    def begun(self, text):
        _, turn, _ = QUESTION.search(text).groups()
        self.note("begun", turn=int(turn))

    async def answer(self):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.reply(*await self.questions.get())

    def known(self):
        """Numbers of turns of which it has question and answer."""
        said = " ".join(self.context)
        asked = {f"{who}:{turn}" for who, turn, _ in QUESTION.findall(said)}
        return frozenset(int(turn.split(":")[1]) for turn in asked & set(ANSWER.findall(said)))

    async def reply(self, text, is_spoken):
        who, turn, manner = QUESTION.search(text).groups()
        turn = int(turn)
        self.note("asked", turn=turn, value=self.known())
        self.context += (text,)
        if is_spoken:
            await self.say(serverContent={"inputTranscription": {"text": text}})
        if ":tool" in manner:
            call = f"call-{self.number}-{next(self.gemini.numbers)}"
            self.results[call] = asyncio.get_running_loop().create_future()
            self.note("calls", turn=turn, value=call)
            one = {"id": call, "name": "look", "args": {"turn": turn}}
            await self.say(toolCall={"functionCalls": [one]})
            self.context += (await self.results[call],)
        for at in range(LONG if ":long" in manner else SHORT):
            blob = {"mimeType": "audio/pcm;rate=24000", "data": SOUND}
            await self.say(serverContent={"modelTurn": {"role": "model", "parts": [{"inlineData": blob}]}})
            if at == 0:
                await self.say(serverContent={"outputTranscription": {"text": f"A:{who}:{turn} "}})
            await asyncio.sleep(CHUNK_SECONDS)
        self.context += (f"A:{who}:{turn}",)
        await self.say(serverContent={"generationComplete": True})
        bill = self.gemini.bill()
        usage = {
            "promptTokenCount": 1,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
            "responseTokenCount": bill,
            "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": bill}],
            "totalTokenCount": bill + 1,
        }
        await self.say(serverContent={"turnComplete": True}, usageMetadata=usage)
        self.note("bills", turn=turn, value=bill)
        await self.give_handle()


class CountingGemini(Upstream):
    """`first_bill`: tokens of the first answer; each later one is a token more. `forgets`: the tenths of its
    handles that are good for nothing, so that it knows what it is told in words and no more."""

    def __init__(self, record, first_bill=100, forgets=0):
        self.record, self.forgets = record, forgets
        self.kept = {}
        self.numbers, self.bills = itertools.count(1), itertools.count(first_bill)

    def has_forgotten(self, handle):
        return int(handle.rpartition("-")[2]) % 10 < self.forgets

    def bill(self):
        return next(self.bills)

    async def converse(self, socket):
        await Line(self, socket, next(self.numbers)).serve()
