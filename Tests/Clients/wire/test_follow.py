"""`turnkeeper sessions follow`: what somebody reads in a terminal while people talk."""

import asyncio
import contextlib
import json
import re

import pytest
from relay import soon
from tenants import Session, tenants
from turnkeeper import PROGRAM

ACME, NEIGHBOUR = "acme-client-key-0123456789", "neighbour-client-key-0123456789"
POLICIES = {
    "acme.yaml": "match: { keys: [env:ACME_KEY] }\nupstream: { url: UPSTREAM }",
    "neighbour.yaml": "match: { keys: [env:NEIGHBOUR_KEY] }\nupstream: { url: UPSTREAM }",
}
MODEL = "gemini-3.1-flash-live-preview"
LANES = ["user", "turnkeeper", "gemini"]


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", ACME)
    monkeypatch.setenv("NEIGHBOUR_KEY", NEIGHBOUR)


class Followed:
    """A command that goes on, and its lines so far."""

    def __init__(self, process):
        self.process, self.lines = process, []
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip("\n"))

    async def until(self, wanted):
        async with asyncio.timeout(20):
            while not wanted(self.lines):
                await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def following(proxy, *words):
    """Once it has drawn its lanes."""
    command = (PROGRAM, "sessions", "follow", *words, "--data", proxy.data)
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=asyncio.subprocess.PIPE)
    followed = Followed(process)
    try:
        await followed.until(lambda lines: len(lines) >= 2)
        yield followed
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await soon(process.wait())
        await soon(followed.reading)


async def says(session, *pieces):
    """Gemini answers a question, its transcript in pieces."""
    content = {"turns": [{"role": "user", "parts": [{"text": "?"}]}], "turnComplete": True}
    await session.client.send(json.dumps({"clientContent": content}))
    await soon(session.gemini.recv())
    for part in [{"outputTranscription": {"text": piece}} for piece in pieces] + [{"turnComplete": True}]:
        await session.gemini.send(json.dumps({"serverContent": part}))
        await soon(session.client.recv())


def cells(line):
    return [cell.strip() for cell in line.split("│")]


async def in_ledger(proxy, id):
    """Whoever follows it finds it there a moment after it has begun."""
    async with asyncio.timeout(20):
        while True:
            show = await asyncio.create_subprocess_exec(
                *map(str, (PROGRAM, "sessions", "show", id, "--data", proxy.data)),
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )
            if await show.wait() == 0:
                return
            await asyncio.sleep(0.1)


async def test_all_sessions_each_under_its_tenant_in_whole_utterances(start):
    async with tenants(start, POLICIES) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, NEIGHBOUR)
        await in_ledger(proxy, one.id)
        await in_ledger(proxy, other.id)
        async with following(proxy, "--width", "300") as followed:
            assert cells(followed.lines[0]) == ["seconds", *LANES]
            assert set(followed.lines[1]) == {"─", "┼"}
            for session, words in ((one, "one"), (other, "two"), (one, "three")):
                await says(session, f"This is {words}", ", said in", " pieces.")
                await followed.until(lambda lines: any(f"{words}, said in pieces." in line for line in lines))
            body = followed.lines[2:]
            # A line of its own whenever somebody else goes on, and only then.
            heads = [line for line in body if "│" not in line]
            first, second = (f"{tenant}  {MODEL}  {session.id}" for tenant, session in (("acme", one), ("neighbour", other)))
            assert [head for at, head in enumerate(heads) if at == 0 or heads[at - 1] != head] == heads
            assert [head for head in heads if head in (first, second)] == heads and heads[-3:] == [first, second, first]
            utterances = [cells(line) for line in body if "said in" in line]
            assert [cell[3] for cell in utterances] == [f"says: This is {word}, said in pieces." for word in ("one", "two", "three")]
            # By the clock of each session, in gemini's lane.
            assert all(re.fullmatch(r"\d+\.\d{3}", cell[0]) and cell[1:3] == ["", ""] for cell in utterances)


async def test_one_session_until_it_ends(start):
    async with tenants(start, POLICIES) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        other = await Session.open(proxy, gemini, NEIGHBOUR)
        await in_ledger(proxy, one.id)
        async with following(proxy, one.id[:-2]) as followed:
            await says(other, "Not for you.")
            await says(one, "The last ", "words")
            await one.client.close()
            # By itself, with all that was said.
            assert await asyncio.wait_for(followed.process.wait(), 20) == 0
            await soon(followed.reading)
        text = "\n".join(followed.lines)
        assert "says: The last words" in text and "Not for you" not in text
        # It need not be named on every line, nor in between.
        assert "acme" not in text and all("│" in line for line in followed.lines[2:])
        assert sum("says:" in line for line in followed.lines) == 1


async def test_an_utterance_is_shown_when_nobody_goes_on(start):
    """Two seconds after its last piece; somebody watches who wants to know."""
    async with tenants(start, POLICIES) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        await in_ledger(proxy, one.id)
        async with following(proxy, one.id) as followed:
            await one.gemini.send(json.dumps({"serverContent": {"outputTranscription": {"text": "Well, ..."}}}))
            await followed.until(lambda lines: any("says: Well, ..." in line for line in lines))


async def test_nothing_that_was_said_controls_the_terminal_and_lines_are_as_wide_as_asked(start):
    async with tenants(start, POLICIES) as (gemini, proxy):
        one = await Session.open(proxy, gemini, ACME)
        await in_ledger(proxy, one.id)
        async with following(proxy, one.id, "--width", "80") as followed:
            await says(one, "\x1b[2J\x07\u009b31m wiped\nacme  forged  head │ " + "long " * 40 + "end")
            await followed.until(lambda lines: any("end" in line for line in lines))
        text = "\n".join(followed.lines)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
        assert max(map(len, followed.lines)) <= 80
        assert not any(line.startswith("acme") for line in followed.lines)


async def test_a_session_that_is_not_there(start):
    async with tenants(start, POLICIES) as (gemini, proxy):
        await in_ledger(proxy, (await Session.open(proxy, gemini, ACME)).id)
        command = (PROGRAM, "sessions", "follow", "nobody", "--data", proxy.data)
        process = await asyncio.create_subprocess_exec(
            *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        said, error = await soon(process.communicate())
        assert process.returncode == 1 and not said and b"no session nobody" in error
