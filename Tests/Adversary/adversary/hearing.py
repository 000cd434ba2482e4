"""What gemini makes of each message that reaches it."""

import asyncio
import base64
import json
import re
import time

from . import sound
from .memory import ANSWER, QUESTION
from .messages import texts

INVALID = "Request contains an invalid argument."
CROSSING = 0.3      # seconds in which input and a call may cross each other on the way
BURST = 65          # seconds of audio that may run ahead of the clock
SILENCE_ENDS = 600  # ms of silence, as audio, that end an utterance


class Refused(Exception):
    def __init__(self, code: int, reason: str):
        self.code, self.reason = code, reason


def is_client_text(text: str) -> bool:
    """The form in which our own clients ask: everything else is somebody else's."""
    return bool(re.fullmatch(r"question q\d+( [a-z]+)+", text))


class Hearing:
    """The half of a `Connection` that takes input in."""

    async def _take(self, message: dict, payload) -> None:
        world = self.world
        if self.is_asleep or not self.is_open:
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
            if "tools" in update:           # in a wrapper: an absent one leaves them, an empty one clears them
                self.declare(update["tools"].get("tools") or [])
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
            data = each["video"].get("data", "")
            self.world.note(self.index, "video", bytes=len(data), picture=sound.picture_number(data))
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
        now = time.monotonic()
        self.ahead = max(0.0, self.ahead - (now - self.heard_at)) + len(pcm) / 2 / rate
        self.heard_at = now
        self.memory.seconds += len(pcm) / 2 / rate
        if self.ahead > BURST:
            raise Refused(1011, "Resource has been exhausted (e.g. check quota). | audio ahead of the clock")
        self.world.note(self.index, "audio", codes=found, rate=rate, bytes=len(pcm),
                        voiced=sound.is_voiced(pcm))
        for question, place in found:
            if question in self.memory.answered and question not in self.memory.barged \
                    and question not in self.activity:
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
            goes_on = self._goes_on(text) if not asks else None
            self.activity += [one for one in [*asks, goes_on] if one and one not in self.activity]
            return
        if not asks and (question := self._goes_on(text)):
            asks = [question]
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
        if len(turns) > 1 and not ANSWER.search(texts(turns[-1:])) and not is_client_text(texts(turns[-1:])):
            self.memory.read(text, False, False)       # a history that ends with a word to the model
            turns, text = turns[-1:], texts(turns[-1:])
        asks = self.memory.read(text, done, is_client_text(text))
        self.world.note(self.index, "content", text=text, done=done, questions=asks)
        if turns or not done:
            await self.barge("clientContent", is_users=bool(asks))      # any interrupts, asking or not
        if not done:
            self.held += [int(tag) for tag, _ in QUESTION.findall(text)] if is_client_text(text) else []
            return
        asks, self.held = list(dict.fromkeys(self.held + asks)), []
        if not asks and (question := self._goes_on(text)):
            asks = [question]
        if asks:
            await self._ask(asks)
        else:
            await self._nudged(text)

    def _goes_on(self, text: str) -> int | None:
        """The question whose answer these words ask to be gone on with: they quote it, and it was cut."""
        quoted = ANSWER.findall(text)
        question = int(quoted[-1][0]) if quoted else None
        if question is None or any(
                reply.whole and question in reply.questions for reply in self.world.replies.values()):
            return None
        if self.in_activity and self.activity and max(self.activity) > question:
            return None     # the user is asking something newer: that they spoke over it is being told
        self.continues[question] = max(int(word) for one, word in quoted if int(one) == question) + 1
        self.memory.answered = [one for one in self.memory.answered if one != question]
        self.world.note(self.index, "goes on", question=question, place=self.continues[question])
        return question

    async def _nudged(self, text: str) -> None:
        """Words that ask nothing by themselves."""
        switches, generation = self.world.switches, self.generation
        self.world.note(self.index, "nudged", text=text, busy=bool(generation))
        if self.in_activity:
            self.world.crime(self.index, "nudged while the user speaks")
        if switches["nudge"] == "nothing" and len(text) < 20:
            return
        if generation and generation.is_busy and not generation.is_stuck:
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
            if len(text) < 20:           # a longer one introduces a history that is told, as 2.5 wants it
                self.world.note(self.index, "made to speak", text=text)
            await self._generate([])

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
