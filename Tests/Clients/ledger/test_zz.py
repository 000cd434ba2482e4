"""Three nodes behind HAProxy, with one PostgreSQL, under load: what callers notice, what gemini is asked, and
what the books say when nodes are killed and replaced, and when the database is."""

import asyncio
import os
import random
import time

import accounts
import pytest
from accounts import percentiles
from callers import Caller, Racer, talking
from service import GEMINI_KEY, KEY, NAMES, service
from tenants import AUDIO_TOKENS_PER_DOLLAR, CONSTRAINED
from watching import until

# `make test-nodes CALLERS=300` is for a machine with more than two cores.
CALLERS = int(os.environ.get("CALLERS", 66))
GENAI = CALLERS // 11
RAW = CALLERS - GENAI
# In which one who redials goes on.
RETURN = 3
# Whoever waits so long, on any machine, waits for nothing.
HANGS = 15


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("GEMINI_KEY", GEMINI_KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def assert_sound(events):
    """Whatever happens."""
    assert accounts.misheard(events) == []
    assert accounts.doubled(events) == []
    assert accounts.driven_twice(events) == []
    assert accounts.still_away(events) == []


def told(name, events):
    turns, let_in = accounts.seconds_of_turns(events), accounts.seconds_let_in(events)
    back = [redial.seconds for redial in accounts.redials(events)]
    print(f"\n{name}: turns {percentiles(turns)}; back after {percentiles(back)}, of that {percentiles(let_in)} at a node")
    assert max(turns) < HANGS and max(back, default=0) < HANGS
    if back:
        # All who lost a node dial at once, each with TLS, from one process: what that costs is this machine's.
        assert accounts.part(let_in, 0.99) <= RETURN and accounts.part(back, 0.5) <= RETURN


async def test_nodes_are_killed(start, postgres, tmp_path):
    # Some conversations go on by their handle, some are told in words.
    async with service(start, postgres, tmp_path, forgets=4) as three:
        dice = random.Random(9)
        async with talking(three.callers(Caller, RAW, GENAI)):
            await asyncio.sleep(6)
            for number in range(10):
                name = NAMES[number % 3]
                await three.kill(name)
                await asyncio.sleep(dice.uniform(0.5, 1.5))
                await three.start(name)
                await three.is_found(name)
            await asyncio.sleep(4)
        await three.written()
        events, rounds = three.record.events, three.rounds()
        books = three.books()
        told("killed", events)
        assert accounts.refused(events) == []
        redials = accounts.redials(events)
        assert len(redials) > 60
        assert [back for back in redials if back.dials > 1 or not back.has_handle] == []
        assert len(accounts.of(events, "gone")) > 10
        nodes = dict(postgres.rows("SELECT id, node FROM sessions"))
        # It says why gemini closed.
        wrong = accounts.misheard(events)
        if wrong:
            first = {}
            for event in wrong:
                first.setdefault(event.who, event)
            for who, event in list(first.items())[:4]:
                print("WRONG", event)
                for each in events:
                    if each.who == who and abs(each.at - event.at) < 9:
                        print(f"{each.at - event.at:8.3f}", each.what, each.turn, each.line, str(each.value)[:60])
                ids = [each.value for each in events if each.who == who and each.what == "at"]
                for id in ids:
                    for row in postgres.rows(f"SELECT at, lane, what, text FROM timeline WHERE session = '{id}' ORDER BY at"):
                        print(id[:6], row)
        assert_sound(events)
        assert accounts.closed_elsewhere(events, nodes) == []
        forgotten = accounts.forgotten(events, rounds)
        missing = accounts.missing_from_books(events, books, rounds)
        turns = len(accounts.of(events, "hears"))
        # A session of which something may be missing says so.
        sessions = accounts.sessions_of(events, {loss.bill for loss in missing})
        await until(lambda: sessions <= three.unfinished())
        for name, losses in (("forgotten", forgotten), ("not in the books", missing)):
            ages = percentiles([loss.age for loss in losses])
            print(f"of {turns} turns {name}, by their age at the kill: {ages}")
            assert [loss for loss in losses if not loss.is_excused] == []
        print(f"in {len(sessions)} sessions, which say that they are unfinished")
        assert accounts.too_much_in_books(events, books) == []


async def test_nodes_are_replaced_one_after_another(start, postgres, tmp_path):
    async with service(start, postgres, tmp_path) as three:
        async with talking(three.callers(Caller, RAW, GENAI)):
            await asyncio.sleep(6)
            for name in NAMES:
                print(f"{name} is gone after {await three.drain(name):.1f} s")
                await three.start(name)
                await three.is_found(name)
            await asyncio.sleep(2)
        books, events = await three.all_is_written(), three.record.events
        told("replaced", events)
        assert len(accounts.of(events, "closed")) > RAW
        assert accounts.closed_amiss(events) == []
        assert [back for back in accounts.redials(events) if not back.has_handle] == []
        assert accounts.refused(events) == []
        assert_sound(events)
        assert accounts.forgotten(events, {}) == []
        assert accounts.missing_from_books(events, books) == []
        assert accounts.too_much_in_books(events, books) == []


async def in_mid_batch(postgres):
    """Returns when each node has rows on their way that it cannot commit yet."""
    held = "BEGIN; SELECT * FROM position FOR UPDATE; SELECT pg_sleep(30); COMMIT"
    holding = asyncio.create_task(asyncio.to_thread(postgres.psql, held, check=False))
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND application_name = 'turnkeeper'"
    )
    await until(lambda: postgres.number(waiting) >= len(NAMES))
    return holding


