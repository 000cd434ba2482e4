"""One attempt of gemini to answer."""

import asyncio
import base64
import time
import traceback

from . import sound
from .world import Reply


ON_THE_WAY = 0.03     # seconds in which a close may overtake what was sent before it


class Generation:
    def __init__(self, connection, questions: list[int], start: int = 0, again: list[dict] | None = None):
        self.connection, self.world = connection, connection.world
        self.questions, self.again = questions, again
        self.directive = dict(self.world.usual) if again else self.world.directive(connection.index, questions)
        self.first_place = min(start, self.directive["chunks"] - 1)    # who has nothing left repeats the last
        number = next(self.world.numbers)
        self.reply = Reply(
            number, connection.index, questions, self.directive["chunks"],
            self.world.tried.get(questions[-1] if questions else 0, 0), self.directive["kind"],
            asked_at=time.monotonic(),
        )
        self.world.replies[number] = self.reply
        self.is_busy, self.has_spoken, self.is_stuck = True, False, False
        self.owes_more = 0
        self.results = asyncio.Event()
        self.task: asyncio.Task | None = None

    def start(self) -> None:
        self.world.note(self.connection.index, "begins", reply=self.reply.number, questions=self.questions,
                        directive=self.directive, known=self.connection.memory.everything(),
                        instruction=self.connection.memory.instruction, voice=self.connection.memory.voice,
                        tools=list(self.connection.memory.tools))
        self.task = asyncio.ensure_future(self._run())
        self.task.add_done_callback(self._report)

    def _report(self, task: asyncio.Task) -> None:
        """A mistake of the adversary's own must not look like a silent model."""
        if not task.cancelled() and task.exception():
            self.world.broken.append(repr(task.exception()))
            traceback.print_exception(task.exception())

    def cancel(self) -> None:
        self.is_busy = False
        if self.task and self.task is not asyncio.current_task():
            self.task.cancel()

    def result_came(self) -> None:
        self.results.set()

    def usage(self) -> dict:
        memory = self.connection.memory
        sound_heard = int(memory.seconds * 25) + sum(3 * (word + 1) for word in memory.told.values())
        text = 20 + 3 * len(memory.words)
        prompt, answer = sound_heard + text, self.directive["chunks"] * 3
        named = "candidates" if self.connection.family.on_vertex else "response"
        return {"usageMetadata": {
            "promptTokenCount": prompt, f"{named}TokenCount": answer, "totalTokenCount": prompt + answer,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": text},
                                    {"modality": "AUDIO", "tokenCount": sound_heard}],
            f"{named}TokensDetails": [{"modality": "AUDIO", "tokenCount": answer}],
            "futureCount": next(self.world.serials),
        }}

    # -- The course of a reply

    async def _run(self) -> None:
        connection, how = self.connection, self.directive
        kind = how["kind"]
        dies = how.get("die")
        await self._transcribe_input()
        await asyncio.sleep(how["first"])
        if dies and dies["at"] <= 0:
            await self._die(dies)
            return
        if kind == "nothing":
            self.is_stuck = True        # nobody hears from it again
            return
        if how.get("phantom"):
            await connection.send({"serverContent": {"interrupted": True}})
        calls = self.again or how.get("calls")
        if how.get("filler"):
            await self._filler()
        if calls and not await self._call(calls):
            return
        if kind == "empty":
            await self._end(bare=True)
            return
        if kind == "text":
            await connection.send({"serverContent": {"modelTurn": {"parts": [{"text": "Hm."}]}}})
            await self._end(bare=True)
            return
        if how.get("deaf"):             # the result is ignored
            self.is_stuck = True
            return
        if not await self._speak():
            return
        await self._finish()

    async def _transcribe_input(self) -> None:
        connection = self.connection
        if not connection.transcribes_input or self.directive.get("mute_transcript"):
            return
        for question in self.questions:
            places = sorted(connection.memory.sound.get(question, ()))
            done = connection.transcribed.setdefault(question, set())
            new = [place for place in places if place not in done]
            done.update(new)
            if new and self.world.switches["interim"]:
                interim = {"interimInputTranscription": {"text": f" q{question}"}}
                await connection.send({"serverContent": interim})
            if new:
                words = "".join(f" q{question}s{place}" for place in new)
                await self._spell(question, new, {"serverContent": {"inputTranscription": {"text": words}}})

    async def _spell(self, question: int, places: list[int], message: dict) -> None:
        async def spell() -> None:
            self.world.spelled.setdefault(question, set()).update(places)
            await self.connection.send(message)
        if late := self.world.switches["late_words"]:
            self.connection.later(late, spell)
        else:
            await spell()

    async def _filler(self) -> None:
        await self.connection.send(self._chunk(900))
        await asyncio.sleep(0.05)
        await self.connection.send({"serverContent": {"generationComplete": True}})
        await self.connection.send(
            {"serverContent": {"turnComplete": True, "interactionStatus": "IN_PROGRESS"}})
        await asyncio.sleep(0.1)

    async def _call(self, calls: list[dict]) -> bool:
        connection, family = self.connection, self.connection.family
        if calls is not self.again:
            for place in range(self.directive.get("before_call", 0)):
                await connection.send(self._chunk(800 + place))
                self.has_spoken = True
        made = []
        for call in calls if not connection.memory.calls else []:
            identity = f"call-{self.world.key}-{next(self.world.serials)}"
            blocking = connection.behaviors.get(call["name"], "BLOCKING") == "BLOCKING"
            connection.memory.calls[identity] = call | {"id": identity, "blocking": blocking}
            made.append({"id": identity, "name": call["name"], "args": call["args"]})
        connection.called_at = time.monotonic()
        waiting = self.world.attempts.get(self.target)
        if waiting and waiting[0].get("calls") is calls:
            waiting.pop(0)
        if made:
            self.world.note(connection.index, "called", calls=made, questions=self.questions)
            if self.directive.get("streamed"):
                parts = [{"id": made[0]["id"], "name": made[0]["name"], "partialArgs": [
                    {"jsonPath": "$.of", "stringValue": made[0]["args"]["of"][:1]}], "willContinue": True}]
                await connection.send({"toolCall": {"functionCalls": parts}})
                await asyncio.sleep(0.1)
            await connection.send({"toolCall": {
                "functionCalls": made, "futureField": f"beside-{next(self.world.serials)}"}})
            if self.world.switches["handle_in_call"]:
                await connection.give_handle()
        if dies := self.directive.get("die_in_call"):
            await asyncio.sleep(dies.get("after", 0.0))
            await self._die(dies)
            return False
        if cancelled := self.directive.get("cancels"):
            await asyncio.sleep(cancelled["after"])
            ids = [made[at]["id"] for at in cancelled["calls"]]
            for identity in ids:
                connection.memory.calls.pop(identity, None)
            await connection.send({"toolCallCancellation": {"ids": ids}})
        if family.ends_at_call and not (family.name == "3.8" and connection.is_blocked()):
            usage = self.usage()
            await connection.send(
                {"serverContent": {"turnComplete": True} | self._status("IN_PROGRESS"), **usage},
                usage["usageMetadata"]["totalTokenCount"])
        if connection.memory.calls:
            await self.results.wait()
        for place in range(self.directive.get("tail", 0)):
            await connection.send(self._chunk(850 + place))
            await asyncio.sleep(0.02)
        if dies := self.directive.get("die_after_result"):
            await asyncio.sleep(dies.get("after", 0.0))
            await self._die(dies)
            return False
        await asyncio.sleep(0.1)
        return True

    async def _speak(self) -> bool:
        connection, how = self.connection, self.directive
        dies = how.get("die")
        for place in range(self.first_place, how["chunks"]):
            if dies and dies["at"] == place and place > 0:
                await self._die(dies)
                return False
            if how.get("freeze") == place:
                self.is_stuck = True
                return False
            message = self._chunk(place)
            if place == how["chunks"] - 1 and self._ends_at_once():
                message["serverContent"] |= {"generationComplete": True, "turnComplete": True} | self._status("IDLE")
                message |= self.usage()
            words = {"outputTranscription": {"text": f" a{self.target}w{place}"}}
            if connection.transcribes_output and self.world.switches["bundles"]:
                message["serverContent"] |= words
            self.has_spoken = True
            if not self.reply.started:
                self.reply.started = time.monotonic()
                self.world.note(connection.index, "speaks", reply=self.reply.number, questions=self.questions)
            if "usageMetadata" in message:
                if connection.transcribes_output and not self.world.switches["bundles"]:
                    await connection.send({"serverContent": words})
                connection.memory.told[self.target] = place
                await self._end(message=message)
                connection.later(ON_THE_WAY, self._arrived)
                return False
            await connection.send(message)
            if dies and dies.get("behind") == place:
                await self._die(dies)       # before anything else is said
                return False
            if connection.transcribes_output and not self.world.switches["bundles"]:
                await connection.send({"serverContent": words})
            connection.memory.told[self.target] = place
            if how.get("goaway_at") == place:
                await connection.go_away(how.get("left", 8))
            await asyncio.sleep(how["every"])
        if dies and dies["at"] == how["chunks"]:
            await self._die(dies)
            return False
        return True

    def _ends_at_once(self) -> bool:
        """All in one message, where nothing is to happen in between."""
        how = self.directive
        return self.world.switches["ends_at_once"] and not (
            how.get("die") or how.get("goaway_at") is not None or how["gap"] > 1 or how["kind"] != "audio")

    async def _finish(self) -> None:
        connection, how = self.connection, self.directive
        dies = how.get("die")
        if not how.get("without_generation_complete"):
            await connection.send({"serverContent": {"generationComplete": True}})
        connection.later(ON_THE_WAY, self._arrived)
        await asyncio.sleep(how["gap"])
        if dies and dies["at"] == how["chunks"] + 1:
            await self._die(dies)
            return
        await self._end()
        if dies and dies["at"] == how["chunks"] + 2:
            await self._die(dies)

    async def _arrived(self) -> None:
        self.reply.finished = True

    async def _end(self, bare: bool = False, message: dict | None = None) -> None:
        connection = self.connection
        if message is None:
            message = {"serverContent": {"turnComplete": True} | self._status("IDLE"), **self.usage()}
        usage = message["usageMetadata"]
        self.is_busy = False
        spoke = not bare and self.directive["kind"] in ("audio",)
        if spoke:
            self.reply.whole = True
            connection.memory.answered += [
                one for one in self.questions if one not in connection.memory.answered]
        await connection.send(message, usage["totalTokenCount"])
        self.world.note(connection.index, "ends", reply=self.reply.number, questions=self.questions, bare=bare,
                        usage=usage["futureCount"])
        if connection.generation is self:
            connection.generation = None
        if spoke:
            await connection.give_handle()
            await self._idle_fault()
        if self.owes_more:
            self.owes_more -= 1
            await connection._generate([])

    async def _idle_fault(self) -> None:
        fault = self.world.idle.pop(self.target, None) if self.questions else None
        if fault:
            self.connection.later(fault.get("after", 0.3), lambda: self.connection.die(fault)
                                  if "goaway" not in fault else self.connection.go_away(fault["goaway"]))

    async def _die(self, dies: dict) -> None:
        if dies.get("after"):
            await asyncio.sleep(dies["after"])
        self.is_busy = False
        self.world.note(self.connection.index, "dies", reply=self.reply.number, at=dies.get("at"))
        await self.connection.die(dies)

    def _status(self, status: str) -> dict:
        return {"interactionStatus": status} if self.connection.family.has_status else {}

    @property
    def target(self) -> int:
        return self.questions[-1] if self.questions else 0

    def _chunk(self, place: int) -> dict:
        peak = self.directive.get("peak", 0) if self.directive["kind"] == "quiet" else 0
        pcm = sound.chunk(self.reply.number, place, 24000, self.directive.get("chunk_ms", 100), peak)
        part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(pcm).decode()}}
        return {"serverContent": {"modelTurn": {"role": "model", "parts": [part]}}}
