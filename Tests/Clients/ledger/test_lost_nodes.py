"""Three nodes, a gemini by hand, and the worst moments for a node to die, to freeze, to be cut off."""

import asyncio
import contextlib
import json
import signal
import time

import pytest
from relay import MANUAL_SETUP, Gemini, closed, soon
from tenants import Tenants
from websockets.exceptions import ConnectionClosed

KEYS = {"acme": "acme-client-key-1", "other": "other-client-key-2"}
POLICY = "match: {{ keys: [env:{name}_KEY] }}\nupstream: {{ url: {url}, key: env:GEMINI_KEY }}\n"
# What the documents promise a client that dials again, and how old what is written may be.
RETURN, DELAY = 3.0, 1.0
SOUND = {"mimeType": "audio/pcm;rate=16000", "data": "AAECAwQFBgcICQoLDA0ODw==" * 200}


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("GEMINI_KEY", "the-real-gemini-key")
    for name, key in KEYS.items():
        monkeypatch.setenv(f"{name}_KEY", key)


class Fleet:
    def __init__(self, gemini, nodes, postgres):
        self.gemini, self.nodes, self.postgres = gemini, nodes, postgres

    async def dial(self, node, handle=None, tenant="acme"):
        """A client that has sent its setup."""
        client = await self.nodes[node].connect(KEYS[tenant])
        resumption = {"handle": handle} if handle else {}
        setup = MANUAL_SETUP["setup"] | {
            **{"inputAudioTranscription": {}, "outputAudioTranscription": {}},
            "sessionResumption": resumption,
        }
        await client.send(json.dumps({"setup": setup}))
        return client

    async def kill(self, node):
        process = self.nodes[node].process
        process.kill()
        await asyncio.to_thread(process.wait)
        self.nodes[node].end()

    async def written(self, count, since):
        """How long it took until as many rows were written after this moment of the database's."""
        began = time.monotonic()
        sql = f"SELECT count(*) FROM conversations WHERE written >= '{since}'"
        while await asyncio.to_thread(self.postgres.number, sql) < count:
            assert time.monotonic() - began < 20
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    async def now(self):
        return (await asyncio.to_thread(self.postgres.rows, "SELECT clock_timestamp()"))[0][0]

    def generation(self):
        return self.postgres.number("SELECT max(generation) FROM conversations")


class Talk:
    """One conversation: its client, and gemini's side of it, both by hand."""

    def __init__(self, fleet, name):
        self.fleet, self.name = fleet, name
        self.handle = None

    async def begin(self, node):
        """Up to the end of the first turn, and a handle that knows it."""
        self.client = await self.fleet.dial(node)
        await self.meet()
        await self.turn(f"My name is {self.name}.")
        await self.give(f"google-{self.name}")
        return self

    async def meet(self):
        self.line = await self.fleet.gemini.accepted()
        self.setup = json.loads(self.fleet.gemini.setups[-1])["setup"]
        assert await self.hears() == {"setupComplete": {}}

    async def come_back(self, node):
        """To another node: how long that took."""
        began = time.monotonic()
        self.client = await self.fleet.dial(node, self.handle)
        await self.meet()
        return time.monotonic() - began

    async def hears(self):
        return json.loads(await soon(self.client.recv()))

    async def says(self, **message):
        await self.client.send(json.dumps(message))
        return await self.gemini_hears()

    async def gemini_hears(self):
        return json.loads(await soon(self.line.recv()))

    async def gemini_says(self, **message):
        await self.line.send(json.dumps(message).encode())
        return await self.hears()

    async def content(self, **content):
        return await self.gemini_says(serverContent=content)

    async def ask(self, question):
        heard = await self.says(realtimeInput={"text": question})
        assert heard == {"realtimeInput": {"text": question}}, "and nothing else before it"

    async def speak(self):
        await self.content(modelTurn={"parts": [{"inlineData": SOUND | {"mimeType": "audio/pcm;rate=24000"}}]})

    async def turn(self, question):
        await self.ask(question)
        await self.speak()
        await self.content(outputTranscription={"text": f"I heard: {question}"})
        await self.content(generationComplete=True)
        await self.content(turnComplete=True)

    async def give(self, handle):
        shown = await self.gemini_says(
            sessionResumptionUpdate={"newHandle": handle, "resumable": True}
        )
        self.handle = shown["sessionResumptionUpdate"]["newHandle"]

    # MARK: Where a turn may be when the node dies

    async def is_speaking(self):
        await self.says(realtimeInput={"activityStart": {}})
        await self.says(realtimeInput={"audio": SOUND})

    async def has_asked(self):
        await self.is_speaking()
        # Not before the shortest activity is over.
        await asyncio.sleep(0.7)
        await self.says(realtimeInput={"activityEnd": {}})

    async def is_answered(self):
        await self.has_asked()
        await self.speak()
        await self.content(outputTranscription={"text": "I was just about to"})

    async def is_heard_out(self):
        await self.turn(f"{self.name} lives in Rome.")

    async def is_calling(self):
        await self.ask("Search!")
        call = {"id": f"call-{self.name}", "name": "search", "args": {}}
        shown = await self.gemini_says(toolCall={"functionCalls": [call]})
        assert shown == {"toolCall": {"functionCalls": [call]}}

    async def has_called(self):
        await self.is_calling()
        result = {"id": f"call-{self.name}", "name": "search", "response": {"output": "found"}}
        await self.says(toolResponse={"functionResponses": [result]})

    async def has_vanished(self):
        self.client.transport.abort()

    async def is_idle(self):
        pass