async def test_the_database_is_stopped_and_killed(start, postgres, tmp_path):
    async with service(start, postgres, tmp_path) as three:
        async with talking(three.callers(Caller, RAW, GENAI)):
            # As long as until the first of them have had a long turn.
            await asyncio.sleep(10)
            outage = time.time()
            await asyncio.to_thread(postgres.stop)
            await asyncio.sleep(60)
            back = time.time()
            await asyncio.to_thread(postgres.start)
            for _ in range(3):
                await three.written()
                holding = await in_mid_batch(postgres)
                await asyncio.to_thread(postgres.crash)
                await holding
                await asyncio.to_thread(postgres.start)
            await three.written()
        books, events = await three.all_is_written(), three.record.events
        before = accounts.seconds_on_the_way(events, end=outage)
        during = accounts.seconds_on_the_way(events, outage, back)
        print(f"\non the way: {percentiles(before)} before the outage, {percentiles(during)} in it")
        told("without the database", events)
        assert accounts.of(events, "closed", "refused") == []
        # Whoever waited for it would wait for seconds.
        assert len(during) > 5 * CALLERS
        assert accounts.part(during, 0.99) < 2 * accounts.part(before, 0.99) + 0.3
        assert_sound(events)
        assert accounts.missing_from_books(events, books) == []
        assert accounts.too_much_in_books(events, books) == []


async def test_a_limit_of_sessions_holds_while_nodes_die(start, postgres, tmp_path):
    limit = 100
    policy = f"limits: {{ sessions: {limit} }}\n"
    async with service(start, postgres, tmp_path, policy) as three:
        async with talking(three.callers(Racer, 2 * limit)):
            await asyncio.sleep(6)
            for name in NAMES[:2]:
                await three.kill(name)
                await three.start(name)
                await three.is_found(name)
                await asyncio.sleep(2)
        events = three.record.events
        # From when gemini has it to when its client lets go.
        peak = accounts.peak(events, "set up", "leaves", "closed", "refused")
        came, ups = len(accounts.of(events, "dials")), len(accounts.of(events, "up"))
        print(f"\nat most {peak} of {limit} sessions at once; {came} came, {ups} were let in")
        assert peak <= limit
        assert peak > limit * 0.8 and came > 2 * ups, "there was no race"


async def test_a_days_budget_holds_wherever_calls_land(start, postgres, tmp_path):
    tokens, first_bill = 120_000, 1000
    policy = f"budget: {{ day_usd: {tokens / AUDIO_TOKENS_PER_DOLLAR:.6f} }}\n"
    async with service(start, postgres, tmp_path, policy, first_bill=first_bill) as three:
        callers, events = three.callers(Caller, 30), three.record.events
        async with talking(callers):
            await until(lambda: len({event.who for event in accounts.of(events, "closed")}) == len(callers), 60)
            # They come again, and are refused.
            await asyncio.sleep(2)
        spent = sum(event.value for event in accounts.of(events, "bills"))
        since = accounts.used_up(events, tokens)
        known = accounts.all_know(since, three.rounds())
        print(f"\nspent {spent / tokens - 1:.1%} too much; all nodes knew after {known - since:.2f} s")
        assert {event.value for event in accounts.of(events, "closed")} == {1008}
        assert accounts.beyond_budget(events, known) == []
        assert known < max(event.at for event in events)


async def test_a_token_opens_as_many_sessions_as_it_may(start, postgres, tmp_path):
    async with service(start, postgres, tmp_path) as three:
        events = three.record.events

        async def race(disturb):
            begun = len(events)
            token = await asyncio.to_thread(three.mint, 3)
            racers = three.callers(Racer, 30)
            for racer in racers:
                racer.path = f"{CONSTRAINED}?access_token={token}"
            async with talking(racers):
                await until(lambda: len(accounts.of(events[begun:], "dials")) >= len(racers))
                await disturb()
                await until(lambda: len(accounts.of(events[begun:], "refused")) >= 2 * len(racers))
            return len(accounts.of(events[begun:], "set up"))

        async def nothing():
            pass

        async def death():
            await three.kill("a")
            await three.start("a")

        assert await race(nothing) == 3
        # A use may go with a node that dies; none is made.
        assert await race(death) <= 3
        assert await race(nothing) == 3
