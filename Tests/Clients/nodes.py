"""Nodes with one PostgreSQL, and conversations with a gemini by hand, for tests of how nodes die."""

import asyncio
import contextlib
import json
import time

import pytest
from relay import MANUAL_SETUP, Gemini, soon
from tenants import Tenants
from watching import until

KEYS = {"acme": "acme-client-key-1", "other": "other-client-key-2"}
POLICY = "match: {{ keys: [env:{name}_KEY] }}\nupstream: {{ url: {url}, key: env:GEMINI_KEY }}\n"
# What the documents promise a client that dials again, and what a busy machine may add.
RETURN = 3.0 + 7.0
WRITTEN_DOWN = {"inputAudioTranscription": {}, "outputAudioTranscription": {}}
SOUND = {"mimeType": "audio/pcm;rate=16000", "data": "AAECAwQFBgcICQoLDA0ODw==" * 200}


def now(postgres):
    return postgres.rows("SELECT clock_timestamp()")[0][0]


async def another_round(postgres, *nodes):
    """Until each of them has come to a later round: what was on its way when this was called is there."""
    since = await asyncio.to_thread(now, postgres)
    for node in nodes:
        name = node.option("--node")
        sql = f"SELECT count(*) FROM processes WHERE node = '{name}' AND seen > '{since}'"
        await until(lambda: postgres.number(sql) > 0)


async def settled(postgres, *nodes):
    """Until the database has what these nodes know of conversations."""
    # What a round could not write waits once more.
    for _ in range(2):
        for node in nodes:
            await until(lambda: node.count("conversations_waiting") == 0)
        await another_round(postgres, *nodes)


class Fleet:
    def __init__(self, gemini, nodes, postgres):
        self.gemini, self.nodes, self.postgres = gemini, nodes, postgres

    async def dial(self, node, handle=None, tenant="acme", setup=WRITTEN_DOWN):
        """A client that has sent its setup."""
        client = await self.nodes[node].connect(KEYS[tenant])
        resumption = {"handle": handle} if handle else {}
        setup = MANUAL_SETUP["setup"] | setup | {"sessionResumption": resumption}
        await client.send(json.dumps({"setup": setup}))
        return client

    async def kill(self, node):
        process = self.nodes[node].process
        process.kill()
        await asyncio.to_thread(process.wait)
        self.nodes[node].end()

    async def written(self, count, since):
        """Until as many rows were written after this moment of the database's."""
        sql = f"SELECT count(*) FROM conversations WHERE written >= '{since}'"
        await until(lambda: self.postgres.number(sql) >= count)

    async def settled(self, *nodes):
        await settled(self.postgres, *(self.nodes[node] for node in nodes))

    async def now(self):
        return await asyncio.to_thread(now, self.postgres)

    def generation(self):
        return self.postgres.number("SELECT max(generation) FROM conversations")


class Talk:
    """One conversation: its client, and gemini's side of it, both by hand."""

    def __init__(self, fleet, name, setup=WRITTEN_DOWN):
        self.fleet, self.name, self.own_setup = fleet, name, setup
        self.handle = None

    async def begin(self, node):
        """Up to the end of the first turn, and a handle that knows it."""
        self.client = await self.fleet.dial(node, setup=self.own_setup)
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
        self.client = await self.fleet.dial(node, self.handle, setup=self.own_setup)
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


class Unheard(Talk):
    """Nobody writes down what is said."""

    def __init__(self, fleet, name):
        super().__init__(fleet, name, setup={})

    async def turn(self, question):
        await self.has_asked()
        await self.speak()
        await self.content(generationComplete=True)
        await self.content(turnComplete=True)


class Jealous(Gemini):
    """As the service, gives a conversation to nobody while a connection still has it."""

    holder = None

    async def _serve(self, connection):
        setup = await connection.recv()
        self.requests.append(connection.request)
        is_held = self.holder and self.holder.state.name == "OPEN"
        if is_held and json.loads(setup)["setup"]["sessionResumption"]:
            return await connection.close(1011, "Internal error encountered.")
        self.holder = connection
        self.setups.append(setup)
        await connection.send(b'{"setupComplete": {}}')
        self._connections.put_nowait(connection)
        await connection.wait_closed()


class Forgetful(Gemini):
    """Knows none of its handles any more."""

    async def _serve(self, connection):
        setup = await connection.recv()
        if json.loads(setup)["setup"]["sessionResumption"]:
            return await connection.close(1008, "BidiGenerateContent session not found")
        self.setups.append(setup)
        await connection.send(b'{"setupComplete": {}}')
        self._connections.put_nowait(connection)
        await connection.wait_closed()


@contextlib.asynccontextmanager
async def fleet(start, postgres, tmp_path, extra="", gemini=Gemini, first=None):
    """`first`: the port where the first node finds the database, if not its own."""
    key = tmp_path / "state-key"
    key.write_text("5a" * 32 + "\n")
    key.chmod(0o600)
    async with gemini() as gemini:
        policies = {
            f"{name}.yaml": POLICY.format(name=name, url=gemini.url) + extra for name in KEYS
        }

        def options(name):
            to = f":{first if first and name == 'one' else postgres.port}/"
            shared = (str(option).replace(f":{postgres.port}/", to) for option in postgres.options)
            return (*shared, "--state-key", key, "--node", name)

        starting = (
            asyncio.to_thread(start, Tenants, policies, *options(name))
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
