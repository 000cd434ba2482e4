"""Bounds and budgets: who meets one is told which, and the neighbour does not notice."""

import asyncio
import base64
import contextlib
import json
import resource
import signal
import sqlite3
import subprocess
import time
import urllib.request

import pytest
from relay import MANUAL_SETUP, SETUP, closed, soon, text
from tenants import Session, Tenants, session_id, tenants, with_handle
from turnkeeper import PROGRAM
from watching import until
from websockets.exceptions import ConnectionClosed

SESSIONS = 1000


def policies(limits="", budget="", more=""):
    """Two tenants with the same upstream; only Acme is bounded."""
    # No answer here is late, however busy the machine is.
    upstream = "upstream: { url: UPSTREAM }\nstalls: { soft: off, hard: off, nudges: 0 }"
    return {
        "acme.yaml": f"match: {{ keys: [env:ACME_KEY] }}\n{upstream}\n"
        f"limits: {{ {limits} }}\nbudget: {{ {budget} }}\n{more}",
        "neighbour.yaml": f"match: {{ keys: [env:NEIGHBOUR_KEY] }}\n{upstream}",
    }


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("ACME_KEY", "acme-client-key")
    monkeypatch.setenv("NEIGHBOUR_KEY", "neighbour-client-key")


ANSWER = '{"serverContent":{"modelTurn":{"parts":[{"text":"yes"}]},"turnComplete":true}}'
ACME, NEIGHBOUR = "acme-client-key", "neighbour-client-key"


async def refusal(proxy, key=ACME, setup=SETUP):
    """What an SDK can show of it: the close that follows the setup."""
    client = await proxy.connect(key)
    await client.send(json.dumps(setup))
    code, reason = await closed(client)
    assert session_id(client) in reason
    return code, reason


async def is_counted(proxy, limit, times):
    """As often as that, and no oftener; a bound is counted behind the back of who met it."""
    await until(lambda: counted(proxy, limit) >= times)
    assert counted(proxy, limit) == times


def counted(proxy, limit, tenant="acme"):
    """How often the metrics say that a bound was met."""
    with urllib.request.urlopen(proxy.admin + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    wanted = [f'tenant="{tenant}"', f'limit="{limit}"']
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith("turnkeeper_limits_total{") and all(label in line for label in wanted)
    )


async def test_sessions_are_bounded_across_workers(start):
    async with tenants(start, policies("sessions: 3")) as (gemini, proxy):
        mine = [await Session.open(proxy, gemini, ACME) for _ in range(3)]
        for _ in range(4):
            code, reason = await refusal(proxy)
            assert code == 1008 and "limits.sessions" in reason
        await is_counted(proxy, "limits.sessions", 4)
        neighbours = [await Session.open(proxy, gemini, NEIGHBOUR) for _ in range(5)]
        for session in mine + neighbours:
            await session.turn()
        await mine[0].client.close()
        async with asyncio.timeout(20):
            while True:
                try:
                    await Session.open(proxy, gemini, ACME)
                    break
                except ConnectionClosed:
                    await asyncio.sleep(0.05)
        assert len(gemini.setups) == 9


async def test_a_fast_client_waits_and_loses_nothing(start):
    async with tenants(start, policies("messages_per_second: 40")) as (gemini, proxy):
        session = await Session.open(proxy, gemini, ACME)
        began = time.monotonic()
        sent = [text(200, f"{number} ") for number in range(160)]
        for message in sent:
            await session.client.send(message)
        assert [await soon(session.gemini.recv(), 60) for _ in sent] == sent
        # What one read took in comes at once, so that a second batch has to wait for it.
        await session.client.send("{}")
        await soon(session.gemini.recv(), 60)
        assert time.monotonic() - began > 2
        await is_counted(proxy, "limits.messages_per_second", 1)
        await session.turn()


async def test_a_long_message_is_named(start):
    async with tenants(start, policies("message: 64KiB")) as (gemini, proxy):
        session = await Session.open(proxy, gemini, ACME)
        neighbour = await Session.open(proxy, gemini, NEIGHBOUR)
        await session.client.send(text(70_000))
        code, reason = await closed(session.client)
        assert code == 1009 and "limits.message" in reason and session.id in reason
        await is_counted(proxy, "limits.message", 1)
        await neighbour.client.send(text(70_000))
        assert await soon(neighbour.gemini.recv()) == text(70_000)


