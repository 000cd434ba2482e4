"""Gemini's side of one connection: strict about order, honest about what it knows."""

import asyncio
import contextlib
import json
import time

import websockets

from .families import BY_MODEL
from .generation import Generation
from .hearing import INVALID, Hearing, Refused
from .memory import Memory
from .messages import parsed, texts
from .world import World


class Connection(Hearing):
    def __init__(self, world: World, socket):
        self.world, self.socket = world, socket
        self.index = len(world.connections)
        world.connections.append(self)
        self.family = world.family       # of the model that its setup names
        self.model = world.family.model
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
        self.called_at = self.heard_at = 0.0
        self.ahead = 0.0                 # seconds of audio that came faster than they last
        self.transcribed: dict[int, set[int]] = {}
        self.continues: dict[int, int] = {}      # question -> the word its answer is to go on with
        self.way: asyncio.Queue | None = None    # what is on its way to the client
        self.held: list[int] = []        # asked by content that is not complete yet

    # -- Life

    async def run(self) -> None:
        self.world.note(self.index, "opened")
        try:
            first = await self.socket.recv()
            self.world.setup_payloads.append(first)
            await self._setup(parsed(first))
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
        if self.world.is_noisy():
            activity = {"type": "ACTIVITY_START", "audioOffset": "0.440s"}
            await self._send({"serverContent": {}, "voiceActivity": activity})
        await self._send(message, tokens)

    async def _send(self, message: dict, tokens: int = 0) -> None:
        switches = self.world.switches
        if latency := switches["latency"]:
            if self.way is None:
                self.way = asyncio.Queue()
                self.later(0, self._carry)
            await self.way.put((time.monotonic() + latency, message, tokens))
        else:
            await self._give(message, tokens)

    async def _carry(self) -> None:
        while True:
            due, message, tokens = await self.way.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self._give(message, tokens)

    async def _give(self, message: dict, tokens: int) -> None:
        switches = self.world.switches
        text = json.dumps(message, indent=2) + "\n" if switches["pretty"] else json.dumps(message)
        payload = text.encode()
        self.world.sent.append((self.index, payload, time.monotonic()))
        self.world.usage += tokens
        try:
            await self.socket.send(text if switches["as_text"] else payload)
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
        if world.switches["single_use"] and not handle and world.events("ready"):
            world.crime(self.index, "a fresh session with a token that was used, while a handle lives")
            await self.close(1008, "Token has been used too many times")
            return
        if handle and directive.get("refuses_handle"):
            await self.close(*directive["refuses_handle"])
            return
        if handle:
            await self._resume(handle)
        self.memory.instruction = texts([setup.get("systemInstruction") or {}])
        self.declare(setup.get("tools") or [])
        speech = (setup.get("generationConfig") or {}).get("speechConfig") or {}
        self.memory.voice = ((speech.get("voiceConfig") or {}).get("prebuiltVoiceConfig") or {}).get("voiceName", "")
        detection = (setup.get("realtimeInputConfig") or {}).get("automaticActivityDetection") or {}
        self.is_manual = bool(detection.get("disabled")) or world.switches["locks_manual"]
        handling = (setup.get("realtimeInputConfig") or {}).get("activityHandling")
        self.no_interruption = handling == "NO_INTERRUPTION"
        self.transcribes_input = "inputAudioTranscription" in setup
        self.transcribes_output = "outputAudioTranscription" in setup
        self.resumes = resumption is not None
        self.seeding = bool((setup.get("historyConfig") or {}).get("initialHistoryInClientContent"))
        await asyncio.sleep(directive.get("usual", 0.1))
        await self._send({"setupComplete": {"sessionId": f"{self.index}"} if self.family.on_vertex else {}})
        world.note(self.index, "ready", resumed=bool(handle))
        await self.give_handle(at_start=True)
        if directive.get("die"):
            self.later(directive["die"].get("after", 0.1), lambda: self.die(directive["die"]))
        if self.memory.calls:
            self.generation = Generation(self, self.memory.pending, again=list(self.memory.calls.values()))
            if world.switches["reissues"]:
                self.memory.calls.clear()
            self.generation.start()

    def declare(self, tools: list[dict]) -> None:
        declared = [each for tool in tools for each in tool.get("functionDeclarations") or []]
        self.memory.tools = [each["name"] for each in declared]
        self.behaviors = {each["name"]: each.get("behavior", "BLOCKING" if self.family.blocking else "NON_BLOCKING")
                          for each in declared}

    def _judge(self, setup: dict, resumption) -> None:
        self.model = model = setup.get("model", "").rpartition("/")[2]
        if model != self.world.family.model:
            self.world.note(self.index, "other model", model=model)
            self.family = BY_MODEL.get(model, self.family)
        if not model.startswith("gemini-"):
            raise Refused(1008, f"{setup.get('model')} is not found for API version v1beta | other model")
        if resumption and "handle" in resumption and resumption["handle"] is None \
                and not self.family.takes_null_handle:
            raise Refused(1007, INVALID + " | null handle")
        if resumption and resumption.get("transparent") and not self.family.on_vertex:
            raise Refused(1007, "Unknown name \"transparent\" at 'setup.session_resumption'")

    async def _resume(self, handle: str) -> None:
        await asyncio.sleep(0.02)
        others = [one for one in self.world.connections[: self.index]
                  if one and one.is_open and one.socket.state is websockets.State.OPEN]
        if others and self.world.switches["overlap_dies"] and not any(one.is_asleep for one in others):
            self.world.crime(self.index, "resumed while the old socket is open")
            await self.close(1011, "Internal error encountered.")
            return
        if handle not in self.world.handles:
            raise Refused(1008, "BidiGenerateContent session not found")
        memory, model = self.world.handles[handle]
        if model != self.model:
            raise Refused(1007, "Invalid session handle | of another model")
        self.memory = memory.copy()

    async def give_handle(self, at_start: bool = False) -> None:
        mode = self.world.switches["handles"]
        if not self.resumes or mode == "never" or (mode == "start" and not at_start):
            return
        handle = f"handle-{self.world.key}-{len(self.world.handles)}"
        self.world.handles[handle] = (self.memory.copy(), self.model)
        update = {"newHandle": handle, "resumable": True}
        if self.world.switches["index"]:
            update["lastConsumedClientMessageIndex"] = str(self.received)
        await self.send({"sessionResumptionUpdate": update})

    # -- Turns

    def is_blocked(self) -> bool:
        return any(call["blocking"] for call in self.memory.calls.values())

    async def barge(self, why: str, is_users: bool = True) -> None:
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
            if is_users:
                self.memory.barged.update(self.memory.pending)
                self.memory.answered += self.memory.pending
            if not self.world.switches["cancel_interrupts"]:
                return
        elif not spoken and not self.world.switches["late_interrupt"]:
            return
        if spoken:
            self.memory.barged.update(generation.questions)
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
        again = self.memory.barged.intersection(questions)
        self.memory.answered = [one for one in self.memory.answered if one not in again]
        self.memory.barged -= again
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
        start = self.continues.pop(questions[-1], 0) if questions else 0
        await self._generate(self.memory.pending if fresh or not questions else questions,
                             start if self.world.switches["obeys"] else 0)

    async def _generate(self, questions: list[int], start: int = 0) -> None:
        if self.generation:
            self.generation.cancel()
        self.generation = Generation(self, list(questions), start=start)
        self.generation.start()

