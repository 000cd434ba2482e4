"""One session's world: what the service will do to it, and the log of what happened."""

import asyncio
import dataclasses
import itertools
import random
import time

from .families import FAMILIES, SWITCHES, Family
from .memory import Memory

HEALTHY = {"kind": "audio", "first": 0.2, "chunks": 5, "every": 0.04, "gap": 0.15}


@dataclasses.dataclass
class Reply:
    number: int
    connection: int
    questions: list[int]
    chunks: int
    attempt: int
    kind: str
    whole: bool = False
    finished: bool = False      # generationComplete has been sent
    started: float = 0.0
    asked_at: float = 0.0


class World:
    """`attempts`: question -> directives, one for each time an answer to it is begun; then healthy.

    A directive that says `"sticks": true` holds for every further attempt on the same connection.
    """

    def __init__(self, key: str, family: str, attempts=None, setups=None, inputs=None, idle=None, switches=None,
                 usual=None):
        self.key = key
        self.family: Family = FAMILIES[family]
        self.attempts = {int(question): list(each) for question, each in (attempts or {}).items()}
        self.planned = {question: len(each) for question, each in self.attempts.items()}
        self.setups = dict(enumerate(setups or [])) if isinstance(setups, list) else {
            int(at): each for at, each in (setups or {}).items()}
        self.inputs = {int(question): list(each) for question, each in (inputs or {}).items()}
        self.idle = {int(question): dict(each) for question, each in (idle or {}).items()}
        self.switches = SWITCHES | (switches or {})
        self.usual = HEALTHY | (usual or {})
        self.stuck: dict[tuple[int, int], dict] = {}
        self.tried: dict[int, int] = {}
        self.handles: dict[str, tuple[Memory, str]] = {}
        self.replies: dict[int, Reply] = {}
        self.numbers = itertools.count(20000)
        self.serials = itertools.count(1)
        self.connections: list = []
        self.log: list[dict] = []
        self.crimes: list[str] = []   # what a legal upstream closes for
        self.broken: list[str] = []   # mistakes of the adversary itself
        self.sent: list[tuple[int, bytes, float]] = []
        self.got: list[tuple[int, str | bytes]] = []
        self.setup_payloads: list[str | bytes] = []
        self.dice = random.Random(key)
        self.spelled: dict[int, set[int]] = {}   # question -> places whose words were sent
        self.usage = 0                # tokens reported in whole messages
        self.changed = asyncio.Event()

    def note(self, connection: int, what: str, **detail) -> None:
        self.log.append({"t": time.monotonic(), "c": connection, "what": what, **detail})
        self.changed.set()

    def crime(self, connection: int, what: str) -> None:
        self.crimes.append(f"connection {connection}: {what}")
        self.note(connection, "crime", crime=what)

    def directive(self, connection: int, questions: list[int]) -> dict:
        """What happens to this attempt to answer; the newest question decides."""
        question = questions[-1] if questions else 0
        if stuck := self.stuck.get((connection, question)):
            return self.usual | stuck
        self.tried[question] = self.tried.get(question, 0) + 1
        waiting = self.attempts.get(question)
        chosen = waiting[0] if waiting else {}
        if waiting and "calls" not in chosen:       # a call is owed until it was made
            waiting.pop(0)
        if chosen.get("sticks"):
            self.stuck[connection, question] = chosen
        return self.usual | chosen

    def is_noisy(self) -> bool:
        return self.dice.random() < self.switches["noise"]

    def events(self, *names: str) -> list[dict]:
        return [each for each in self.log if each["what"] in names]

    async def until(self, condition, seconds: float) -> bool:
        """Waits for what the log will show."""
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), min(left, 0.5))
            except TimeoutError:
                pass
        return True
