"""Rows and bytes of a PostgreSQL ledger per session and turn: spoken conversations through the proxy,
with transcripts, into a PostgreSQL of its own. Prints JSON; docs/SCALING.md reckons with it.

    TURNKEEPER=.build/release/turnkeeper .venv/genai3/bin/python Benchmarks/ledger_rows.py
"""

import asyncio
import base64
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Tests/Clients"))

from database import Postgres
from relay import Gemini, Relay, soon
from turnkeeper import Proxy

SESSIONS, TURNS = 40, 20
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


async def turn(client, connection):
    for _ in range(5):
        await client.send(json.dumps(PIECE))
        await soon(connection.recv())
    answer = [{"serverContent": {"inputTranscription": {"text": HEARD}}}]
    answer += [{"serverContent": {"modelTurn": {"parts": [SOUND]}}}] * 5
    answer += [
        {"serverContent": {"outputTranscription": {"text": SAID}}},
        {"serverContent": {"generationComplete": True}},
        {"serverContent": {"turnComplete": True}, "usageMetadata": USAGE},
    ]
    for message in answer:
        await connection.send(json.dumps(message))
    while "turnComplete" not in str(await soon(client.recv())):
        pass


async def conversation(both, turns, lock):
    async with lock:
        client, connection = await both.session()
    for _ in range(turns):
        await turn(client, connection)
    await client.close()
    await connection.wait_closed()


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


async def main():
    postgres = Postgres()
    directory = pathlib.Path(tempfile.mkdtemp())
    try:
        postgres.renew()
        async with Gemini() as gemini:
            proxy = Proxy(directory, gemini.url, "", *postgres.options)
            both, lock = Relay(gemini, proxy), asyncio.Lock()

            async def load(turns):
                await asyncio.gather(*(conversation(both, turns, lock) for _ in range(SESSIONS)))
                for _ in range(600):
                    await asyncio.sleep(1)
                    if proxy.count("ledger_queue") == 0:
                        break
                await asyncio.sleep(3)
                return state(postgres)

            empty = await load(1)
            one, many = await load(1), await load(1 + TURNS)
            proxy.end()
        spent = [number - before for number, before in zip(one[1:], empty[1:])]
        more = [number - before for number, before in zip(many[1:], one[1:])]
        figures = {
            "rows per session": {
                name: round((one[0][name] - empty[0].get(name, 0)) / SESSIONS, 2) for name in one[0]
            },
            "rows per turn": {
                name: round(
                    ((many[0][name] - one[0][name]) - (one[0][name] - empty[0].get(name, 0)))
                    / SESSIONS / TURNS, 2)
                for name in many[0]
            },
        }
        for place, name in enumerate(("bytes", "bytes of WAL", "commits", "microseconds of CPU")):
            figures[f"{name} per session of one turn"] = round(spent[place] / SESSIONS, 2)
            figures[f"{name} per turn"] = round((more[place] - spent[place]) / SESSIONS / TURNS, 2)
        print(json.dumps(figures, indent=1))
    finally:
        postgres.remove()


asyncio.run(main())