MOMENTS = [
    *(Talk.is_speaking, Talk.has_asked, Talk.is_answered, Talk.is_heard_out),
    *(Talk.is_calling, Talk.has_called, Talk.has_vanished, Talk.is_idle),
]


@contextlib.asynccontextmanager
async def fleet(start, postgres, tmp_path, extra=""):
    key = tmp_path / "state-key"
    key.write_text("5a" * 32 + "\n")
    key.chmod(0o600)
    async with Gemini() as gemini:
        policies = {
            f"{name}.yaml": POLICY.format(name=name, url=gemini.url) + extra for name in KEYS
        }
        arguments = (*postgres.options, "--state-key", key)
        starting = (
            asyncio.to_thread(start, Tenants, policies, *arguments, "--node", name)
            for name in ("one", "two", "three")
        )
        yield Fleet(gemini, await asyncio.gather(*starting), postgres)


async def assert_goes_on(talk, known):
    """Gemini knows what was said, is asked nothing by us, and answers the next question."""
    # By its own memory, or in words before anything else.
    resumed = talk.setup["sessionResumption"].get("handle") == f"google-{talk.name}"
    told = [] if resumed else [f"My name is {talk.name}."]
    told += [words for words in known if words not in told]
    heard = ""
    while not all(words in heard for words in told):
        try:
            message = await talk.gemini_hears()
        except TimeoutError:
            pytest.fail(f"{talk.name}: {talk.setup['sessionResumption']}, {told}, not {heard}")
        assert set(message) <= {"clientContent"}, message
        heard += json.dumps(message)
    # Nothing of the question that was open is said again behind the client's back.
    for part in ("AAECAwQF", "Search!", "found", "just about to"):
        assert part not in heard
    await talk.turn(f"What is {talk.name}?")
    await talk.give(f"google-{talk.name}")


async def test_a_node_dies_in_every_phase_of_a_turn(start, postgres, tmp_path):
    async with fleet(start, postgres, tmp_path) as three:
        talks = [await Talk(three, f"T{at}").begin(0) for at in range(len(MOMENTS))]
        await asyncio.sleep(DELAY + 0.5)
        since = await three.now()
        for talk, moment in zip(talks, MOMENTS, strict=True):
            await moment(talk)
        # The one whose turn has ended since is written, within the promised delay.
        assert await three.written(1, since) < DELAY + 1
        await three.kill(0)
        for at, (talk, moment) in enumerate(zip(talks, MOMENTS, strict=True)):
            assert await talk.come_back(1 + at % 2) < RETURN, moment
            known = [f"{talk.name} lives in Rome."] if moment is Talk.is_heard_out else []
            await assert_goes_on(talk, known)
        # And from there to the last one, whatever that node was told.
        await asyncio.sleep(DELAY + 0.5)
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
        assert sum(line.state.name == "OPEN" for line in lines) == len(open_now)


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
        await three.written(1, "epoch")
        await asyncio.sleep(DELAY)
        old, old_line = talk.client, talk.line
        # A whole turn is on its way when it freezes.
        await talk.ask("And what do I like?")
        three.nodes[0].process.send_signal(signal.SIGSTOP)
        for message in ({"generationComplete": True}, {"turnComplete": True}):
            await old_line.send(json.dumps({"serverContent": message}).encode())
        assert await talk.come_back(1) < RETURN
        await assert_goes_on(talk, ["Ada lives in Rome."])
        await talk.turn("I like tea.")
        await asyncio.sleep(DELAY)
        assert await asyncio.to_thread(three.generation) == 2
        value = "SELECT value, generation, node FROM conversations"
        before = await asyncio.to_thread(postgres.rows, value)
        three.nodes[0].process.send_signal(signal.SIGCONT)
        code, why = await closed(old)
        assert code == 1000 and "goes on at another node" in why
        await closed(old_line)
        await asyncio.sleep(DELAY + 0.5)
        assert await asyncio.to_thread(postgres.rows, value) == before
        await talk.turn("Are you still there?")


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
            assert slowest < 0.5
            # Nobody can tell whose it is: it is told to come again, and is not forgotten.
            began = time.monotonic()
            client = await three.dial(1, talk.handle)
            code, why = await closed(client)
            assert code == 1013 and "cannot be looked up now" in why
            assert time.monotonic() - began < RETURN
        finally:
            await asyncio.to_thread(postgres.pause, False)
        # What waited is written, the newest of it.
        await asyncio.sleep(2 * DELAY + 1)
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
        made_up = talk.handle[:-4] + "AAAA"
        code, _ = await closed(await three.dial(1, made_up))
        assert code == 1008
        assert await asyncio.to_thread(three.generation) == 1
        # Its own client has lost nothing by that.
        await talk.turn("Are you still there?")
        assert await talk.come_back(2) < RETURN
        await assert_goes_on(talk, [])
