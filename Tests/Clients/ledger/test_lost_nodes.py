"""Three nodes, a gemini by hand, and the worst moments for a node to die, to freeze, to be cut off."""

import asyncio
import contextlib
import copy
import json
import signal
import time

import pytest
from faulty_relay import FaultyRelay
from nodes import (
    KEYS,
    RETURN,
    WRITTEN_DOWN,
    Forgetful,
    Jealous,
    Talk,
    Unheard,
    assert_goes_on,
    fleet,
)
from relay import closed, soon
from watching import freeze, is_said, shares, until
from websockets.exceptions import ConnectionClosed


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")
    for name, key in KEYS.items():
        monkeypatch.setenv(f"{name}_KEY", key)


MOMENTS = [
    *(Talk.is_speaking, Talk.has_asked, Talk.is_answered, Talk.is_heard_out),
    *(Talk.is_calling, Talk.has_called, Talk.has_vanished, Talk.is_idle),
]


async def test_a_node_dies_in_every_phase_of_a_turn(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talks = [await Talk(three, f"T{at}").begin(0) for at in range(len(MOMENTS))]
        await three.settled(0)
        since = await three.now()
        for talk, moment in zip(talks, MOMENTS, strict=True):
            await moment(talk)
        # The one whose turn has ended since is written.
        await three.written(1, since)
        await three.settled(0)
        await three.kill(0)
        for at, (talk, moment) in enumerate(zip(talks, MOMENTS, strict=True)):
            assert await talk.come_back(1 + at % 2) < RETURN, moment
            known = [f"{talk.name} lives in Rome."] if moment is Talk.is_heard_out else []
            await assert_goes_on(talk, known)
        # And from there to the last one, whatever that node was told.
        await three.settled(1, 2)
        await three.kill(1)
        for talk in talks[::2]:
            assert await talk.come_back(2) < RETURN
            await assert_goes_on(talk, [])
        assert await asyncio.to_thread(postgres.number, "SELECT count(*) FROM conversations") == len(talks)


async def test_two_clients_with_one_handle_at_two_nodes(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talk = await Talk(three, "Ada").begin(0)
        await three.written(1, "epoch")
        await three.kill(0)
        clients = await asyncio.gather(*(three.dial(node, talk.handle) for node in (1, 2, 1, 2)))
        lines, is_over = [], False

        async def gemini():
            while not is_over:
                with contextlib.suppress(TimeoutError):
                    lines.append(await asyncio.wait_for(three.gemini.accepted(), 1))
                    # Only the newest stays open: the others are being closed.
                    await asyncio.gather(*(soon(line.wait_closed()) for line in lines[:-1]))

        accepting = asyncio.create_task(gemini())
        ends = await asyncio.gather(*(soon(reason(client)) for client in clients))
        is_over = True
        await accepting
        # One of them has it, at last; the others were told who else.
        open_now = [client for client, end in zip(clients, ends, strict=True) if end is None]
        assert len(open_now) <= 1, ends
        for end in ends:
            assert end is None or end[0] in (1000, 1008), ends
        await until(lambda: sum(line.state.name == "OPEN" for line in lines) == len(open_now))


async def reason(client):
    """With what it was closed within some seconds; nothing if it is still open."""
    with contextlib.suppress(TimeoutError, ConnectionClosed):
        async with asyncio.timeout(6):
            while True:
                await client.recv()
    return await closed(client) if client.state.name != "OPEN" else None


async def test_a_node_that_stood_still_writes_over_nothing(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talk = await Talk(three, "Ada").begin(0)
        await talk.turn("Ada lives in Rome.")
        await three.settled(0)
        old, old_line = talk.client, talk.line
        # A whole turn is on its way when it freezes.
        await talk.ask("And what do I like?")
        freeze(three.nodes[0].process)
        for message in ({"generationComplete": True}, {"turnComplete": True}):
            await old_line.send(json.dumps({"serverContent": message}).encode())
        assert await talk.come_back(1) < RETURN
        await assert_goes_on(talk, ["Ada lives in Rome."])
        await talk.turn("I like tea.")
        await three.settled(1)
        assert await asyncio.to_thread(three.generation) == 2
        value = "SELECT value, generation, node FROM conversations"
        before = await asyncio.to_thread(postgres.rows, value)
        three.nodes[0].process.send_signal(signal.SIGCONT)
        code, why = await closed(old)
        assert code == 1000 and "goes on at another node" in why
        await closed(old_line)
        await three.settled(0, 1)
        assert await asyncio.to_thread(postgres.rows, value) == before
        await talk.turn("Are you still there?")


@contextlib.asynccontextmanager
async def first_of_three_cut_off(start, postgres, tmp_path, extra=""):
    """From the database, not from its clients; it has a conversation with its client."""
    async with FaultyRelay(postgres.port) as between:
        async with fleet(start, postgres, tmp_path, extra, first=between.port) as three:
            talk = await Talk(three, "Ada").begin(0)
            await three.settled(0)
            between.swallows = True
            await until(lambda: is_said(three.nodes[0], "is cut off"))
            yield three, talk, between


async def test_a_node_that_was_cut_off_writes_over_nothing(start, postgres, tmp_path):
    async with first_of_three_cut_off(start, postgres, tmp_path) as (three, talk, between):
        # Its client stays, and has another connection, which was led elsewhere.
        old = copy.copy(talk)
        await old.turn("Ada lives in Rome.")
        assert await talk.come_back(1) < RETURN
        await assert_goes_on(talk, [])
        await talk.turn("I like tea.")
        await three.settled(1)
        # Neither node can know better.
        await old.turn("I like coffee.")
        await talk.turn("Are you still there?")
        await three.settled(1)
        assert await asyncio.to_thread(three.generation) == 2
        value = "SELECT value, generation, node, written FROM conversations"
        before = await asyncio.to_thread(postgres.rows, value)
        assert three.nodes[0].count("conversations_waiting") == 1
        between.heal()
        between.reset()
        code, why = await closed(old.client)
        assert code == 1000 and "goes on at another node" in why
        await closed(old.line)
        await until(lambda: shares(three.nodes[0]))
        await three.settled(0, 1)
        assert await asyncio.to_thread(postgres.rows, value) == before
        # It is the newer one's, and from there any node's.
        await talk.turn("Are you still there?")
        await three.settled(1)
        assert await talk.come_back(0) < RETURN
        await assert_goes_on(talk, [])


async def test_a_node_that_is_cut_off_waits_no_longer_for_its_client(start, postgres, tmp_path):
    """Nobody can tell it that the client is elsewhere."""
    park = 3.0
    policy = f"client: {{ park: {park:.0f}s }}\n"
    async with first_of_three_cut_off(start, postgres, tmp_path, policy) as (three, talk, between):
        # Who comes in time goes on where it was, on the same connection to gemini.
        setups = len(three.gemini.setups)
        talk.client.transport.abort()
        talk.client = await three.dial(0, talk.handle)
        assert await talk.hears() == {"setupComplete": {}}
        await talk.turn("Are you still there?")
        assert len(three.gemini.setups) == setups
        began = time.monotonic()
        talk.client.transport.abort()
        await closed(talk.line)
        waited = time.monotonic() - began
        print(f"parked for {waited:.2f} s of {park} s")
        assert park - 0.1 < waited < park + 2
        # Then nobody can say whose it is, and it is begun nowhere anew.
        code, why = await closed(await three.dial(0, talk.handle))
        assert code == 1013 and "cannot be looked up now" in why
        assert len(three.gemini.setups) == setups
        # Elsewhere it goes on meanwhile; and here when the database is back.
        assert await talk.come_back(1) < RETURN
        await assert_goes_on(talk, [])
        await three.settled(1)
        between.heal()
        between.reset()
        await until(lambda: shares(three.nodes[0]))
        assert await talk.come_back(0) < RETURN
        await assert_goes_on(talk, [])


async def test_what_lay_in_the_sockets_of_a_node_that_stood_still_is_not_passed_on(start, postgres, tmp_path):
    """Its clients have given up, and gone on elsewhere, before it wakes."""
    async with fleet(start, postgres, tmp_path) as three:
        talks = [await Talk(three, f"T{n}").begin(0) for n in range(12)]
        for talk in talks:
            await talk.turn(f"{talk.name} lives in Rome.")
        await three.settled(0)
        old = [(talk.client, talk.line) for talk in talks]
        freeze(three.nodes[0].process)
        for talk in talks:
            await talk.client.send(json.dumps({"realtimeInput": {"text": "And where is that?"}}))
        for talk in talks:
            assert await talk.come_back(1 + int(talk.name[1:]) % 2) < RETURN
        three.nodes[0].process.send_signal(signal.SIGCONT)
        for client, line in old:
            code, why = await closed(client)
            assert code == 1000 and "goes on at another node" in why
            with contextlib.suppress(ConnectionClosed):
                while True:
                    assert "And where is that?" not in str(await soon(line.recv()))
        for talk in talks:
            await assert_goes_on(talk, [f"{talk.name} lives in Rome."])


async def test_a_node_that_is_out_of_reach_makes_nobody_forget(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path, gemini=Jealous) as three:
        talk = await Unheard(three, "Ada").begin(0)
        await three.settled(0)
        freeze(three.nodes[0].process)
        # Nothing but gemini's handle can bring it back, and that is not given yet.
        for _ in range(2):
            began = time.monotonic()
            code, why = await closed(await three.dial(1, talk.handle, setup={}))
            assert code == 1013 and "try again" in why, why
            assert 1 < time.monotonic() - began < RETURN
        assert len(three.gemini.setups) == 1, "and nothing else is begun in its place"
        # At last gemini notices that nobody is there, while the client waits.
        asyncio.get_running_loop().call_later(1, talk.line.transport.abort)
        await talk.come_back(1)
        await assert_goes_on(talk, [])
        three.nodes[0].process.send_signal(signal.SIGCONT)
        await talk.turn("Are you still there?")


async def test_words_that_come_late_are_kept(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path, gemini=Forgetful) as three:
        talk = await Talk(three, "Ada").begin(0)
        await talk.has_asked()
        await talk.speak()
        await talk.content(turnComplete=True)
        await three.settled(0)
        # Transcripts may come when the turn is over, and nothing else comes after it.
        await talk.content(inputTranscription={"text": "Ada lives "})
        await talk.content(inputTranscription={"text": "in Rome."})
        await three.settled(0)
        await three.kill(0)
        assert await talk.come_back(1) < RETURN
        await assert_goes_on(talk, ["Ada lives in Rome."])


async def test_what_gemini_was_told_is_kept(start, postgres, tmp_path):
    """What came of calls, and an instruction that is newer than the setup."""
    model = {"model": "models/gemini-3.8-live"} | WRITTEN_DOWN
    model["systemInstruction"] = {"parts": [{"text": "Be kind."}]}
    async with fleet(start, postgres, tmp_path, gemini=Forgetful) as three:
        talk = await Talk(three, "Ada", setup=model).begin(0)
        new = {"systemInstruction": {"parts": [{"text": "Be brief."}]}}
        await talk.says(contextUpdate=new)
        await talk.is_calling()
        result = {"id": "call-Ada", "name": "search", "response": {"output": "Rome, 1815"}}
        await talk.says(toolResponse={"functionResponses": [result]})
        await talk.speak()
        await talk.content(generationComplete=True)
        await talk.content(turnComplete=True)
        await three.settled(0)
        await three.kill(0)
        assert await talk.come_back(1) < RETURN
        assert talk.setup["systemInstruction"] == new["systemInstruction"]
        assert "Rome, 1815" in json.dumps(await talk.gemini_hears())
        # And from there on: it is written with the next turn.
        await talk.turn("Thank you.")
        await talk.give("google-Ada")
        await three.settled(1)
        await three.kill(1)
        # Who comes with another instruction wants that one.
        talk.own_setup = model | {"systemInstruction": {"parts": [{"text": "Be rude."}]}}
        await talk.come_back(2)
        assert talk.setup["systemInstruction"]["parts"][0]["text"] == "Be rude."
        assert "Rome, 1815" in json.dumps(await talk.gemini_hears())


async def test_a_result_for_a_call_of_a_node_that_died_goes_nowhere(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talk = await Talk(three, "Ada").begin(0)
        await three.written(1, "epoch")
        await talk.is_calling()
        await three.kill(0)
        await talk.come_back(1)
        # The question is asked again, and nothing else is heard before that.
        result = {"id": "call-Ada", "name": "search", "response": {"output": "found"}}
        await talk.client.send(json.dumps({"toolResponse": {"functionResponses": [result]}}))
        await talk.is_calling()
        await talk.says(toolResponse={"functionResponses": [result]})


async def test_no_turn_waits_for_a_frozen_database(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talk = await Talk(three, "Ada").begin(0)
        await three.written(1, "epoch")
        await asyncio.to_thread(postgres.pause, True)
        try:
            slowest = 0
            for number in range(30):
                began = time.monotonic()
                await talk.turn(f"Number {number}.")
                slowest = max(slowest, time.monotonic() - began)
                await asyncio.sleep(0.1)
            # One that waited would wait for as long as a node waits for PostgreSQL.
            assert slowest < 2
            # Nobody can tell whose it is: it is told to come again, and is not forgotten.
            began = time.monotonic()
            client = await three.dial(1, talk.handle)
            code, why = await closed(client)
            assert code == 1013 and "cannot be looked up now" in why
            assert time.monotonic() - began < RETURN
        finally:
            await asyncio.to_thread(postgres.pause, False)
        # What waited is written, the newest of it.
        await three.settled(0)
        await three.kill(0)
        deadline = time.monotonic() + 20
        while True:
            try:
                await talk.come_back(1)
                break
            except (ConnectionClosed, TimeoutError):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.2)
        await assert_goes_on(talk, ["Number 29."])


async def test_a_database_that_is_killed_meanwhile(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talks = [await Talk(three, f"T{at}").begin(0) for at in range(3)]
        await three.written(3, "epoch")
        await asyncio.to_thread(postgres.kill)
        for talk in talks:
            await talk.turn(f"{talk.name} lives in Rome.")
        await asyncio.to_thread(postgres.start)
        # What was said in the outage is written when it is over. Each node finds the database again
        # by itself: one that has not refuses who comes back, for another to take.
        since = "pg_postmaster_start_time()"
        for sql in (
            f"SELECT count(*) FROM conversations WHERE written > {since}",
            f"SELECT count(*) FROM processes WHERE seen > {since}",
        ):
            deadline = time.monotonic() + 20
            while await asyncio.to_thread(postgres.number, sql) < 3:
                assert time.monotonic() < deadline, sql
                await asyncio.sleep(0.1)
        await three.kill(0)
        for at, talk in enumerate(talks):
            assert await talk.come_back(1 + at % 2) < RETURN
            await assert_goes_on(talk, [f"{talk.name} lives in Rome."])


async def test_another_tenants_handle_is_good_for_nothing(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talk = await Talk(three, "Ada").begin(0)
        await three.written(1, "epoch")
        for node in (0, 1, 2):
            client = await three.dial(node, talk.handle, "other")
            code, why = await closed(client)
            assert code == 1008 and "session not found" in why
        # Made up, or damaged: gemini is not asked, and sees nothing of our secrets.
        handle = talk.handle
        for made_up in (
            *(handle[:-4] + "AAAA", handle + "A" * 100_000, handle[:5] + "\0" + handle[6:]),
            *(handle + ".", handle + ".-1", handle + ".2.3", handle.replace(".", "..")),
        ):
            code, _ = await closed(await three.dial(1, made_up))
            assert code == 1008, made_up[:100]
        assert len(three.gemini.setups) == 1
        assert await asyncio.to_thread(three.generation) == 1
        # Its own client has lost nothing by that.
        await talk.turn("Are you still there?")
        assert await talk.come_back(2) < RETURN
        await assert_goes_on(talk, [])
