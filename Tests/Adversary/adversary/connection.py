"""Gemini's side of one connection: strict about order, honest about what it knows."""

import asyncio
import base64
import contextlib
import json
import re
import time

import websockets

from . import sound
from .generation import Generation
from .memory import QUESTION, Memory
from .messages import parsed, texts
from .world import World

INVALID = "Request contains an invalid argument."
CROSSING = 0.3      # seconds in which input and a call may cross each other on the way
SILENCE_ENDS = 600  # ms of silence, as audio, that end an utterance


class Refused(Exception):
    def __init__(self, code: int, reason: str):
        self.code, self.reason = code, reason


class Connection:
    def __init__(self, world: World, socket):
        self.world, self.socket = world, socket
        self.index = len(world.connections)
        world.connections.append(self)
        self.family = world.family
        self.memory = Memory()
        self.is_open = True
        self.is_manual = False
        self.is_asleep = False           # frozen: reads and sends nothing
        self.transcribes_input = self.transcribes_output = self.resumes = False
        self.no_interruption = False
        self.seeding = False
        self.in_activity = False
        self.activity: list[int] = []    # questions of the open activity
        self.content = 0                 # what the open activity holds
        self.silent_ms = 0
        self.received = 0
        self.generation: Generation | None = None
        self.behaviors: dict[str, str] = {}
        self.tasks: set[asyncio.Task] = set()
        self.called_at = 0.0
        self.transcribed: dict[int, set[int]] = {}
        self.held: list[int] = []        # asked by content that is not complete yet

    # -- Life

    async def run(self) -> None:
        self.world.note(self.index, "opened")
        try:
            await self._setup(parsed(await self.socket.recv()))
            async for payload in self.socket:
                self.received += 1
                self.world.got.append((self.index, payload))
                await self._take(parsed(payload), payload)
        except Refused as refused:
            self.world.crime(self.index, f"{refused.code} {refused.reason}")
            await self.close(refused.code, refused.reason.split(" | ")[0])

    async def ended(self) -> None:
        self.is_open = False
        code = self.socket.close_code
        self.world.note(self.index, "closed", code=code, reason=self.socket.close_reason)
        if self.generation:
            self.generation.cancel()
        for task in self.tasks:
            task.cancel()

    async def close(self, code: int, reason: str) -> None:
        self.world.note(self.index, "closing", code=code, reason=reason)
        self.is_open = False
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.socket.close(code, reason), 2)

    async def die(self, how: dict) -> None:
        """`how`: close (code, reason), reset, or asleep (open, and nothing more)."""
        kind = how.get("how", "close")
        if kind == "close":
            await self.close(how.get("code", 1011), how.get("reason", "Internal error encountered."))
        elif kind == "reset":
            self.world.note(self.index, "closing", code=1006, reason="reset")
            self.is_open = False
            self.socket.transport.abort()
        else:
            self.world.note(self.index, "asleep")
            self.is_asleep = True
            self.socket.transport.pause_reading()

    def later(self, seconds: float, work) -> None:
        async def wait():
            await asyncio.sleep(seconds)
            if self.is_open:
                await work()
        task = asyncio.ensure_future(wait())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def send(self, message: dict, tokens: int = 0, rider: bool = True) -> None:
        if self.is_asleep or not self.is_open:
            return
        if rider and "serverContent" in message:
            message["serverContent"]["futureField"] = f"f{next(self.world.serials)}"
        payload = json.dumps(message).encode()
        self.world.sent.append((self.index, payload, time.monotonic()))
        self.world.usage += tokens
        try:
            await self.socket.send(payload)
        except websockets.ConnectionClosed:
            self.is_open = False

    # -- Setup

    async def _setup(self, message: dict) -> None:
        world = self.world
        directive = world.setups.get(self.index, {})
        setup = message.get("setup")
        if setup is None:
            raise Refused(1007, INVALID + " | before setup")
        world.note(self.index, "setup", setup=setup)
        resumption = setup.get("sessionResumption")
        if directive.get("never"):
            await self.socket.wait_closed()
            return
        if directive.get("delay"):
            await asyncio.sleep(directive["delay"])
        if directive.get("close"):
            await self.close(*directive["close"])
            return
        self._judge(setup, resumption)
        handle = (resumption or {}).get("handle")
        if handle:
            await self._resume(handle, setup["model"])
        self.memory.instruction = texts([setup.get("systemInstruction") or {}])
        self.memory.tools = json.dumps(setup.get("tools") or [], sort_keys=True)
        detection = (setup.get("realtimeInputConfig") or {}).get("automaticActivityDetection") or {}
        self.is_manual = bool(detection.get("disabled"))
        handling = (setup.get("realtimeInputConfig") or {}).get("activityHandling")
        self.no_interruption = handling == "NO_INTERRUPTION"
        self.transcribes_input = "inputAudioTranscription" in setup
        self.transcribes_output = "outputAudioTranscription" in setup
        self.resumes = resumption is not None
        self.seeding = bool((setup.get("historyConfig") or {}).get("initialHistoryInClientContent"))
        for tool in setup.get("tools") or []:
            for declared in tool.get("functionDeclarations") or []:
                self.behaviors[declared["name"]] = declared.get(
                    "behavior", "BLOCKING" if self.family.blocking else "NON_BLOCKING")
        await asyncio.sleep(directive.get("usual", 0.1))
        await self.send({"setupComplete": {}})
        world.note(self.index, "ready", resumed=bool(handle))
        await self.give_handle(at_start=True)
        if directive.get("die"):
            self.later(directive["die"].get("after", 0.1), lambda: self.die(directive["die"]))
        if self.memory.calls:
            self.generation = Generation(self, self.memory.pending, again=list(self.memory.calls.values()))
            if world.switches["reissues"]:
                self.memory.calls.clear()
            self.generation.start()

    def _judge(self, setup: dict, resumption) -> None:
        if self.family.model not in setup.get("model", ""):
            raise Refused(1008, f"{setup.get('model')} is not found for API version v1beta | other model")
        if resumption and "handle" in resumption and resumption["handle"] is None \
                and not self.family.takes_null_handle:
            raise Refused(1007, INVALID + " | null handle")
        if resumption and resumption.get("transparent"):
            raise Refused(1007, "Unknown name \"transparent\" at 'setup.session_resumption'")

    async def _resume(self, handle: str, model: str) -> None:
        await asyncio.sleep(0.02)
        others = [one for one in self.world.connections[: self.index]
                  if one and one.is_open and one.socket.state is websockets.State.OPEN]
        if others and self.world.switches["overlap_dies"] and not any(one.is_asleep for one in others):
            self.world.crime(self.index, "resumed while the old socket is open")
            await self.close(1011, "Internal error encountered.")
            return
        if handle not in self.world.handles:
            raise Refused(1008, "BidiGenerateContent session not found")
        memory, _ = self.world.handles[handle]
        self.memory = memory.copy()

    async def give_handle(self, at_start: bool = False) -> None:
        mode = self.world.switches["handles"]
        if not self.resumes or mode == "never" or (mode == "start" and not at_start):
            return
        handle = f"handle-{self.world.key}-{len(self.world.handles)}"
        self.world.handles[handle] = (self.memory.copy(), self.family.model)
        update = {"newHandle": handle, "resumable": True}
        if self.world.switches["index"]:
            update["lastConsumedClientMessageIndex"] = str(self.received)
        await self.send({"sessionResumptionUpdate": update})

    # -- Input

    async def _take(self, message: dict, payload) -> None:
        world = self.world
        if self.is_asleep:
            return
        if "realtimeInput" in message:
            await self._realtime(message["realtimeInput"])
        elif "clientContent" in message:
            await self._content(message["clientContent"])
        elif "toolResponse" in message:
            await self._results(message["toolResponse"])
        elif "contextUpdate" in message:
            update = message["contextUpdate"]
            world.note(self.index, "context", update=update)
            if "systemInstruction" in update:
                self.memory.instruction = texts([update["systemInstruction"]])
        elif "setup" in message:
            raise Refused(1007, INVALID + " | second setup")
        else:
            raise Refused(1007, f"Unknown name {list(message)}")

    async def _realtime(self, each: dict) -> None:
        if self.memory.calls and self.family.dies_of_input_in_call and self.is_blocked() \
                and time.monotonic() - self.called_at > CROSSING:
            raise Refused(1008, "Operation is not implemented, or supported, or enabled. | input in a call")
        if "activityStart" in each:
            await self._start()
        chunks = [each["audio"]] if "audio" in each else []
        chunks += [one for one in each.get("mediaChunks") or [] if "audio" in one.get("mimeType", "")]
        for blob in chunks:
            await self._hear(blob)
        if "video" in each:
            self.content += 1
            self.world.note(self.index, "video", bytes=len(each["video"].get("data", "")))
        if "text" in each:
            await self._text(each["text"])
        if each.get("audioStreamEnd"):
            self.world.note(self.index, "stream end")
            if self.is_manual:
                raise Refused(1007, INVALID + " | audioStreamEnd in manual detection")
            if self.family.stream_end_ends:
                await self._end_of_speech()
        if "activityEnd" in each:
            await self._end()

    async def _start(self) -> None:
        if not self.is_manual:
            raise Refused(1007, INVALID + " | activityStart in automatic detection")
        if self.in_activity:
            self.world.crime(self.index, "activityStart inside an activity")
            return
        self.world.note(self.index, "start")
        self.in_activity, self.content = True, 0
        self.activity = []
        await self.barge("activityStart")
        asked = self.world.inputs.get(-1)
        if asked:
            await self._input_fault(-1, 0)

    async def _end(self) -> None:
        if not self.is_manual or not self.in_activity:
            raise Refused(1007, INVALID + " | activityEnd outside an activity")
        self.world.note(self.index, "end", questions=list(self.activity))
        self.in_activity = False
        if not self.content:
            await self.send({"serverContent": {"turnComplete": True}, "usageMetadata": {}})
            raise Refused(1007, "Precondition check failed. | empty activity")
        questions = list(self.activity)
        if questions:
            await self._input_fault(questions[-1], -1)
        await self._ask(questions)

    async def _hear(self, blob: dict) -> None:
        if self.is_manual and not self.in_activity:
            raise Refused(1007, INVALID + " | audio outside an activity")
        data = blob.get("data", "").replace("-", "+").replace("_", "/")
        pcm = base64.b64decode(data + "=" * (-len(data) % 4))
        rate = int(blob.get("mimeType", "").partition("rate=")[2] or 16000)
        found = sound.codes(pcm)
        self.content += 1
        self.world.note(self.index, "audio", codes=found, rate=rate, bytes=len(pcm),
                        voiced=sound.is_voiced(pcm))
        for question, place in found:
            if question in self.memory.answered and question not in self.activity:
                self.world.note(self.index, "said again", question=question, place=place)
            if not self.is_manual and not self.in_activity:
                self.in_activity, self.activity = True, []
                await self.barge("speech")
            self.memory.hear(question, place)
            if question not in self.activity:
                self.activity.append(question)
            await self._input_fault(question, place)
        if not self.is_manual:
            self.silent_ms = 0 if found else self.silent_ms + len(pcm) * 500 // rate
            if self.in_activity and self.silent_ms >= SILENCE_ENDS:
                await self._end_of_speech()

    async def _end_of_speech(self) -> None:
        if not self.in_activity:
            return
        self.in_activity, self.silent_ms = False, 0
        self.world.note(self.index, "end", questions=list(self.activity))
        await self._input_fault(self.activity[-1], -1)
        await self._ask(list(self.activity))

    async def _input_fault(self, question: int, place: int) -> None:
        waiting = self.world.inputs.get(question)
        if not waiting or waiting[0]["at"] != place:
            return
        fault = waiting.pop(0)
        if "goaway" in fault:
            await self.go_away(fault["goaway"])
        elif "phantom" in fault:
            self.later(fault["phantom"], lambda: self.send({"serverContent": {"interrupted": True}}))
        elif fault.get("after"):
            self.later(fault["after"], lambda: self.die(fault))
        else:
            await self.die(fault)
            await asyncio.sleep(0)

    async def go_away(self, seconds: float) -> None:
        self.world.note(self.index, "go away", seconds=seconds)
        await self.send({"goAway": {"timeLeft": f"{seconds:g}s"}})

        async def overrun():
            self.world.note(self.index, "overran")
            await self.close(1008, "Connection aborted because the client failed to close the connection "
                                   "after receiving a GoAway signal once the session durat")
        self.later(seconds, overrun)

    async def _text(self, text: str) -> None:
        asks = self.memory.read(text, True, is_client_text(text))
        self.world.note(self.index, "text", text=text, questions=asks)
        if self.is_manual and self.in_activity:
            self.content += 1
            self.activity += [one for one in asks if one not in self.activity]
            return
        if not asks:
            await self._nudged(text)
            return
        await self.barge("text")
        await self._ask(asks)

    async def _content(self, content: dict) -> None:
        turns = content.get("turns") or []
        done = bool(content.get("turnComplete"))
        text = texts(turns)
        if self.seeding:
            asks = self.memory.read(text, False, False)
            self.world.note(self.index, "seed", text=text, done=done)
            self.seeding = not done
            return
        if not self.family.takes_content:
            raise Refused(1007, INVALID + " | clientContent on " + self.family.name)
        if self.family.needs_role and any(not turn.get("role") for turn in turns):
            raise Refused(1007, INVALID + " | content without a role")
        last = max((at for at, turn in enumerate(turns) if turn.get("role") == "model"), default=-1)
        if last >= 0:               # what the model has answered is history; what follows may ask
            self.memory.read(texts(turns[: last + 1]), False, False)
            self.memory.answered += [int(tag) for tag, _ in QUESTION.findall(texts(turns[: last + 1]))]
            turns, text = turns[last + 1 :], texts(turns[last + 1 :])
        asks = self.memory.read(text, done, is_client_text(text))
        self.world.note(self.index, "content", text=text, done=done, questions=asks)
        if turns or not done:
            await self.barge("clientContent")      # any interrupts, asking or not
        if not done:
            self.held += [int(tag) for tag, _ in QUESTION.findall(text)] if is_client_text(text) else []
            return
        asks, self.held = list(dict.fromkeys(self.held + asks)), []
        if asks:
            await self._ask(asks)
        else:
            await self._nudged(text)

    async def _nudged(self, text: str) -> None:
        """Words that ask nothing by themselves: a nudge, or to go on."""
        switches, generation = self.world.switches, self.generation
        goes_on = bool(self.memory.told) and bool(self.memory.pending) and len(text) > 3
        if self.in_activity:
            self.world.crime(self.index, "nudged while the user speaks")
        self.world.note(self.index, "nudged", text=text, busy=bool(generation), goes_on=goes_on)
        if goes_on:
            question = self.memory.pending[-1]
            start = self.memory.told.get(question, -1) + 1 if switches["obeys"] else 0
            await self._generate(self.memory.pending, start=start)
        elif switches["nudge"] == "nothing":
            return
        elif generation and generation.is_busy and not generation.is_stuck:
            if generation.has_spoken:
                self.world.crime(self.index, "nudged while the model speaks")
            if switches["nudge"] == "restarts" and not generation.has_spoken:
                generation.cancel()
                await self._generate(generation.questions)
            elif switches["nudge"] == "adds":
                generation.owes_more += 1
        elif self.memory.pending:
            await self._generate(self.memory.pending)
        else:
            await self._generate([])     # it speaks unasked

    async def _results(self, response: dict) -> None:
        for each in response.get("functionResponses") or []:
            call = self.memory.calls.get(each.get("id"))
            body = json.dumps(each.get("response"))
            parts = json.dumps(each.get("parts")) if each.get("parts") else ""
            self.world.note(self.index, "result", id=each.get("id"), body=body, parts=parts, known=bool(call),
                            raw=each)
            if call is None:
                continue
            if not each.get("willContinue"):
                del self.memory.calls[each["id"]]
            self.memory.read(body, False, False)
        if self.generation and not self.memory.calls:
            self.generation.result_came()
        elif not self.generation and not self.memory.calls and self.memory.pending:
            await self._generate(self.memory.pending)

    # -- Turns

    def is_blocked(self) -> bool:
        return any(call["blocking"] for call in self.memory.calls.values())

    async def barge(self, why: str) -> None:
        """The user speaks: whatever is being said or worked on ends."""
        generation = self.generation
        if not generation or not generation.is_busy or self.no_interruption:
            return
        spoken = generation.has_spoken
        in_call = bool(self.memory.calls)
        generation.cancel()
        self.generation = None
        self.world.note(self.index, "barged", why=why, spoken=spoken, reply=generation.reply.number)
        if in_call:
            if not self.is_blocked():
                return
            ids = list(self.memory.calls)
            self.memory.calls.clear()
            await self.send({"toolCallCancellation": {"ids": ids}})
            self.memory.answered += [one for one in self.memory.pending]
            if not self.world.switches["cancel_interrupts"]:
                return
        elif not spoken and not self.world.switches["late_interrupt"]:
            return
        if spoken:
            self.memory.answered += [one for one in generation.questions if one in self.memory.pending]
        usage = generation.usage()
        if self.world.switches["ends_interrupted_together"]:
            await self.send({"serverContent": {"interrupted": True, "turnComplete": True}, **usage},
                            usage["usageMetadata"]["totalTokenCount"])
        else:
            await self.send({"serverContent": {"interrupted": True}})
            await self.send({"serverContent": {"turnComplete": True}, **usage},
                            usage["usageMetadata"]["totalTokenCount"])
        await self.give_handle()

    async def _ask(self, questions: list[int]) -> None:
        for question in questions:
            if question in self.memory.answered:
                self.world.note(self.index, "asked though answered", question=question)
        fresh = [one for one in questions if one not in self.memory.answered]
        self.memory.ask(questions)
        if not questions and not self.memory.pending:
            return                    # noise only: nothing to say
        self.world.note(self.index, "asked", questions=questions, pending=self.memory.pending,
                        places={one: len(self.memory.sound.get(one, ())) for one in questions})
        if self.world.switches["resumes_with_open_turn"]:
            await self.give_handle()
        await self._generate(self.memory.pending if fresh or not questions else questions)

    async def _generate(self, questions: list[int], start: int = 0) -> None:
        if self.generation:
            self.generation.cancel()
        self.generation = Generation(self, list(questions), start=start)
        self.generation.start()


def is_client_text(text: str) -> bool:
    """The form in which our own clients ask: everything else is somebody else's."""
    return bool(re.fullmatch(r"question q\d+( [a-z]+)+", text))
