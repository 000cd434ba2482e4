"""Rows and bytes of a PostgreSQL per session and turn: spoken conversations through the proxy, with
transcripts, into a PostgreSQL of its own; the books alone, and with conversations kept for other nodes.
Prints JSON; docs/SCALING.md reckons with it.

    TURNKEEPER=.build/release/turnkeeper .venv/genai3/bin/python Benchmarks/ledger_rows.py
"""

import asyncio
import base64
import json
import pathlib
import secrets
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/Clients"))

from database import Postgres
from relay import SETUP, Gemini, Relay, messages_of, soon
from turnkeeper import Proxy

# A session of ten minutes with a turn every fifteen seconds.
SESSIONS, TURNS = 40, 40
# Of a node that has nothing to do.
IDLE = 30
# Long enough that the conversation is written once more in each turn, as when people talk.
PACE = 1.5
# Who asks for no handle cannot come back: nothing is kept of the conversation.
UNKEPT = {"setup": {"model": SETUP["setup"]["model"]}}
# A tenth of a second of 16 kHz, and of 24 kHz.
PIECE = {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": base64.b64encode(bytes(range(1, 201)) * 16).decode()}}}
SOUND = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(bytes(range(1, 241)) * 20).decode()}}
# Ten seconds of speech are 25 words.
HEARD = "well I would like to know how far it is to the station from here and whether "
SAID = "the station is about two kilometres from where you are now and at this hour there "
USAGE = {
    "promptTokenCount": 700,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 300}, {"modality": "AUDIO", "tokenCount": 400}],
    "responseTokenCount": 250,
    "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 250}],
    "totalTokenCount": 950,
}


async def turn(client, connection, handle):
    for _ in range(5):
        await client.send(json.dumps(PIECE))
    answer = [{"serverContent": {"inputTranscription": {"text": HEARD}}}]
    answer += [{"serverContent": {"modelTurn": {"parts": [SOUND]}}}] * 5
    answer += [
        {"serverContent": {"outputTranscription": {"text": SAID}}},
        {"serverContent": {"generationComplete": True}},
        {"serverContent": {"turnComplete": True}, "usageMetadata": USAGE},
        {"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}},
    ]
    for message in answer:
        await connection.send(json.dumps(message))
    while "turnComplete" not in str(await soon(client.recv())):
        pass


async def read(connection):
    async for _ in messages_of(connection):
        pass


async def conversation(both, setup, turns, lock):
    async with lock:
        client, connection = await both.session(setup)
    # Silence that the proxy adds comes as well.
    heard = asyncio.create_task(read(connection))
    for _ in range(turns):
        await asyncio.gather(turn(client, connection, secrets.token_hex(32)), asyncio.sleep(PACE))
    await client.close()
    await heard


# Tables that grow with sessions and turns.
COUNTED = ("blocks", "connection", "conversations", "keys", "log", "sessions", "tool_call", "turn")


def state(postgres):
    tables = postgres.rows(
        "SELECT relname, sum(n) FROM (SELECT regexp_replace(c.relname, '_[0-9].*', '') AS relname, "
        "(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM turnkeeper.%I', c.relname),"
        " false, true, '')))[1]::text::bigint AS n FROM pg_class c JOIN pg_namespace s ON s.oid = relnamespace "
        "WHERE nspname = 'turnkeeper' AND relkind = 'r') t GROUP BY 1 ORDER BY 1"
    )
    bytes_ = postgres.number(
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace s ON s.oid = relnamespace "
        "WHERE nspname = 'turnkeeper' AND relkind = 'r' AND relname NOT LIKE 'log%'"
    )
    (wal,) = postgres.rows(
        "SELECT pg_current_wal_insert_lsn() - '0/0', xact_commit FROM pg_stat_database "
        "WHERE datname = current_database()"
    )
    return {name: int(count) for name, count in tables}, bytes_, *map(int, wal), cpu(postgres)


def cpu(postgres):
    """Microseconds that the database's processes have used, those that have ended included."""
    ticks = 0
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        if str(postgres.process.pid) in (path.parent.name, fields[1]):
            ticks += sum(map(int, fields[11:15 if path.parent.name == str(postgres.process.pid) else 13]))
    return ticks * 10_000


async def figures(postgres, setup, *options):
    """Of a new database."""
    postgres.renew()
    async with Gemini() as gemini:
        with tempfile.TemporaryDirectory() as directory:
            proxy = Proxy(pathlib.Path(directory), gemini.url, "", *postgres.options, *options)
            both, lock = Relay(gemini, proxy), asyncio.Lock()

            async def load(turns):
                await asyncio.gather(*(conversation(both, setup, turns, lock) for _ in range(SESSIONS)))
                for _ in range(600):
                    await asyncio.sleep(1)
                    if proxy.count("ledger_queue") == 0:
                        break
                await asyncio.sleep(3)
                return state(postgres)

            empty = await load(1)
            one, many = await load(1), await load(1 + TURNS)
            await asyncio.sleep(IDLE)
            idle = state(postgres)
            proxy.end()
    spent = [number - before for number, before in zip(one[1:], empty[1:])]
    more = [number - before for number, before in zip(many[1:], one[1:])]
    rest = [number - before for number, before in zip(idle[1:], many[1:])]
    found = {
        "rows per session": {
            name: round((one[0][name] - empty[0].get(name, 0)) / SESSIONS, 2) for name in COUNTED
        },
        "rows per turn": {
            name: round(
                ((many[0][name] - one[0][name]) - (one[0][name] - empty[0].get(name, 0)))
                / SESSIONS / TURNS, 2)
            for name in COUNTED
        },
    }
    for place, name in enumerate(("bytes", "bytes of WAL", "commits", "microseconds of CPU")):
        found[f"{name} per session of one turn"] = round(spent[place] / SESSIONS, 2)
        found[f"{name} per turn"] = round((more[place] - spent[place]) / SESSIONS / TURNS, 2)
        if name != "bytes":
            found[f"{name} per second of an idle node"] = round(rest[place] / IDLE, 2)
    return found


async def main():
    postgres = Postgres()
    try:
        with tempfile.NamedTemporaryFile("w") as key:
            key.write(secrets.token_hex(32) + "\n")
            key.flush()
            found = {
                "books": await figures(postgres, UNKEPT, "--state-key", key.name),
                "books and conversations": await figures(postgres, SETUP, "--state-key", key.name),
            }
        print(json.dumps(found, indent=1))
    finally:
        postgres.remove()


asyncio.run(main())
