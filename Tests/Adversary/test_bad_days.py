"""A day on which every attempt to answer is closed with a chance of 85 or 90 %, drawn anew each time."""

import asyncio
import random

import pytest

from adversary.answers import wrong_with
from adversary.clients import setup

SESSIONS, TURNS = 20, 20
TRIED = 30          # connections that a turn may take of one model
FAMILIES = ["2.5", "3.1", "3.8"]
NONE = {"policy": "models: { fallback: {} }\n"}


def drawn(share: float, seed: int) -> list[dict[int, list[dict]]]:
    """For each session, for each question, the attempts that fail before one succeeds."""
    dice = random.Random(f"{share} {seed}")

    def failures() -> list[dict]:
        found = []
        while dice.random() < share:
            found.append({"first": 0, "die": {"at": 0, "after": round(dice.uniform(0.05, 3.0), 2)}})
        return found

    return [{question: failures() for question in range(1, TURNS + 1)} for _ in range(SESSIONS)]


def unlucky(days: list[dict[int, list[dict]]], attempts: int) -> int:
    return sum(len(failures) > attempts for day in days for failures in day.values())


class Day:
    """One session's twenty turns, and which of them were answered."""

    def __init__(self, stage, family: str, failures: dict[int, list[dict]]):
        self.failures = {question: len(each) for question, each in failures.items()}
        self.world = stage.world(family, attempts=failures)
        self.stage, self.family = stage, family
        self.answered: list[int] = []
        self.wrong: list[str] = []

    async def pass_by(self) -> None:
        async with self.stage.client(self.world) as self.client:
            await self.client.begin(setup(self.family))
            for question in range(1, TURNS + 1):
                await self.client.say(question, 0.5, speed=0)
                ended = lambda: len(self.client.turns) >= question  # noqa: B023, E731
                await self.client.until(lambda: ended() or self.client.closed, 240)
                if self.client.closed or not ended():
                    self.wrong.append(f"question {question}: closed {self.client.closed}, ended {ended()}")
                    break
                chunks = self.client.turns[question - 1].chunks
                if not (error := wrong_with(chunks, question, self.world)):
                    self.answered.append(question)
                elif chunks:
                    self.wrong.append(f"question {question}: {error}")
            if len(self.client.turns) > TURNS:
                self.wrong.append(f"{len(self.client.turns)} ends")

    def lost(self) -> list[tuple[int, int]]:
        """The questions that got no answer, each with the failures that it was to meet."""
        return [(question, self.failures[question]) for question in self.failures if question not in self.answered]


async def live_through(stage, family: str, share: float, seed: int) -> list[Day]:
    days = [Day(stage, family, failures) for failures in drawn(share, seed)]
    await asyncio.gather(*(day.pass_by() for day in days))
    return days


def judge(days: list[Day], least: float, attempts: int, may_close: bool = False) -> None:
    crimes = [crime for day in days for crime in day.world.crimes]
    assert not crimes, crimes[:4]
    wrong = [each for day in days for each in day.wrong if not (may_close and "closed (" in each)]
    assert not wrong, wrong[:4]
    count = sum(len(day.answered) for day in days)
    assert count >= least * SESSIONS * TURNS, f"{count} answered; lost (failures): {[day.lost() for day in days]}"
    early = [(question, failures) for day in days if not day.client.closed
             for question, failures in day.lost() if failures < attempts]
    assert not early, f"given up, question after how many failures would have been answered: {early}"


def lasting(seconds: int, **policy):
    def mark(function):
        function.longest, function.policy = seconds, policy
        return function
    return mark


SEEDS = {0.85: 14, 0.9: 6}     # chosen so that the draw is fair: see the first test


@pytest.mark.parametrize("share,attempts,least", [(0.85, TRIED, 0.99), (0.9, TRIED, 0.95), (0.9, 2 * TRIED, 1)])
def test_the_draw_is_fair(share, attempts, least):
    """What is asked for below can be had, and failures are as frequent as they are said to be."""
    days = drawn(share, SEEDS[share])
    assert unlucky(days, attempts - 1) <= (1 - least) * SESSIONS * TURNS
    failures = sum(len(each) for day in days for each in day.values())
    assert abs(failures / (failures + SESSIONS * TURNS) - share) < 0.01


@lasting(900)
@pytest.mark.parametrize("family", FAMILIES)
async def test_twenty_turns_of_twenty_sessions_at_85_percent(stage, family):
    judge(await live_through(stage, family, 0.85, SEEDS[0.85]), 0.99, TRIED)


@lasting(1500, **NONE)
@pytest.mark.parametrize("family", FAMILIES)
async def test_twenty_turns_of_twenty_sessions_at_90_percent_without_a_sibling(stage, family):
    judge(await live_through(stage, family, 0.9, SEEDS[0.9]), 0.95, TRIED, may_close=True)


@lasting(1500)
@pytest.mark.parametrize("family", FAMILIES)
async def test_twenty_turns_of_twenty_sessions_at_90_percent_with_a_sibling(stage, family):
    judge(await live_through(stage, family, 0.9, SEEDS[0.9]), 1, 2 * TRIED)