def buffered(proxy, tenant="acme"):
    """Bytes that the tenant's sessions hold, by the metrics."""
    with urllib.request.urlopen(proxy.admin + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    wanted = f'turnkeeper_buffer_bytes{{tenant="{tenant}"'
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(wanted))


async def test_a_scrape_and_a_reload_reach_every_one_of_many_sessions(start):
    """A scrape finds sums that are kept; a reload visits sessions in slices. Messages flow meanwhile."""
    count = 450
    async with tenants(start, policies()) as (gemini, proxy):
        sound = base64.b64encode(bytes(range(200)) * 8).decode()
        blob = {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": sound}}}
        sessions = []

        async def begin_to_speak(session):
            await session.client.send('{"realtimeInput":{"activityStart":{}}}')
            await session.client.send(json.dumps(blob))
            assert "activityStart" in await soon(session.gemini.recv())
            assert sound in await soon(session.gemini.recv())

        for number in range(count):
            sessions.append(await Session.open(proxy, gemini, ACME, setup=MANUAL_SETUP))
            await begin_to_speak(sessions[-1])
            if number == 0:
                one = await asyncio.to_thread(buffered, proxy)
        # Of each the same, but for a few bytes of bookkeeping.
        assert one > len(sound) / 2
        assert count * one <= await asyncio.to_thread(buffered, proxy) < count * (one + 64)

        async def answer(session):
            await session.client.send('{"realtimeInput":{"activityEnd":{}}}')
            assert "activityEnd" in await soon(session.gemini.recv())
            await session.gemini.send(ANSWER)
            assert "turnComplete" in await soon(session.client.recv(decode=True))

        for session in sessions:
            await answer(session)
        await sessions[0].turn(0.5)
        # Of the whole tenant; every session has spent too much by now.
        lowered = policies(budget="day_usd: 0.1")["acme.yaml"].replace("UPSTREAM", gemini.url)
        await proxy.reload({"acme.yaml": lowered})
        for session in sessions:
            code, reason = await closed(session.client)
            assert code == 1008 and "budget.day_usd" in reason and session.id in reason
        await until(lambda: buffered(proxy) == 0)


@pytest.mark.parametrize(("limits", "bound"), [("", 4 << 20), ("buffer: 1MiB", 1 << 20)])
async def test_context_without_an_end_is_passed_on_and_kept_within_the_bound(start, limits, bound):
    """24 MB of it, of which gemini gets all; what is kept of it for another connection is little."""
    async with tenants(start, policies(limits)) as (gemini, proxy):
        session = await Session.open(proxy, gemini, ACME, setup=MANUAL_SETUP)
        before = resident(proxy)
        for number in range(400):
            turn = {"role": "user", "parts": [{"text": f"{number} " + "x" * 60_000}]}
            await session.client.send(json.dumps({"clientContent": {"turns": [turn], "turnComplete": False}}))
            heard = json.loads(await soon(session.gemini.recv()))
            assert heard["clientContent"]["turns"] == [turn]
        assert await asyncio.to_thread(buffered, proxy) <= bound
        # By another measure than the program's own; the message in hand, and an allocator's slack.
        assert resident(proxy) - before < 2 * bound + (2 << 20)
        await session.turn(0)


def resident(proxy):
    """Bytes of the process's memory."""
    with open(f"/proc/{proxy.process.pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


async def test_a_session_lasts_as_long_as_it_may(start):
    async with tenants(start, policies("session: 3s")) as (gemini, proxy):
        neighbour = await Session.open(proxy, gemini, NEIGHBOUR)
        session = await Session.open(proxy, gemini, ACME)
        code, reason = await closed(session.client)
        assert code == 1008 and "limits.session" in reason and session.id in reason
        assert (await closed(session.gemini))[0] == 1000
        await is_counted(proxy, "limits.session", 1)
        await neighbour.turn()


OF_A_SESSION = pytest.mark.parametrize(
    "limit, budget",
    [("budget.session_usd", "session_usd: 1"), ("budget.session_tokens", "session_tokens: 83333")],
)


@OF_A_SESSION
async def test_a_session_ends_with_the_turn_that_uses_its_budget_up(start, limit, budget):
    async with tenants(start, policies(budget=budget)) as (gemini, proxy):
        session = await Session.open(proxy, gemini, ACME)
        await session.turn(0.4)
        await session.turn(0.4)
        await session.turn(0.4)
        code, reason = await closed(session.client)
        assert code == 1008 and limit in reason and session.id in reason
        await is_counted(proxy, limit, 1)
        # Each session has its own.
        await (await Session.open(proxy, gemini, ACME)).turn(0.4)


@OF_A_SESSION
@pytest.mark.parametrize("how", ["it has ended", "another setup", "a restart", "a crash"])
async def test_a_conversation_that_goes_on_has_used_what_it_has_used(start, limit, budget, how):
    bounded = policies(budget=budget)
    async with tenants(start, bounded) as (gemini, proxy):
        urls = {name: text.replace("UPSTREAM", gemini.url) for name, text in bounded.items()}
        session = await Session.open(proxy, gemini, ACME)
        await session.turn(0.6)
        back = with_handle(await session.handle())
        if how == "it has ended":
            await session.client.close()
            await closed(session.gemini)
        elif how == "another setup":
            back["setup"]["systemInstruction"] = {"parts": [{"text": "Be brief."}]}
        else:
            await until(lambda: booked(proxy) > 0.59 and remembered(proxy))
            proxy.was_ended = True
            proxy.process.send_signal(signal.SIGKILL if how == "a crash" else signal.SIGTERM)
            await asyncio.to_thread(proxy.process.wait, 20)
            proxy = start(Tenants, urls, data=proxy.data)
        session = await Session.open(proxy, gemini, ACME, back)
        await session.turn(0.6)
        code, reason = await closed(session.client)
        assert code == 1008 and limit in reason and session.id in reason
        # It stays so, and gemini hears of no other attempt.
        setups = len(gemini.setups)
        code, reason = await refusal(proxy, setup=back)
        assert code == 1008 and limit in reason and len(gemini.setups) == setups
        # Each turn was paid for once, and another conversation has a budget of its own.
        await until(lambda: booked(proxy) == pytest.approx(1.2, abs=1e-4))
        assert proxy.saved("acme") <= 1.2001
        await (await Session.open(proxy, gemini, ACME)).turn(0.4)
        # With a larger one it goes on.
        higher = urls["acme.yaml"].replace(budget, f"{budget}0")
        await proxy.reload({"acme.yaml": higher})
        await (await Session.open(proxy, gemini, ACME, back)).turn(0.4)


def remembered(proxy):
    """How many conversations a next process will know of."""
    with contextlib.closing(sqlite3.connect(f"file:{proxy.data}/ledger.db?mode=ro", uri=True)) as books:
        return books.execute("SELECT count(*) FROM returns").fetchone()[0]


@pytest.mark.parametrize("ledger", ["off", "sqlite", "sqlite without the file"])
async def test_a_day_budget_holds_across_sessions_workers_and_restarts(start, ledger):
    options = ("--ledger", ledger.split()[0])
    bounded = policies(budget="day_usd: 1")
    async with tenants(start, bounded, *options) as (gemini, proxy):
        first = await Session.open(proxy, gemini, ACME)
        second = await Session.open(proxy, gemini, ACME)
        rich = await Session.open(proxy, gemini, NEIGHBOUR)
        await first.turn(0.5)
        await rich.turn(5)
        await second.turn(0.6)
        code, reason = await closed(second.client)
        assert code == 1008 and "budget.day_usd" in reason and second.id in reason
        code, reason = await refusal(proxy)
        assert code == 1008 and "budget.day_usd" in reason
        # One that was open learns of it with its next turn.
        await first.turn(0.1)
        assert "budget.day_usd" in (await closed(first.client))[1]
        await rich.turn(5)
        await until(lambda: proxy.saved("acme") > 1.19)
        if ledger != "off":
            await until(lambda: booked(proxy) > 1.19)
        proxy.was_ended = True
        proxy.process.send_signal(signal.SIGKILL)
        proxy.process.wait(10)
        if ledger.endswith("file"):
            (proxy.data / "state.db").unlink()
        urls = {name: text.replace("UPSTREAM", gemini.url) for name, text in bounded.items()}
        again = start(Tenants, urls, *options, data=proxy.data)
        assert "budget.day_usd" in (await refusal(again))[1]
        await (await Session.open(again, gemini, NEIGHBOUR)).turn(5)
        # A higher budget takes effect without a restart, and without forgetting.
        higher = policies(budget="day_usd: 1.5")["acme.yaml"].replace("UPSTREAM", gemini.url)
        await again.reload({"acme.yaml": higher})
        third = await Session.open(again, gemini, ACME)
        await third.turn(0.4)
        assert "budget.day_usd" in (await closed(third.client))[1]


def booked(proxy):
    """What the ledger has of Acme."""
    command = [PROGRAM, "usage", "--json", "--by", "tenant", "--data", proxy.data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return sum(row["cost_usd"] for row in json.loads(done.stdout or "[]") if row["tenant"] == "acme")


async def test_a_reload_under_many_sessions_disturbs_none(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    count = SESSIONS if min(hard, 65_536) > 4 * SESSIONS else 200
    loose = policies("message: 64KiB", more="turns: { rules: { audio_outside_activity: off } }")
    async with tenants(start, loose) as (gemini, proxy):
        sessions = [await Session.open(proxy, gemini, ACME) for _ in range(count - 2)]
        manual = await Session.open(proxy, gemini, ACME, MANUAL_SETUP)
        long = await Session.open(proxy, gemini, ACME)
        tight = policies("message: 2KiB")["acme.yaml"].replace("UPSTREAM", gemini.url)
        audio = json.dumps(
            {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAAA"}}}
        )
        await manual.client.send(audio)
        assert await soon(manual.gemini.recv()) == audio
        await proxy.reload({"acme.yaml": tight})
        # Tightened rules and limits are seen at once.
        await manual.client.send(audio)
        await manual.client.send('{"clientContent":{"turnComplete":false}}')
        assert "clientContent" in await soon(manual.gemini.recv())
        await long.client.send(text(3000))
        assert (await closed(long.client))[0] == 1009
        # Looser ones with the next turn: this one goes on as it began.
        asker = sessions[0]
        question = {"turns": [{"parts": [{"text": "?"}]}], "turnComplete": True}
        await asker.client.send(json.dumps({"clientContent": question}))
        await soon(asker.gemini.recv())
        await proxy.reload({"acme.yaml": loose["acme.yaml"].replace("UPSTREAM", gemini.url)})
        await sessions[1].client.send(text(3000))
        assert await soon(sessions[1].gemini.recv()) == text(3000)
        await asker.gemini.send(ANSWER)
        await soon(asker.client.recv())
        await asker.client.send(text(3000))
        assert await soon(asker.gemini.recv()) == text(3000)
        # A wrong file changes nothing, and nobody was cut off by any of this.
        await proxy.reload({"acme.yaml": "limits: { mesage: 1KiB }"})
        assert [line["message"] for line in proxy.log() if "reloaded" in line["message"]][-1] == "policy not reloaded"
        # Not all at once: each has only so long to be answered.
        for at in range(0, len(sessions), 100):
            await asyncio.gather(*(session.turn() for session in sessions[at : at + 100]))
        ended = [line for line in proxy.log() if line["message"] == "session ended"]
        assert [line["session"] for line in ended] == [long.id]
        await asyncio.gather(*(session.client.close() for session in sessions))


async def test_who_asks_midway_is_held_to_the_old_bound(start):
    async with tenants(start, policies("message: 2KiB")) as (gemini, proxy):
        session = await Session.open(proxy, gemini, ACME)
        question = {"turns": [{"parts": [{"text": "?"}]}], "turnComplete": True}
        await session.client.send(json.dumps({"clientContent": question}))
        await soon(session.gemini.recv())
        wide = policies("message: 64KiB")["acme.yaml"].replace("UPSTREAM", gemini.url)
        await proxy.reload({"acme.yaml": wide})
        await session.client.send(text(3000))
        assert (await closed(session.client))[0] == 1009
