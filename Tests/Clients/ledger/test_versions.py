"""Ledgers that older programs have left, and nodes that are older than the ledger they write."""

import asyncio
import functools
import json
import pathlib
import re
import subprocess

import watching
from relay import Gemini, Relay, soon
from turnkeeper import PROGRAM, Proxy

until = functools.partial(watching.until, seconds=45)

RELEASED = pathlib.Path(__file__).with_name("versions.sql").read_text()
STEPS = re.split(r"^-- Version \d+\n", RELEASED, flags=re.MULTILINE)[1:]
# A step that only adds, so that nodes can be replaced one after another.
FUTURE = f"""
    ALTER TABLE sessions ADD COLUMN mood text NOT NULL DEFAULT '';
    ALTER TABLE turn ADD COLUMN mood text NOT NULL DEFAULT '';
    ALTER TABLE processes ADD COLUMN mood text NOT NULL DEFAULT '';
    ALTER TABLE conversations ADD COLUMN mood text NOT NULL DEFAULT '';
    CREATE TABLE moods (name text PRIMARY KEY);
    CREATE INDEX turn_by_mood ON turn (mood);
    UPDATE version SET number = {len(STEPS) + 1};
"""
USAGE = {"promptTokenCount": 20, "responseTokenCount": 5, "totalTokenCount": 25}


async def turn(client, connection):
    await client.send(json.dumps({"realtimeInput": {"text": "well?"}}))
    assert "well?" in str(await soon(connection.recv()))
    blob = {"mimeType": "audio/pcm;rate=24000", "data": "AAAA"}
    await connection.send(json.dumps({"serverContent": {"modelTurn": {"parts": [{"inlineData": blob}]}}}).encode())
    await connection.send(json.dumps({"serverContent": {"turnComplete": True}, "usageMetadata": USAGE}).encode())
    while "turnComplete" not in str(await soon(client.recv())):
        pass


async def conversation(both, turns):
    client, connection = await both.session()
    for _ in range(turns):
        await turn(client, connection)
    await client.close()
    await connection.wait_closed()


def is_written(proxy):
    return proxy.count("ledger_queue") == 0 and proxy.count("ledger_success") == 1


def make(postgres, version):
    """The ledger as a program left it that knew no more."""
    postgres.psql("CREATE SCHEMA turnkeeper")
    for step in STEPS[:version]:
        postgres.psql(step)
    numbers = f"INSERT INTO version VALUES ({version}, 1)"
    postgres.psql(f"CREATE TABLE version (number int NOT NULL, oldest int NOT NULL); {numbers}")


def layout(postgres):
    """Everything but the days, which come when they are needed."""
    days = "--exclude-table=turnkeeper.*_20??????"
    lines = postgres.dump("--schema-only", "--schema=turnkeeper", days).decode().splitlines()
    # The dump begins and ends with a random word.
    return [line for line in lines if not line.startswith("\\")]


def report(postgres, *words):
    done = subprocess.run(
        [PROGRAM, *words, *map(str, postgres.options), "--json"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_every_released_version_is_brought_up_to_date(start, postgres):
    """Into the same as a new one: a step that was released is what it was."""
    async with Gemini() as gemini:
        start(Proxy, gemini.url, "", *postgres.options).end()
        new, numbers = layout(postgres), postgres.rows("SELECT * FROM version")
        assert numbers == [[str(len(STEPS)), "1"]]
        for version in range(1, len(STEPS) + 1):
            postgres.renew()
            make(postgres, version)
            assert (layout(postgres) == new) == (version == len(STEPS)), version
            start(Proxy, gemini.url, "", *postgres.options).end()
            assert layout(postgres) == new and postgres.rows("SELECT * FROM version") == numbers, version


async def test_books_of_the_oldest_version_are_read_and_continued(start, postgres):
    async with Gemini() as gemini:
        before = Relay(gemini, start(Proxy, gemini.url, "", *postgres.options, "--node", "before"))
        await conversation(before, 3)
        await until(lambda: postgres.number("SELECT count(ended_us) FROM sessions") == 1)
        await until(lambda: is_written(before.proxy))
        before.proxy.end()
        shown = report(postgres, "sessions", "show", report(postgres, "sessions", "list")[0]["id"])
        # Nothing but the books was there then.
        added = "".join(STEPS[1:])
        for table in re.findall(r"CREATE TABLE (\w+)", added):
            postgres.psql(f"DROP TABLE {table} CASCADE")
        for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", added):
            postgres.psql(f"ALTER TABLE IF EXISTS {table} DROP COLUMN {column}")
        postgres.psql("UPDATE version SET number = 1")
        starting = (
            asyncio.to_thread(start, Proxy, gemini.url, "", *postgres.options, "--node", node)
            for node in ("one", "two", "three")
        )
        nodes = await asyncio.gather(*starting)
        assert postgres.number("SELECT number FROM version") == len(STEPS)
        for node in nodes:
            await conversation(Relay(gemini, node), 2)
        await until(lambda: postgres.number("SELECT count(ended_us) FROM sessions") == 4)
        await until(lambda: all(is_written(node) for node in nodes))
        found = report(postgres, "usage")
        assert [(row["turns"], row["sessions"]) for row in found] == [(9, 4)]
        assert shown == report(postgres, "sessions", "show", shown["id"])


async def test_nodes_that_run_go_on_where_a_newer_program_has_been(start, postgres):
    """Expand, then contract: it has added to the ledger while they write it."""
    async with Gemini() as gemini:
        nodes = [
            Relay(gemini, start(Proxy, gemini.url, "", *postgres.options, "--node", name)) for name in ("one", "two")
        ]
        client, connection = await nodes[0].session()
        await turn(client, connection)
        await until(lambda: postgres.number("SELECT count(*) FROM turn WHERE number > 0") == 1)
        await asyncio.to_thread(postgres.psql, FUTURE)
        await turn(client, connection)
        # Who has to connect again looks at the version again.
        await asyncio.to_thread(postgres.kill)
        await turn(client, connection)
        await asyncio.to_thread(postgres.start)
        await turn(client, connection)
        await conversation(nodes[1], 2)
        # And who comes now.
        late = Relay(gemini, await asyncio.to_thread(start, Proxy, gemini.url, "", *postgres.options, "--node", "late"))
        await conversation(late, 2)
        await client.close()
        await until(lambda: postgres.number("SELECT count(ended_us) FROM sessions") == 3)
        await until(lambda: all(is_written(node.proxy) for node in (*nodes, late)))
        assert [(row["turns"], row["sessions"]) for row in report(postgres, "usage")] == [(8, 3)]
        assert postgres.rows("SELECT number, oldest FROM version") == [[str(len(STEPS) + 1), "1"]]
        moods = "SELECT count(*) FROM processes WHERE mood = ''"
        await until(lambda: postgres.number(moods) == 3)
